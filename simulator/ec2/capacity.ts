/** Capacity and vCPU quotas of a launch. */

import { AwsError, type World } from "../kernel.ts";
import { quotaGroupOf, quotasOf } from "../services/service-quotas.ts";
import { ec2Of } from "./state.ts";
import { instanceType } from "./type-names.ts";

/** A server fault of AWS: the SDK tries it again by itself. [EC2:troubleshooting-launch-capacity] */
export const insufficientCapacity = (type: string, zone: string) =>
  new AwsError(
    "InsufficientInstanceCapacity",
    `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}).`,
    500,
  );

/** Refuses what the zone does not offer or has no room for now, and what is over the vCPU quota of its types. */
export const checkCapacity = (world: World, region: string, type: string, zone: string, count: number) => {
  const ec2 = ec2Of(world, region);
  if (ec2.notOffered.has(`${type} ${zone}`))
    throw new AwsError(
      "Unsupported",
      `Your requested instance type (${type}) is not supported in your requested Availability Zone (${zone}).`,
    );
  if (!world.faults.hasCapacity(type, zone, world.now())) throw insufficientCapacity(type, zone);
  const group = quotaGroupOf(type);
  const inUse = [...ec2.instances.values()]
    .filter(({ state }) => state === "pending" || state === "running")
    .filter((instance) => quotaGroupOf(instance.type) === group)
    .reduce((sum, instance) => sum + (instanceType(instance.type)?.vcpus ?? 0), 0);
  const limit = quotasOf(world, region).vcpus[group];
  if (inUse + count * (instanceType(type)?.vcpus ?? 0) > limit)
    throw new AwsError(
      "VcpuLimitExceeded",
      `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to.`,
    );
};
