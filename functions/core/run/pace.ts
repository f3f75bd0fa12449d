import { secondsSince } from "../clock/time.ts";
/** What is left of the token bucket of RunInstances, and how fast it fills as far as we have seen. Times are ISO 8601. */
export type Pace = { tokens: number; at: string; perSecond: number; slowedAt: string | null };

/** Requests of RunInstances: a bucket of 5, two more a second. [EC2dev:ec2-api-throttling] */
const bucket = { size: 5, perSecond: 2 } as const;
/** Others use the bucket, too: a throttle halves our share, each launch restores some. */
const share = { least: 0.25, regained: 0.1 } as const;

export const fullBucket = (now: Date): Pace => ({
  tokens: bucket.size,
  at: now.toISOString(),
  perSecond: bucket.perSecond,
  slowedAt: null,
});

/** Takes one token; `waitSeconds`: until it is there. */
export const takeToken = (pace: Pace, now: Date): { pace: Pace; waitSeconds: number } => {
  const filled = pace.tokens + (Math.max(0, now.getTime() - Date.parse(pace.at)) / 1_000) * pace.perSecond;
  const tokens = Math.min(bucket.size, filled) - 1;
  return {
    pace: { ...pace, tokens, at: now.toISOString() },
    waitSeconds: tokens < 0 ? -tokens / pace.perSecond : 0,
  };
};

/** Calls that were in flight together are throttled together: within two seconds they count once. */
export const throttled = (pace: Pace, now: Date): Pace => {
  const isKnown = pace.slowedAt !== null && secondsSince(pace.slowedAt, now) < 2;
  if (isKnown) return pace;
  const perSecond = Math.max(share.least, pace.perSecond / 2);
  return { ...pace, tokens: Math.min(pace.tokens, 0), perSecond, slowedAt: now.toISOString() };
};

export const answered = (pace: Pace): Pace => ({
  ...pace,
  perSecond: Math.min(bucket.perSecond, pace.perSecond + share.regained),
});
