import { notAfter, secondsSince } from "../clock/time.ts";
import { freshSeconds, type Reading } from "./witness.ts";

export type Vote = {
  state: Reading["state"];
  /** Time of the evidence that the vote rests on, or, when nothing answers any more, of the last there was. */
  at: string;
  since: string;
  because: string;
  lastHealthyAt: string | null;
  checkedAt: string;
};

/** How long a red vote stands after its Region fell silent, in seconds. */
export const heldSeconds = (sustainedSeconds: number) => sustainedSeconds + 300;

/** No evaluation lasts longer, seconds: a vote of a later evaluation than this one is newer; one from further ahead had a wrong clock. */
export const longestEvaluationSeconds = 60;

/**
 * The vote after one more reading. A red vote whose Region falls silent is held for a while, then cannot tell; green is
 * never held. A state counts as unbroken only when no evaluation of it was missed, and begins after the evaluation before at the earliest.
 */
export const castVote = (before: Vote | undefined, reading: Reading, now: Date, sustainedSeconds: number): Vote => {
  const checkedAt = now.toISOString();
  const age = before ? secondsSince(before.checkedAt, now) : Number.POSITIVE_INFINITY;
  if (before && age < 0 && age >= -longestEvaluationSeconds) return before;
  const unbroken = before !== undefined && age >= 0 && age <= freshSeconds;
  if (
    unbroken &&
    before.state === "unhealthy" &&
    reading.silent &&
    secondsSince(before.at, now) <= heldSeconds(sustainedSeconds)
  ) {
    const because = `unhealthy when last read at ${before.at}, silent now: ${reading.because}`;
    return { ...before, because, checkedAt };
  }
  const evidenceAt = reading.at ?? (reading.silent ? before?.at : undefined);
  const at = evidenceAt === undefined ? checkedAt : notAfter(evidenceAt, now);
  const begun = unbroken && at > before.checkedAt ? at : unbroken && reading.at ? before.checkedAt : checkedAt;
  return {
    state: reading.state,
    at,
    since: unbroken && before.state === reading.state ? before.since : begun,
    because: reading.because,
    lastHealthyAt: reading.state === "healthy" ? at : (before?.lastHealthyAt ?? null),
    checkedAt,
  };
};
