/** Which instance answers at an address, whether it serves, and which data it has. */

import { isIP } from "node:net";
import { ask, atFirst, isSeenFrom, vpcResolver } from "../dns/dns.ts";
import type { World } from "../kernel.ts";
import { bootOf, originOf } from "./boot.ts";
import { publicAddressOf } from "./instances/shape.ts";
import { isIsolated } from "./network-acls.ts";
import { ec2Of, type Instance } from "./state.ts";

/** The instance with this private or public address in the Region that is not gone, or null. */
export const instanceAt = (world: World, region: string, address: string): Instance | null =>
  [...ec2Of(world, region).instances.values()].find(
    (instance) =>
      instance.state !== "terminated" &&
      (instance.privateAddress === address || publicAddressOf(world, region, instance) === address),
  ) ?? null;

/** Whether a healthy application server answers at this private or public address of the Region now. */
export const serves = (world: World, region: string, address: string): boolean => {
  const instance = instanceAt(world, region, address);
  return instance !== null && isServing(world, region, instance);
};

/**
 * An application server answers when its Region is up, it has booted, all its volumes are of one instant, and the server
 * that it needs answers in its Region, at the address or by the name that it was configured with.
 */
export const isServing = (world: World, region: string, instance: Instance): boolean => {
  if (world.faults.isRegionDown(region, world.now())) return false;
  if (!servingStates.has(instance.state) || instance.runningAt === null) return false;
  if (isIsolated(world, region, instance)) return false;
  if (world.now() < instance.runningAt + bootOf(world, region, instance.id).bootSeconds * 1_000) return false;
  if (!isConsistent(world, region, instance)) return false;
  const origin = originOf(world, region, instance);
  if (origin !== instance.id && mutesOf(world).has(origin)) return false;
  const needed = contentsOf(world, region, instance).find(({ reaches }) => reaches)?.reaches;
  return !needed || addressesOf(world, region, needed).some((address) => serves(world, region, address));
};

/** Servers of the source whose launched copies run, and never answer. */
export const mutesOf = (world: World) => world.region("mute servers", "all", () => new Set<string>());

/** A name is asked of the resolver of the VPC; one that does not see the plan's zone has a zone of its own, which nobody changes. */
const addressesOf = (world: World, region: string, host: string): string[] => {
  if (isIP(host)) return [host];
  const fixed = ownNamesOf(world).get(host);
  if (fixed) return fixed[region] ? [fixed[region]] : [];
  if (!isSeenFrom(world, region, host)) return atFirst(world, host);
  const answer = ask(world, { name: host, type: "A", server: vpcResolver });
  return "values" in answer ? answer.values : [];
};

/** Names of which each Region's VPCs have a private zone of their own, that no switch changes: Region -> address. */
export const ownNamesOf = (world: World) =>
  world.region("own names", "all", () => new Map<string, Record<string, string>>());

/** A guest that shuts down serves, and writes, until its services have ended. [EC2:how-ec2-instance-stop-start-works] */
const servingStates = new Set(["running", "stopping", "shutting-down"]);

/** Whether an instance may still take a write: whatever it says, only one that never ran, or has stopped, takes none. */
export const mayWrite = (world: World, region: string, instance: Instance): boolean =>
  servingStates.has(instance.state) && !isIsolated(world, region, instance);

/** Every volume that was taken with the root is there, of the same server and the same CreateSnapshots call. */
export const isConsistent = (world: World, region: string, instance: Instance): boolean => {
  const contents = contentsOf(world, region, instance);
  const root = contents.find(({ device }) => device === instance.rootDevice);
  if (!root) return false;
  const same = contents.every(({ server, set }) => server === root.server && set === root.set);
  return same && root.devices.every((device) => contents.some((content) => content.device === device));
};

const contentsOf = (world: World, region: string, instance: Instance) =>
  instance.volumes.flatMap(({ device, volume }) => {
    const content = ec2Of(world, region).volumes.get(volume)?.content;
    return content
      ? [{ ...content, device: content.device === device ? device : `${content.device} at ${device}` }]
      : [];
  });

/** Instances of a resource in a Region, launched ones included, that are not gone. */
export const instancesOf = (world: World, region: string, resource: string): Instance[] => {
  const { instances, volumes } = ec2Of(world, region);
  return [...instances.values()].filter(
    (instance) =>
      instance.state !== "terminated" &&
      instance.volumes.some(({ volume }) => volumes.get(volume)?.content?.resource === resource),
  );
};
