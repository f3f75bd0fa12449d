import { secondsSince } from "../../clock/time.ts";
import { unseenSeconds } from "../../clock/visibility.ts";
import type { SnapshotFact } from "../capture/snapshot.ts";
import type { ImageCopy } from "./judge-copy.ts";
import type { QueueChunk } from "./queue.ts";
import { isImageEntry, type Start } from "./startable.ts";

/** The source is not what the queue says. */
const changedCodes = [
  "InvalidSnapshot.NotFound",
  "IncorrectState",
  "InvalidAMIID.NotFound",
  "InvalidAMIID.Unavailable",
];

export const isSourceChanged = (code: string): boolean => changedCodes.includes(code);

/**
 * The next step after EC2 did not start a copy. stop: no further copy starts in this pass · changed: its source must be
 * checked · later: the next pass tries it again · refused: no further copy of its resource starts in this run.
 * `isPassing`: a throttle, a limit or a lost reply, which would meet every further call too.
 */
export const afterRefusal = (code: string, isPassing: boolean): "stop" | "changed" | "later" | "refused" => {
  if (isPassing) return "stop";
  if (isSourceChanged(code)) return "changed";
  return code === "TransientError" ? "later" : "refused";
};

/** Sources of refused copies as the source Region shows them; null = not listed, or it did not respond. */
export type ShownSources = { images: ReadonlyMap<string, ImageCopy> | null; snapshots: SnapshotFact[] | null };

/** Point -> why it can never be complete: one of its sources is in error, or gone. */
export const lostBySources = (
  refused: Start[],
  { images, snapshots }: ShownSources,
  now: Date,
): Map<string, string> => {
  const lost = new Map<string, string>();
  const note = ({ chunk, entry }: Start, of: string, source: { isBroken: boolean; because: string | null } | null) => {
    if (source?.isBroken)
      lost.set(chunk.point, `${entry.from} of ${of} failed: ${source.because ?? "no reason given"}`);
    const isOld = secondsSince(entry.takenAt ?? chunk.takenAt, now) > unseenSeconds;
    if (!source && isOld) lost.set(chunk.point, `${entry.from} of ${of} is gone`);
  };
  for (const start of snapshots ? refused.filter(({ entry }) => !isImageEntry(entry)) : []) {
    const source = snapshots?.find(({ id }) => id === start.entry.from);
    note(start, start.entry.volume, source ? { ...source, isBroken: source.state === "error" } : null);
  }
  for (const start of images ? refused.filter(({ entry }) => isImageEntry(entry)) : []) {
    const source = images?.get(start.entry.from);
    note(start, start.entry.server, source ? { ...source, isBroken: source.state === "failed" } : null);
  }
  return lost;
};

/** The chunks, those of a refused copy waiting for their sources again unless their point is lost. */
export const awaitingSources = (
  chunks: QueueChunk[],
  refused: Start[],
  lost: ReadonlyMap<string, string>,
): QueueChunk[] => {
  const isRefused = ({ point, number }: QueueChunk) =>
    !lost.has(point) && refused.some(({ chunk }) => chunk.point === point && chunk.number === number);
  return chunks.map((chunk) => (isRefused(chunk) ? { ...chunk, sourcesReady: false } : chunk));
};
