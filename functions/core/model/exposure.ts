import { secondsSince } from "../clock/time.ts";
import type { Point } from "./recovery-point.ts";

/** How old is what could be recovered of a resource now: every kind says it in this way, by its points or by its lag. */
export type Exposure = {
  resource: string;
  /** Time of the newest state that could be recovered, ISO 8601; null when there is none. */
  recoverableAt: string | null;
  /** Id of the recovery point; null of a kind that replicates without a pause. */
  point: string | null;
};

/** Of a kind that makes recovery points: the time of the point. */
export const exposureOfPoint = (resource: string, point: Pick<Point, "id" | "pointAt"> | null): Exposure => ({
  resource,
  recoverableAt: point?.pointAt ?? null,
  point: point?.id ?? null,
});

/** Of a kind that replicates without a pause: so many seconds before now; null when its lag is not known. */
export const exposureOfLag = (resource: string, lagSeconds: number | null, now: Date): Exposure => ({
  resource,
  recoverableAt: lagSeconds === null ? null : new Date(now.getTime() - lagSeconds * 1_000).toISOString(),
  point: null,
});

/** Whole seconds of writes that a loss at this moment would take; null when nothing could be recovered. */
export const ageSecondsOf = ({ recoverableAt }: Pick<Exposure, "recoverableAt">, now: Date): number | null =>
  recoverableAt ? Math.round(secondsSince(recoverableAt, now)) : null;
