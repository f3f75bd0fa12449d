import { secondsSince } from "../../clock/time.ts";
import { unseenSeconds } from "../../clock/visibility.ts";
import { tagKeys } from "../../names.ts";
import { byAge, type SnapshotFact } from "../capture/snapshot.ts";
import type { QueueEntry } from "./queue.ts";

/** Copies of one source that may end in `error`, or vanish, before its point is discarded. */
const failedCopiesMax = 2;

/** copied · wait: pending, or not visible yet · again: to be copied once more · failed: its point is lost. */
export type CopyVerdict = { outcome: "copied" | "wait" | "again" | "failed"; entry: QueueEntry; because: string };

/** An image that EC2 shows, and its snapshots by device. */
export type ImageCopy = {
  state: "pending" | "available" | "failed";
  because: string | null;
  snapshots: { device: string; snapshot: string }[];
};

/** The verdict on an entry that has ended, given the copies of its source that the target Region shows. */
export const judgeEnded = (entry: QueueEntry, copies: SnapshotFact[], now: Date): CopyVerdict => {
  const inOrder = [...copies].sort(byAge);
  const completed = inOrder.find(({ state }) => state === "completed");
  if (completed)
    return {
      outcome: "copied",
      entry: { ...entry, copy: completed.id, ended: true },
      because: `${completed.id} is completed`,
    };
  const pending = inOrder.find(({ state }) => state !== "error");
  if (pending)
    return {
      outcome: "wait",
      entry: { ...entry, askedAt: entry.askedAt ?? pending.startedAt, copy: pending.id, ended: false },
      because: `${pending.id} is at ${pending.progress} %`,
    };

  const failed = inOrder.filter(({ state }) => state === "error");
  const age = secondsSince(entry.askedAt ?? "", now);
  if (failed.length === 0 && age < unseenSeconds)
    return { outcome: "wait", entry, because: `${entry.copy} is not visible yet` };
  const tries = Math.max(entry.tries + 1, failed.length);
  const reason = failed.at(-1)?.because ?? (failed.length ? "no reason given" : "gone");
  const because = `${tries} ${tries === 1 ? "copy" : "copies"} of ${entry.from} ended in error: ${reason}`;
  return { outcome: tries >= failedCopiesMax ? "failed" : "again", entry: askAgain({ ...entry, tries }), because };
};

/** The same for the copy of an image; `image` is missing when EC2 does not show it. */
export const judgeImage = (
  entry: QueueEntry,
  image: Pick<ImageCopy, "state" | "because"> | undefined,
  now: Date,
): CopyVerdict => {
  const copy = entry.copy ?? entry.from;
  const age = secondsSince(entry.askedAt ?? "", now);
  if (image?.state === "available")
    return { outcome: "copied", entry: { ...entry, ended: true }, because: `${copy} is available` };
  if (image?.state === "pending" || (!image && age < unseenSeconds))
    return { outcome: "wait", entry: { ...entry, ended: false }, because: `${copy} is pending` };
  const tries = entry.tries + 1;
  const because = `${tries} ${tries === 1 ? "copy" : "copies"} of ${entry.from} failed: ${image ? (image.because ?? "no reason given") : "gone"}`;
  return { outcome: tries >= failedCopiesMax ? "failed" : "again", entry: askAgain({ ...entry, tries }), because };
};

const askAgain = (entry: QueueEntry): QueueEntry => ({ ...entry, askedAt: null, copy: null, ended: false });

/** Copies by their source snapshot. */
export const bySource = (copies: SnapshotFact[]): Map<string, SnapshotFact[]> =>
  Map.groupBy(copies, ({ tags }) => tags[tagKeys.sourceSnapshot] ?? "");
