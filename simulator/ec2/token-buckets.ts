/** EC2's request throttling. */

import { AwsError, type World } from "../kernel.ts";
import { type Bucket, takeTokens } from "../services/token-buckets.ts";
import { bucketOf, instanceBuckets } from "./bucket-sizes.ts";

type Asked = { Filters?: unknown[]; MaxResults?: number; MaxCount?: number; InstanceIds?: unknown[] };

/** Takes a call's tokens out of the buckets of its action; RequestLimitExceeded when there are none. */
export const takeToken = (world: World, region: string, operation: string, input: Asked) => {
  const { Filters, MaxResults, MaxCount, InstanceIds } = input;
  const [name, bucket] = bucketOf(operation, MaxResults !== undefined || Boolean(Filters?.length));
  take(world, region, name, bucket, 1);
  const instances = instanceBuckets[operation];
  if (instances) take(world, region, `${operation}: instances`, instances, MaxCount ?? InstanceIds?.length ?? 1);
};

const take = (world: World, region: string, name: string, bucket: Bucket, wanted: number) => {
  const share = world.faults.bucketShare(world.now());
  if (!takeTokens(world, { service: "EC2", region, name }, bucket, { wanted, share }))
    throw new AwsError("RequestLimitExceeded", "Request limit exceeded.", 503);
};
