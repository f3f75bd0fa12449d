import type { Operation, Services } from "../kernel.ts";
import { accounts } from "./account.ts";
import { addresses } from "./addresses.ts";
import { copies } from "./copies.ts";
import { imageCopies } from "./image-copies.ts";
import { images } from "./images.ts";
import { instances } from "./instances/instances.ts";
import { launch } from "./instances/launch.ts";
import { locks } from "./locks.ts";
import { network } from "./network.ts";
import { networkAcls } from "./network-acls.ts";
import { snapshots } from "./snapshots.ts";
import { tags } from "./tags.ts";
import { takeToken } from "./token-buckets.ts";
import { types } from "./types.ts";
import { volumes } from "./volumes.ts";

const operations: Record<string, Operation> = {
  ...{ ...instances, ...launch, ...volumes, ...snapshots, ...copies, ...locks, ...images, ...imageCopies },
  ...{ ...network, ...networkAcls, ...addresses, ...types, ...tags, ...accounts },
};

const throttled =
  (name: string, effect: Operation): Operation =>
  (input, at) => {
    takeToken(at.world, at.region, name, input);
    return effect(input, at);
  };

/** EC2 and EBS, as far as Lifeboat calls them, at the rates that EC2 allows. */
export const ec2: Services["EC2"] & object = Object.fromEntries(
  Object.entries(operations).map(([name, effect]) => [name, throttled(name, effect)]),
);
