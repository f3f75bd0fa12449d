import { chunksOf, entriesOf } from "../../../core/instances/copy/enqueue.ts";
import type { QueueEntry } from "../../../core/instances/copy/queue.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Context } from "../../../runtime/context.ts";
import { visitManifests } from "./manifest-pages.ts";

/** An empty `lacking` means that the copies of the point are in the queue now. */
export type EnqueueResult = { point: Point; lacking: string[] };

/**
 * Writes the copy queue of a point whose servers all have their sets, then that it is written. Safe to run twice, as
 * long as none of its copies was started.
 */
export const enqueuePoint = async (context: Context, point: Point): Promise<EnqueueResult> => {
  const entries: QueueEntry[] = [];
  const lacking: string[] = [];
  await visitManifests(context, point, null, (page) => {
    for (const manifest of page)
      if (manifest.takenAt) entries.push(...entriesOf(manifest));
      else lacking.push(manifest.server);
    return "more";
  });
  if (lacking.length > 0) return { point, lacking };

  const queued: Point = { ...point, deadline: point.deadline ?? point.openedAt, queued: true };
  await context.store.saveQueue(chunksOf(queued, entries));
  await context.store.savePoint(queued);
  context.log.info("copies queued", { point: point.id, copies: entries.length });
  return { point: queued, lacking };
};
