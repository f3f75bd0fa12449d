import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import { type CopyVerdict, judgeEnded, judgeImage } from "../../../core/instances/copy/judge-copy.ts";
import type { QueueChunk, QueueEntry } from "../../../core/instances/copy/queue.ts";
import { isImage, isInFlight } from "../../../core/instances/copy/schedule.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { imageCopyStates } from "./copy-images.ts";
import type { QueueLook } from "./read-queue.ts";

export type Proof = {
  chunks: QueueChunk[];
  /** Resources of which a copy was seen completed. */
  proven: string[];
  /** Resource -> copies that were found in error. */
  failed: Map<string, number>;
  /** Points of which a copy failed too often, and why. */
  lost: Map<string, string>;
};

/**
 * Looks at the first copies of a resource that end in a run, before all of its queue goes the same way: a key that may
 * not be used shows only as copies in `error`. Afterwards a copy is judged when its point is settled. Images are few,
 * and no listing of snapshots tells their end: they are looked at each time.
 */
export const proveEnded = async (
  context: Context,
  run: Run,
  { stored, chunks }: QueueLook,
  known: string[],
): Promise<Proof> => {
  const proof: Proof = { chunks, proven: [...known], failed: new Map(), lost: new Map() };
  const asked = chunks.flatMap((chunk, index) =>
    chunk.entries.filter((entry, at) =>
      isImage(entry)
        ? isInFlight(entry) && entry.copy !== null
        : !known.includes(chunk.resource) && entry.ended && !stored[index]?.entries[at]?.ended,
    ),
  );
  if (asked.length === 0) return proof;
  const judge = await judges(context, run, asked);
  proof.chunks = chunks.map((chunk) => {
    if (!chunk.entries.some((entry) => asked.includes(entry))) return chunk;
    const entries = chunk.entries.map((entry) => {
      const verdict = asked.includes(entry) ? judge(entry) : null;
      if (verdict) note(proof, chunk, verdict);
      return verdict?.entry ?? entry;
    });
    return { ...chunk, entries };
  });
  return proof;
};

const note = ({ proven, failed, lost }: Proof, { resource, point }: QueueChunk, { outcome, because }: CopyVerdict) => {
  if (outcome === "copied" && !proven.includes(resource)) proven.push(resource);
  if (outcome === "again" || outcome === "failed") failed.set(resource, (failed.get(resource) ?? 0) + 1);
  if (outcome === "failed" && !lost.has(point)) lost.set(point, because);
};

/** The verdict on an entry, or null when nothing of it is visible. */
const judges = async (context: Context, run: Run, asked: QueueEntry[]) => {
  const idsOf = (entries: QueueEntry[]) => entries.flatMap(({ copy }) => copy ?? []);
  const [images, snapshots] = [asked.filter(isImage), asked.filter((entry) => !isImage(entry))];
  const states = images.length ? await imageCopyStates(context, run.target, idsOf(images)) : new Map();
  const filters = [{ Name: "snapshot-id", Values: idsOf(snapshots) }];
  const facts = await listSnapshots(context.clients, run.target, filters);
  const byId = new Map<string, SnapshotFact>(facts.map((fact) => [fact.id, fact]));
  return (entry: QueueEntry): CopyVerdict | null => {
    if (isImage(entry)) return judgeImage(entry, states.get(entry.copy), context.now());
    const fact = byId.get(entry.copy ?? "");
    return fact ? judgeEnded(entry, [fact], context.now()) : null;
  };
};
