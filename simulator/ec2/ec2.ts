import type { Services } from "../kernel.ts";
import { addresses } from "./addresses.ts";
import { copies } from "./copies.ts";
import { imageCopies } from "./image-copies.ts";
import { images } from "./images.ts";
import { instances } from "./instances.ts";
import { launch } from "./launch.ts";
import { network } from "./network.ts";
import { snapshots } from "./snapshots.ts";
import { tags } from "./tags.ts";
import { types } from "./types.ts";
import { volumes } from "./volumes.ts";

/** EC2 and EBS, as far as Lifeboat calls them. */
export const ec2: Services["EC2"] & object = {
  ...{ ...instances, ...launch, ...volumes, ...snapshots, ...copies, ...images, ...imageCopies },
  ...{ ...network, ...addresses, ...types, ...tags },
};
