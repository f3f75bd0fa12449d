import type { Point } from "./point.ts";
import type { VolumeProgress } from "./volume-progress.ts";

/** Open points of one resource that may wait side by side, as first copies longer than a pass make them. */
const openPointsMax = 3;

export type Settlement = {
  action: "complete" | "discard" | "keep";
  code: "AllCopied" | "NoServers" | "SourceLost" | "Superseded" | "NeverTaken" | "TooManyOpen" | "InProgress";
  because: string;
};

/**
 * What becomes of an open point. `others`: the further points of its resource; only a newer complete one, or doubt-free
 * failure, ends a point that is not whole, so that the last good one is never given up for it.
 */
export const settle = (
  point: Point,
  volumes: VolumeProgress[],
  others: Point[],
  everySeconds: number,
  now: Date,
): Settlement => {
  if (point.servers.length === 0) return discard("NoServers", point.because ?? "no server was left");
  const missing = point.servers.filter((server) => !volumes.some((volume) => volume.server === server));
  if (missing.length === 0 && volumes.every(({ state }) => state === "copied"))
    return { action: "complete", code: "AllCopied", because: `${volumes.length} copies are completed` };

  const lost = volumes.find(({ state }) => state === "lost");
  if (lost) return discard("SourceLost", lost.because);

  const newer = others.filter(({ state, openedAt }) => state !== "discarded" && openedAt > point.openedAt);
  const ageSeconds = (now.getTime() - Date.parse(point.openedAt)) / 1_000;
  const successor = newer.find(({ state }) => state === "complete");
  if (successor && ageSeconds > everySeconds) return discard("Superseded", `${successor.id} is newer and complete`);

  const untaken = missing[0] ?? volumes.find(({ state }) => state === "untaken")?.server;
  if (untaken && newer[0])
    return discard("NeverTaken", `${untaken} was never snapshotted, and ${newer[0].id} was opened since`);
  if (newer.length >= openPointsMax)
    return discard(
      "TooManyOpen",
      `${newer.length} newer points stand open: copies take far longer than ${everySeconds} s`,
    );

  const copied = volumes.filter(({ state }) => state === "copied").length;
  return { action: "keep", code: "InProgress", because: `${copied} of ${volumes.length} copies are completed` };
};

const discard = (code: Settlement["code"], because: string): Settlement => ({ action: "discard", code, because });
