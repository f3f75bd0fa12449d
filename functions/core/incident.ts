import type { Verdict } from "./verdict.ts";
import { secondsSince } from "./witness.ts";

/** `answeredAt`: when its run was started, or its message sent. */
export type EvidenceIncident = { id: string; firstFailingAt: string; answeredAt: string | null };

/** Id of an incident: the minute of its first failing evidence, as in 20260302T1200Z. */
export const incidentId = (firstFailingAt: string) => firstFailingAt.replace(/[-:]/g, "").slice(0, 13) + "Z";

/**
 * The incident that goes on, or the one that this verdict opens, or null. One that was answered lasts until green was
 * sustained, so that a flapping witness does not make two runs of one; one that nothing followed ends with the first green.
 */
export const followIncident = (
  before: EvidenceIncident | null,
  verdict: Verdict,
  greenSince: string | null,
  now: Date,
  sustainedSeconds: number,
): EvidenceIncident | null => {
  const isGreen = greenSince !== null || verdict.code === "Healthy";
  const isOver = before?.answeredAt
    ? greenSince !== null && secondsSince(greenSince, now) >= sustainedSeconds
    : before !== null && isGreen;
  if (before) return isOver ? null : before;
  if (verdict.code !== "RegionUnhealthy" || !verdict.firstFailingAt) return null;
  return { id: incidentId(verdict.firstFailingAt), firstFailingAt: verdict.firstFailingAt, answeredAt: null };
};
