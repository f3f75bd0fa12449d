import type { Operation, Services } from "../kernel.ts";
import { accounts } from "./account.ts";
import { addresses } from "./addresses.ts";
import { instances } from "./instances/instances.ts";
import { launch } from "./instances/launch.ts";
import { network } from "./network.ts";
import { networkAcls } from "./network-acls.ts";
import { copies } from "./storage/copies.ts";
import { imageCopies } from "./storage/image-copies.ts";
import { images } from "./storage/images.ts";
import { locks } from "./storage/locks.ts";
import { snapshots } from "./storage/snapshots.ts";
import { volumes } from "./storage/volumes.ts";
import { tags } from "./tags.ts";
import { takeToken } from "./token-buckets.ts";
import { types } from "./types.ts";

const operations: Record<string, Operation> = {
  ...instances,
  ...launch,
  ...volumes,
  ...snapshots,
  ...copies,
  ...locks,
  ...images,
  ...imageCopies,
  ...network,
  ...networkAcls,
  ...addresses,
  ...types,
  ...tags,
  ...accounts,
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
