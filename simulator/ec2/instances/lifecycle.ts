/** States of an instance: pending, running, stopping, stopped, terminated. */

import {
  drawn,
  forcedStopSeconds,
  instanceStopSeconds,
  instanceTerminateSeconds,
  terminatedShownSeconds,
} from "../../durations.ts";
import type { World } from "../../kernel.ts";
import { isUsable as isKeyUsable } from "../../services/kms.ts";
import { bootOf } from "../boot.ts";
import { ec2Of, type Instance, type InstanceState } from "../state.ts";
import { tellInstance } from "../storage/events.ts";

const enter = (world: World, region: string, instance: Instance, state: InstanceState) => {
  instance.state = state;
  tellInstance(world, region, instance);
};

/** The next state, unless something else has happened to the instance by then. */
const later = (world: World, region: string, instance: Instance, seconds: number, then: () => void) => {
  const { state } = instance;
  world.within(region, seconds, () => {
    if (instance.state === state) then();
  });
};

/** pending -> running; -> terminated when a volume's key cannot be used. [EC2:troubleshooting-launch-internal] */
export const boot = (world: World, region: string, instance: Instance) => {
  instance.runningAt = null;
  enter(world, region, instance, "pending");
  const boot = bootOf(world, region, instance.id);
  world.notes.set(`boot ${instance.id}`, boot);
  later(world, region, instance, boot.pendingSeconds, () => {
    if (instance.volumes.some(({ volume }) => !isUsable(world, region, volume))) {
      instance.stateReason = { code: "Client.InternalError", message: "Client.InternalError: Client error on launch" };
      release(world, region, instance);
      return;
    }
    instance.runningAt = world.now();
    enter(world, region, instance, "running");
  });
};

/** running -> stopping, in which its services go on -> stopped. */
export const stop = (world: World, region: string, instance: Instance) => {
  instance.stateReason = { code: "Client.UserInitiatedShutdown", message: "Client.UserInitiatedShutdown" };
  enter(world, region, instance, "stopping");
  const random = world.random.fork(`stop ${instance.id} ${world.now()}`);
  const seconds = drawn(random, instanceStopSeconds) + world.faults.slowShutdownSeconds(world.now());
  stopWithin(world, region, instance, seconds);
};

/** StopInstances with Force: ends a shutdown that hangs. [EC2:TroubleshootingInstancesStopping] */
export const forceStop = (world: World, region: string, instance: Instance) => {
  const random = world.random.fork(`force ${instance.id} ${world.now()}`);
  stopWithin(world, region, instance, drawn(random, forcedStopSeconds));
};

const stopWithin = (world: World, region: string, instance: Instance, seconds: number) =>
  later(world, region, instance, seconds, () => {
    instance.runningAt = null;
    enter(world, region, instance, "stopped");
  });

export const terminate = (world: World, region: string, instance: Instance) => {
  instance.stateReason = { code: "Client.UserInitiatedShutdown", message: "Client.UserInitiatedShutdown" };
  enter(world, region, instance, "shutting-down");
  const random = world.random.fork(`terminate ${instance.id}`);
  later(world, region, instance, drawn(random, instanceTerminateSeconds), () => release(world, region, instance));
};

/** What a terminated instance held is free again; the instance itself is shown for a while. */
const release = (world: World, region: string, instance: Instance) => {
  const ec2 = ec2Of(world, region);
  instance.runningAt = null;
  enter(world, region, instance, "terminated");
  ec2.networkInterfaces.delete(instance.networkInterface);
  for (const address of ec2.addresses.values())
    if (address.instance === instance.id) Object.assign(address, { instance: null, association: null });
  for (const { volume, deleteOnTermination } of instance.volumes) {
    if (deleteOnTermination) ec2.volumes.delete(volume);
    else ec2.volumes.get(volume)!.instance = null;
  }
  instance.volumes = [];
  world.within(region, terminatedShownSeconds, () => ec2.instances.delete(instance.id));
};

const isUsable = (world: World, region: string, volume: string) => {
  const key = ec2Of(world, region).volumes.get(volume)?.key;
  return !key || isKeyUsable(world, region, key);
};
