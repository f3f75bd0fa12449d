/** Size of a token bucket, and how many tokens come back in a second. */
type Size = { size: number; refill: number };

/** EC2's own, per account and Region. [EC2dev:ec2-api-throttling] */
const reads: Size = { size: 100, refill: 20 };
const bareReads: Size = { size: 50, refill: 10 };
const writes: Size = { size: 50, refill: 5 };
const special: Record<string, Size> = {
  CopyImage: { size: 100, refill: 1 },
  CreateTags: { size: 100, refill: 10 },
  DeleteTags: { size: 100, refill: 10 },
  ...Object.fromEntries(
    [
      ...["CreateSnapshot", "CreateSnapshots", "DeleteSnapshot", "CreateVolume", "DeleteVolume", "DeregisterImage"],
      ...["CreateLaunchTemplateVersion"],
    ].map((operation) => [operation, { size: 100, refill: 5 }]),
  ),
};
const bare =
  /^Describe(Instances|InstanceStatus|NetworkInterfaces|SecurityGroups|Snapshots|Volumes|SpotInstanceRequests)$/;

/** The bucket that a call takes its token from; calls with a name of their own have one of their own. */
const bucketOf = (operation: string, params: URLSearchParams): [string, Size] => {
  if (special[operation]) return [operation, special[operation]];
  if (!/^(Describe|Get|List)/.test(operation)) return ["writes", writes];
  const isBare = bare.test(operation) && ![...params.keys()].some((key) => /^(Filter\.|MaxResults$|\w+Id\.)/.test(key));
  return isBare ? [`bare ${operation}`, bareReads] : ["reads", reads];
};

/** EC2's token buckets of one account. `take` is false when the Region has no token left for the call; times are ms. */
export const createBuckets = () => {
  const levels = new Map<string, { tokens: number; at: number }>();
  return {
    take(region: string, operation: string, params: URLSearchParams, now: number): boolean {
      const [name, { size, refill }] = bucketOf(operation, params);
      const key = `${region} ${name}`;
      const level = levels.get(key) ?? { tokens: size, at: now };
      levels.set(key, level);
      level.tokens = Math.min(size, level.tokens + ((now - level.at) / 1_000) * refill);
      level.at = now;
      if (level.tokens < 1) return false;
      level.tokens -= 1;
      return true;
    },
  };
};
