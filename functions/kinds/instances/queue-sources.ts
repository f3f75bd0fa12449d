import { listSnapshots } from "../../aws/snapshots.ts";
import { isImage, type Start } from "../../core/copy-queue.ts";
import { unseenSeconds } from "../../core/point-sets.ts";
import type { QueueChunk } from "../../core/queue.ts";
import type { Run } from "../../core/run.ts";
import type { Context } from "../../runtime/context.ts";
import { unlessSilent } from "./replication.ts";

/** `lost`: point -> why it can never be whole. */
export type Sources = { chunks: QueueChunk[]; lost: Map<string, string> };

/**
 * Looks at the source snapshots that a copy was refused for: they are in `error`, or gone, or pending after all; then
 * their chunk waits for its sources again.
 */
export const judgeSources = async (
  context: Context,
  run: Run,
  { chunks, changed }: { chunks: QueueChunk[]; changed: Start[] },
): Promise<Sources> => {
  const lost = new Map<string, string>();
  if (changed.length === 0) return { chunks, lost };
  const snapshots = changed.filter(({ entry }) => !isImage(entry));
  const filters = [{ Name: "snapshot-id", Values: snapshots.map(({ entry }) => entry.from) }];
  const list = () => listSnapshots(context.clients, run.source, filters);
  const found = snapshots.length ? await unlessSilent(context, run, list) : null;
  for (const { chunk, entry } of found ? snapshots : []) {
    const source = found?.find(({ id }) => id === entry.from);
    const ageSeconds = (context.now().getTime() - Date.parse(entry.takenAt ?? chunk.takenAt)) / 1_000;
    if (source?.state === "error")
      lost.set(chunk.point, `${entry.from} of ${entry.volume} failed: ${source.because ?? "no reason given"}`);
    if (!source && ageSeconds > unseenSeconds) lost.set(chunk.point, `${entry.from} of ${entry.volume} is gone`);
  }

  const isChanged = ({ point, number }: QueueChunk) =>
    !lost.has(point) && changed.some(({ chunk }) => chunk.point === point && chunk.number === number);
  const unready = chunks.map((chunk) => (isChanged(chunk) ? { ...chunk, sourcesReady: false } : chunk));
  await context.store.saveQueue(unready.filter((chunk, at) => chunk !== chunks[at]));
  return { chunks: unready, lost };
};
