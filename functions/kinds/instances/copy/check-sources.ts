import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { secondsSince } from "../../../core/clock/time.ts";
import { unseenSeconds } from "../../../core/clock/visibility.ts";
import type { QueueChunk } from "../../../core/instances/copy/queue.ts";
import { isImage, type Start } from "../../../core/instances/copy/schedule.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { unlessSilent } from "../capture/replication.ts";
import { imageCopyStates } from "./copy-images.ts";

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
  const images = await lostImages(context, run, changed);
  const snapshots = changed.filter(({ entry }) => !isImage(entry));
  const filters = [{ Name: "snapshot-id", Values: snapshots.map(({ entry }) => entry.from) }];
  const list = () => listSnapshots(context.clients, run.source, filters);
  const found = snapshots.length ? await unlessSilent(context, run, list) : null;
  for (const { chunk, entry } of found ? snapshots : []) {
    const source = found?.find(({ id }) => id === entry.from);
    if (source?.state === "error")
      lost.set(chunk.point, `${entry.from} of ${entry.volume} failed: ${source.because ?? "no reason given"}`);
    if (!source && isOld(context, { chunk, entry })) lost.set(chunk.point, `${entry.from} of ${entry.volume} is gone`);
  }

  for (const [point, because] of images) lost.set(point, because);
  const isChanged = ({ point, number }: QueueChunk) =>
    !lost.has(point) && changed.some(({ chunk }) => chunk.point === point && chunk.number === number);
  const unready = chunks.map((chunk) => (isChanged(chunk) ? { ...chunk, sourcesReady: false } : chunk));
  await context.store.saveQueue(unready.filter((chunk, at) => chunk !== chunks[at]));
  return { chunks: unready, lost };
};

/** Old enough that what EC2 does not show of it is gone. */
const isOld = ({ now }: Context, { chunk, entry }: Pick<Start, "chunk" | "entry">) =>
  secondsSince(entry.takenAt ?? chunk.takenAt, now()) > unseenSeconds;

/** Points of servers that go by an image whose source image failed or is gone, and why. */
const lostImages = async (context: Context, run: Run, changed: Start[]): Promise<Map<string, string>> => {
  const images = changed.filter(({ entry }) => isImage(entry));
  const ids = images.map(({ entry }) => entry.from);
  const states = ids.length ? await unlessSilent(context, run, () => imageCopyStates(context, run.source, ids)) : null;
  const lost = new Map<string, string>();
  for (const start of states ? images : []) {
    const { chunk, entry } = start;
    const image = states?.get(entry.from);
    if (image?.state === "failed")
      lost.set(chunk.point, `${entry.from} of ${entry.server} failed: ${image.because ?? "no reason given"}`);
    if (!image && isOld(context, start)) lost.set(chunk.point, `${entry.from} of ${entry.server} is gone`);
  }
  return lost;
};
