import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { awaitingSources, lostBySources } from "../../../core/instances/copy/judge-refused.ts";
import type { QueueChunk } from "../../../core/instances/copy/queue.ts";
import { isImageEntry, type Start } from "../../../core/instances/copy/startable.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { unlessSilent } from "../capture/replication.ts";
import { imageCopyStates } from "./copy-images.ts";

/** `lost`: point -> why it can never be complete. */
export type CheckedSources = { chunks: QueueChunk[]; lost: Map<string, string> };

/**
 * Checks the sources that a copy was refused for: they are in `error`, or gone, or still pending; then their chunk waits
 * for its sources again.
 */
export const checkSources = async (
  context: Context,
  run: Run,
  chunks: QueueChunk[],
  refused: Start[],
): Promise<CheckedSources> => {
  if (refused.length === 0) return { chunks, lost: new Map() };
  const idsOf = (starts: Start[]) => starts.map(({ entry }) => entry.from);
  const ami = idsOf(refused.filter(({ entry }) => isImageEntry(entry)));
  const snapshot = idsOf(refused.filter(({ entry }) => !isImageEntry(entry)));
  const readImages = () => imageCopyStates(context, run.source, ami);
  const filters = [{ Name: "snapshot-id", Values: snapshot }];
  const readSnapshots = () => listSnapshots(context.clients, run.source, filters);
  const images = ami.length ? await unlessSilent(context, run, readImages) : null;
  const snapshots = snapshot.length ? await unlessSilent(context, run, readSnapshots) : null;

  const lost = lostBySources(refused, { images, snapshots }, context.now());
  const waiting = awaitingSources(chunks, refused, lost);
  await context.store.saveQueue(waiting.filter((chunk, at) => chunk !== chunks[at]));
  return { chunks: waiting, lost };
};
