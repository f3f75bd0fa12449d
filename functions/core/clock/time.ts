/** Seconds from a time (ISO 8601) until now; negative of one that is still to come. */
export const secondsSince = (at: string, now: Date) => (now.getTime() - Date.parse(at)) / 1_000;

/** Seconds from one time (ISO 8601) to another. */
export const secondsBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1_000;

/** A time of another clock: one of the future counts as now. */
export const notAfter = (at: string, now: Date) => (Date.parse(at) > now.getTime() ? now.toISOString() : at);

/** How old a verdict may be to speak for or against a run, in seconds: two ticks of a minute and a margin. */
const verdictSecondsMax = 150;

/** Whether a verdict tells of now. */
export const isFreshVerdict = (verdict: { at: string } | null, now: Date): boolean =>
  verdict !== null && secondsSince(verdict.at, now) <= verdictSecondsMax;
