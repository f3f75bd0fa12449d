/** Route 53's limit of requests per second. */

import { AwsError, type Operation, type World } from "../kernel.ts";
import { takeTokens } from "../services/token-buckets.ts";

/**
 * Five requests a second of an account, all actions together; pages of today name larger buckets for some accounts, and a
 * failover has to do with the smaller one. [R53:DNSLimitations]
 */
const account = { size: 5, perSecond: 5 };

/** The operations of Route 53's control plane, at the rate that it allows: Throttling above. */
export const throttledRoute53 = (operations: Record<string, Operation>): Record<string, Operation> =>
  Object.fromEntries(
    Object.entries(operations).map(([action, effect]) => {
      const paced: Operation = (input, at) => {
        take(at.world, at.region);
        return effect(input, at);
      };
      return [action, paced];
    }),
  );

const take = (world: World, region: string) => {
  if (!takeTokens(world, { service: "Route 53", region, name: "account" }, account))
    throw new AwsError("Throttling", "Rate exceeded");
};
