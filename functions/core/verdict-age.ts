/** How old a verdict may be to speak for or against a run, in seconds: two ticks of a minute and a margin. */
const verdictSecondsMax = 150;

/** Whether a verdict tells of now. */
export const isFreshVerdict = (verdict: { at: string } | null, now: Date): boolean =>
  verdict !== null && now.getTime() - Date.parse(verdict.at) <= verdictSecondsMax * 1_000;
