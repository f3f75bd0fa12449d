import type { Random } from "./random.ts";

/**
 * How long AWS takes, in seconds. AWS publishes no figures for most of these: where no page gives one, the range is our
 * estimate from common experience, and says so.
 */
type Range = { low: number; high: number };

export const drawn = (random: Random, { low, high }: Range) => random.between(low, high);

/** One API call, there and back. Estimate; includes another continent. */
export const latencySeconds: Range = { low: 0.03, high: 0.25 };
