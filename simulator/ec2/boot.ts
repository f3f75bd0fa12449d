/** Whether and when an instance has booted, and which source server its root volume comes from. */

import { bootSeconds, drawn, instancePendingSeconds } from "../durations.ts";
import type { World } from "../kernel.ts";
import { ec2Of, type Instance } from "./state.ts";

/** Source server whose root volume this instance boots from; an instance of the source itself is its own. */
export const originOf = (world: World, region: string, instance: Instance): string => {
  const root = instance.volumes.find(({ device }) => device === instance.rootDevice);
  return ec2Of(world, region).volumes.get(root?.volume ?? "")?.content?.server ?? instance.id;
};

/**
 * How long any launch of a server takes: from pending to running, and from running to its first good answer. A function
 * of seed and server alone, so that the floor of a run can be computed from the world, without the run.
 */
export const bootOfServer = (world: World, server: string) => {
  const random = world.random.fork(`boot ${server}`);
  return { pendingSeconds: drawn(random, instancePendingSeconds), bootSeconds: drawn(random, bootSeconds) };
};

export const bootOf = (world: World, region: string, instanceId: string) => {
  const instance = ec2Of(world, region).instances.get(instanceId);
  return bootOfServer(world, instance ? originOf(world, region, instance) : instanceId);
};
