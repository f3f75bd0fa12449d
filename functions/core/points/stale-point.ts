import { secondsSince } from "../clock/time.ts";
import type { Point } from "../model/recovery-point.ts";

/** Open points of one resource that may wait side by side, as first copies longer than a pass make them. */
const openPointsMax = 3;

/**
 * Why an open point is discarded before its copies are listed, or null. `others`: the further points of its resource;
 * only a newer complete one, or a certain failure, ends an incomplete point.
 */
export const stalePoint = (point: Point, others: Point[], everySeconds: number, now: Date): string | null => {
  if (point.servers.length === 0 && point.opening === undefined) return point.because ?? "no server was left";
  const newer = others.filter(({ state, openedAt }) => state !== "discarded" && openedAt > point.openedAt);
  const ageSeconds = secondsSince(point.openedAt, now);
  const successor = newer.find(({ state, damaged }) => state === "complete" && !damaged);
  if (successor && ageSeconds > everySeconds) return `${successor.id} is newer and complete`;
  return newer.length >= openPointsMax
    ? `${newer.length} newer points are open: copies take far longer than ${everySeconds} s`
    : null;
};

/** When the objective is missed unless this point is complete, ISO 8601. Without a complete point it is missed already. */
export const deadlineOf = (openedAt: string, newest: Point | null, rpoSeconds: number) =>
  newest?.pointAt ? new Date(Date.parse(newest.pointAt) + rpoSeconds * 1_000).toISOString() : openedAt;
