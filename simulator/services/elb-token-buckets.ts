/** Request throttling of Elastic Load Balancing. */

import { AwsError, type Operation, type World } from "../kernel.ts";
import { type Bucket, takeTokens } from "./token-buckets.ts";

/** All actions together, and each category, per account and Region. [ELB:elb-api-throttling] */
const account: Bucket = { size: 40, perSecond: 10 };
const categories = {
  registration: { size: 20, perSecond: 4 },
  reads: { size: 40, perSecond: 10 },
  writes: { size: 20, perSecond: 3 },
} satisfies Record<string, Bucket>;

const categoryOf = (action: string): keyof typeof categories =>
  /^(Der|R)egisterTargets$/.test(action) ? "registration" : action.startsWith("Describe") ? "reads" : "writes";

/** The operations of ELB, at the rates that it allows: ThrottlingException above. */
export const throttledElb = (operations: Record<string, Operation>): Record<string, Operation> =>
  Object.fromEntries(
    Object.entries(operations).map(([action, effect]) => {
      const paced: Operation = (input, at) => {
        take(at.world, at.region, "account", account);
        take(at.world, at.region, categoryOf(action), categories[categoryOf(action)]);
        return effect(input, at);
      };
      return [action, paced];
    }),
  );

const take = (world: World, region: string, name: string, bucket: Bucket) => {
  if (!takeTokens(world, { service: "ELB", region, name }, bucket))
    throw new AwsError("ThrottlingException", "Rate exceeded");
};
