import type { SnapshotFact } from "../capture/snapshot.ts";
import { type CopyVerdict, type ImageCopy, judgeEnded, judgeImage } from "./judge-copy.ts";
import type { QueueChunk, QueueEntry } from "./queue.ts";
import { isImageEntry, isInFlight } from "./startable.ts";

/** Chunks as they were stored, and as they are now; in the same order. */
type Chunks = { stored: QueueChunk[]; chunks: QueueChunk[] };

/** The copies to be proven as the target Region shows them, by the id of the copy. */
export type ShownCopies = { images: ReadonlyMap<string, ImageCopy>; snapshots: ReadonlyMap<string, SnapshotFact> };

export type Proof = {
  chunks: QueueChunk[];
  /** Resources of which a completed copy was seen. */
  proven: string[];
  /** Resource -> copies that were found in error. */
  failed: Map<string, number>;
  /** Points of which a copy failed too often, and why. */
  lost: Map<string, string>;
};

/**
 * The copies to check now: the first copies of a resource that end in a run, before all of its queue fails in the same
 * way, as a key that cannot be used shows only as copies in `error`. A later copy is checked when its point is settled.
 * Images are few, and no listing of snapshots shows their end: they are checked each time.
 */
export const copiesToProve = ({ stored, chunks }: Chunks, proven: string[]): QueueEntry[] =>
  chunks.flatMap((chunk, index) =>
    chunk.entries.filter((entry, at) =>
      isImageEntry(entry)
        ? isInFlight(entry) && entry.copy !== null
        : !proven.includes(chunk.resource) && entry.ended && !stored[index]?.entries[at]?.ended,
    ),
  );

/** The chunks and the proven resources after the copies to be proven were checked. */
export const proofOf = (read: Chunks, shown: ShownCopies, proven: string[], now: Date): Proof => {
  const verdicts = new Map(copiesToProve(read, proven).map((entry) => [entry, verdictOn(entry, shown, now)]));
  const proof: Proof = { chunks: [], proven: [...proven], failed: new Map(), lost: new Map() };
  for (const chunk of read.chunks) {
    const isChecked = chunk.entries.some((entry) => verdicts.has(entry));
    const entries = chunk.entries.map((entry) => verdicts.get(entry)?.entry ?? entry);
    proof.chunks.push(isChecked ? { ...chunk, entries } : chunk);
    for (const entry of chunk.entries) count(proof, chunk, verdicts.get(entry)?.outcome, verdicts.get(entry)?.because);
  }
  return proof;
};

const count = (
  { proven, failed, lost }: Proof,
  { resource, point }: QueueChunk,
  outcome: CopyVerdict["outcome"] | undefined,
  because = "",
) => {
  if (outcome === "copied" && !proven.includes(resource)) proven.push(resource);
  if (outcome === "again" || outcome === "failed") failed.set(resource, (failed.get(resource) ?? 0) + 1);
  if (outcome === "failed" && !lost.has(point)) lost.set(point, because);
};

/** The verdict on an entry, or null when the Region does not show its copy. */
const verdictOn = (entry: QueueEntry, { images, snapshots }: ShownCopies, now: Date): CopyVerdict | null => {
  const id = entry.copy ?? "";
  if (isImageEntry(entry)) return judgeImage(entry, images.get(id), now);
  const snapshot = snapshots.get(id);
  return snapshot ? judgeEnded(entry, [snapshot], now) : null;
};
