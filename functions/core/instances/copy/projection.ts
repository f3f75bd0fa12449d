import { secondsSince } from "../../clock/time.ts";
/** Facts about the recovery points of one resource. Times are ISO 8601. */
export type ResourceFacts = {
  /** Entries of its queue that have not ended. */
  left: number;
  /** Of its oldest open point; null = none is queued. */
  deadline: string | null;
  /** Of the newest complete point. */
  pointAt: string | null;
  /** Of the oldest open point, which completes next. */
  openedAt: string | null;
  /** How long the last complete point took from its opening. */
  roundSeconds: number | null;
};

/** The work of this run since `since`, as copies (a half counts 0.5). */
export type Throughput = { since: string | null; copies: number };

/** Seconds until the open point of a resource completes: from the throughput of this run, else as the last round took. */
export const remainingSeconds = (
  facts: ResourceFacts,
  all: ResourceFacts[],
  inFlight: number,
  { since, copies }: Throughput,
  now: Date,
): number | null => {
  if (facts.openedAt === null) return null;
  const ageSeconds = secondsSince(since ?? "", now);
  if (since !== null && copies > 0 && ageSeconds > 0) {
    const isAhead = ({ deadline }: ResourceFacts) => deadline !== null && deadline <= (facts.deadline ?? "");
    const ahead = all.filter(isAhead).reduce((sum, { left }) => sum + left, 0);
    return (Math.max(0, ahead - inFlight) * ageSeconds) / copies;
  }
  if (facts.roundSeconds === null) return null;
  return Math.max(0, facts.roundSeconds - secondsSince(facts.openedAt, now));
};

/** Age of the newest complete point in seconds: now, and when the next one takes its place. */
export const agesOf = ({ pointAt }: ResourceFacts, remaining: number | null, now: Date) => {
  if (pointAt === null) return { ageSeconds: null, projectedSeconds: null };
  const ageSeconds = Math.round(secondsSince(pointAt, now));
  return { ageSeconds, projectedSeconds: remaining === null ? null : Math.round(ageSeconds + remaining) };
};
