import { secondsSince } from "../clock/time.ts";
import type { Verdict } from "./verdict.ts";

/** What Lifeboat did about an incident: started a run that acts, or one that asks, or notified people. */
export type IncidentAnswer = "act" | "ask" | "notify";
/** `answeredAt`: when Lifeboat did what `answer` says; no person need have answered anything by then. */
export type EvidenceIncident = {
  id: string;
  firstFailingAt: string;
  answeredAt: string | null;
  answer?: IncidentAnswer;
};

/** What Lifeboat did about an incident, in words. What people did, they know. */
export const doneAbout = ({ answeredAt, answer }: EvidenceIncident): string => {
  if (!answeredAt) return "nothing was done yet";
  if (answer === "act") return `a run was started at ${answeredAt}`;
  if (answer === "ask") return `people were asked at ${answeredAt}`;
  return answer === "notify" ? `people were notified at ${answeredAt}` : `it was acted on at ${answeredAt}`;
};

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
