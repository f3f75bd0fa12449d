import type { World } from "../kernel.ts";

/** Size of a token bucket, and how many tokens come back in a second. */
export type Bucket = { size: number; perSecond: number };

/**
 * Takes tokens out of a bucket of an account and Region, when it has so many; says whether it had. A bucket that others
 * use, too, has less in it and fills more slowly: `share` is what they leave.
 */
export const takeTokens = (
  world: World,
  { service, region, name }: { service: string; region: string; name: string },
  bucket: Bucket,
  { wanted = 1, share = 1 }: { wanted?: number; share?: number } = {},
): boolean => {
  const [size, perSecond] = [Math.max(1, bucket.size * share), bucket.perSecond * share];
  const levels = world.region(
    `${service} token buckets`,
    region,
    () => new Map<string, { left: number; at: number }>(),
  );
  const { left, at } = levels.get(name) ?? { left: size, at: world.now() };
  const now = Math.min(size, left + ((world.now() - at) / 1_000) * perSecond);
  levels.set(name, { left: now >= wanted ? now - wanted : now, at: world.now() });
  return now >= wanted;
};
