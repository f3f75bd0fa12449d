import { bucketOf } from "../../simulator/ec2/bucket-sizes.ts";

const isNarrow = (params: URLSearchParams) => [...params.keys()].some((key) => /^(Filter\.|MaxResults$)/.test(key));

/** EC2's token buckets of one account. `take` is false when the Region has no token left for the call; times are ms. */
export const createBuckets = () => {
  const levels = new Map<string, { tokens: number; at: number }>();
  return {
    take(region: string, operation: string, params: URLSearchParams, now: number): boolean {
      const [name, { size, perSecond }] = bucketOf(operation, isNarrow(params));
      const key = `${region} ${name}`;
      const level = levels.get(key) ?? { tokens: size, at: now };
      levels.set(key, level);
      level.tokens = Math.min(size, level.tokens + ((now - level.at) / 1_000) * perSecond);
      level.at = now;
      if (level.tokens < 1) return false;
      level.tokens -= 1;
      return true;
    },
  };
};
