import type { Decision } from "./decide.ts";
import type { Verdict } from "./verdict.ts";
import { freshSeconds, type Reading, secondsSince } from "./witness.ts";

/** What is remembered of one application's health from tick to tick: one item of the table. Times are ISO 8601. */
export type Evidence = {
  votes: Record<string, Vote>;
  /** Since when the verdict is Healthy without a gap. */
  greenSince: string | null;
  /** First time since the last run that green was sustained: before it nothing starts by itself. */
  armedAt: string | null;
  verdict: Verdict;
  decision: (Decision & { at: string }) | null;
  incident: EvidenceIncident | null;
};

/** `answeredAt`: when its run was started, or its message sent. */
export type EvidenceIncident = { id: string; firstFailingAt: string; answeredAt: string | null };

export type Vote = {
  state: Reading["state"];
  /** Time of the reading that the vote rests on; older than `checkedAt` while a red vote is held. */
  at: string;
  since: string;
  because: string;
  lastHealthyAt: string | null;
  checkedAt: string;
};

/** How long a red vote stands after its Region fell silent, in seconds. */
export const heldSeconds = (sustainedSeconds: number) => sustainedSeconds + 300;

/**
 * The vote after one more reading. A red vote whose Region falls silent is held for a while, then cannot tell; green is
 * never held. A state counts as unbroken only when no look at it was missed.
 */
export const castVote = (before: Vote | undefined, reading: Reading, now: Date, sustainedSeconds: number): Vote => {
  const at = now.toISOString();
  const unbroken = before !== undefined && secondsSince(before.checkedAt, now) <= freshSeconds;
  if (
    unbroken &&
    before.state === "unhealthy" &&
    reading.silent &&
    secondsSince(before.at, now) <= heldSeconds(sustainedSeconds)
  ) {
    const because = `unhealthy when last read at ${before.at}, silent now: ${reading.because}`;
    return { ...before, because, checkedAt: at };
  }
  return {
    state: reading.state,
    at,
    since: unbroken && before.state === reading.state ? before.since : at,
    because: reading.because,
    lastHealthyAt: reading.state === "healthy" ? at : (before?.lastHealthyAt ?? null),
    checkedAt: at,
  };
};

/** Arms after a sustained green. Missed ticks break the green; a run that ended since then disarms. */
export const arm = (
  before: Evidence | null,
  verdict: Verdict,
  now: Date,
  { armAfterHealthySeconds, lastRunEndedAt }: { armAfterHealthySeconds: number; lastRunEndedAt: string | null },
): Pick<Evidence, "greenSince" | "armedAt"> => {
  const at = now.toISOString();
  const kept = before?.armedAt && !(lastRunEndedAt && lastRunEndedAt > before.armedAt) ? before.armedAt : null;
  if (verdict.code !== "Healthy") return { greenSince: null, armedAt: kept };
  const unbroken = before && secondsSince(before.verdict.at, now) <= freshSeconds;
  const greenSince = (unbroken && before.greenSince) || at;
  const countsFrom = lastRunEndedAt && lastRunEndedAt > greenSince ? lastRunEndedAt : greenSince;
  return { greenSince, armedAt: kept ?? (secondsSince(countsFrom, now) >= armAfterHealthySeconds ? at : null) };
};

/** Id of an incident: the minute of its first failing evidence, as in 20260302T1200Z. */
export const incidentId = (firstFailingAt: string) => firstFailingAt.replace(/[-:]/g, "").slice(0, 13) + "Z";

/**
 * The incident that goes on, or the one that this verdict opens, or null. An incident lasts until green was sustained, so
 * that a flapping witness does not make two incidents, and two runs, of one.
 */
export const followIncident = (
  before: EvidenceIncident | null,
  verdict: Verdict,
  greenSince: string | null,
  now: Date,
  sustainedSeconds: number,
): EvidenceIncident | null => {
  if (before) return greenSince && secondsSince(greenSince, now) >= sustainedSeconds ? null : before;
  if (verdict.code !== "RegionUnhealthy" || !verdict.firstFailingAt) return null;
  return { id: incidentId(verdict.firstFailingAt), firstFailingAt: verdict.firstFailingAt, answeredAt: null };
};
