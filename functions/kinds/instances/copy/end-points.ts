import type { CopyMemory } from "../../../core/instances/copy/pass-state.ts";
import { hasLeftQueue } from "../../../core/instances/copy/progress.ts";
import type { QueueChunk } from "../../../core/instances/copy/queue.ts";
import { limits } from "../../../core/limits.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { discardPoint } from "../capture/discard.ts";
import { settlePoint } from "./settle-point.ts";

/** What this pass settled, and what is still to be settled. */
export type Ended = {
  completed: string[];
  discarded: string[];
  /** Resource -> why one of its points was given up. */
  problems: Record<string, string>;
  /** Resource -> copies that were found in error. */
  failed: Map<string, number>;
  /** Entries that went back into the queue. */
  requeued: number;
  settling: CopyMemory["settling"];
};

type At = { chunks: QueueChunk[]; isCut: boolean; startedAt: Date };

/** Gives up the points that can never be whole, and settles those whose entries have all ended, as far as the time goes. */
export const endPoints = async (
  context: Context,
  run: Run,
  memory: CopyMemory,
  lost: Map<string, string>,
  { chunks, isCut, startedAt }: At,
): Promise<Ended> => {
  const { store, now } = context;
  const ended: Ended = { completed: [], discarded: [], problems: {}, failed: new Map(), requeued: 0, settling: [] };
  for (const [id, because] of lost) {
    const point = await store.point(run.application, id);
    if (point?.state !== "open") continue;
    await discardPoint(context, point, because);
    ended.discarded.push(id);
    ended.problems[point.resource] = `${id} was given up: ${because}`;
  }

  for (const settling of settlingOf(memory, chunks)) {
    const isLate = now().getTime() - startedAt.getTime() > limits.startingSeconds * 1_000;
    if (lost.has(settling.point)) continue;
    if (isLate || !hasLeftQueue(settling, chunks, isCut)) {
      ended.settling.push(settling);
      continue;
    }
    const settled = await settlePoint(context, run, settling.point);
    if (!settled) continue;
    const { outcome, point, because, failed, requeued } = settled;
    ended.failed.set(point.resource, (ended.failed.get(point.resource) ?? 0) + failed);
    ended.requeued += requeued;
    if (outcome === "complete") ended.completed.push(point.id);
    if (outcome === "discarded") ended.discarded.push(point.id);
    if (outcome === "discarded") ended.problems[point.resource] = `${point.id} was given up: ${because}`;
    if (outcome === "requeued" && requeued === 0) ended.settling.push(settling);
  }
  return ended;
};

/** Those of earlier passes, and those of which a chunk has ended now. */
const settlingOf = (memory: CopyMemory, chunks: QueueChunk[]) => {
  const byPoint = new Map(memory.settling.map((one) => [one.point, one]));
  for (const { point, deadline, entries } of chunks)
    if (entries.every(({ ended }) => ended)) byPoint.set(point, { point, deadline });
  return byPoint.values();
};
