import { AwsError, type World } from "../../kernel.ts";
import { ec2Of } from "../state.ts";

/**
 * What an account's clean-up does to snapshots and images, short of deleting them. Lifeboat calls none of it: a test or a
 * fault does. An archived snapshot is still `completed`, in another tier. [EBS:snapshot-archive]
 */
export const archive = (world: World, region: string, snapshot: string) => {
  const { images, archived } = ec2Of(world, region);
  const user = [...images.values()].find(
    ({ state, devices }) => state !== "disabled" && devices.some((one) => one.snapshot === snapshot),
  );
  if (user) throw new Error(`${snapshot} belongs to ${user.id}: disable that first, as EC2 wants it`);
  archived.add(snapshot);
};

/** As a retention rule does with a snapshot that is deleted: nobody sees it any more but who lists the bin. [EBS:recycle-bin] */
export const recycle = (world: World, region: string, snapshot: string) => {
  const { snapshots, recycled } = ec2Of(world, region);
  const found = snapshots.get(snapshot);
  if (found) recycled.set(snapshot, found);
  snapshots.delete(snapshot);
};

/** Its owner sees it only with IncludeDisabled, and nothing starts from it. [EC2:disable-an-ami] */
export const disableImage = (world: World, region: string, image: string) => {
  const found = ec2Of(world, region).images.get(image);
  if (found) found.state = "disabled";
};

/** Its owner still sees it, and may start it. [EC2:ami-deprecate] */
export const deprecateImage = (world: World, region: string, image: string, at: number) =>
  ec2Of(world, region).deprecated.set(image, at);

/** Refuses what needs a snapshot of the standard tier; the code is EC2's for a wrong state, the text is our own. */
export const checkTier = (world: World, region: string, snapshot: string) => {
  if (ec2Of(world, region).archived.has(snapshot))
    throw new AwsError("IncorrectState", `Snapshot ${snapshot} is in the archive tier; restore it first`);
};
