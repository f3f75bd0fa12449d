/** Tags of EC2 resources. */

import type { CreateTagsRequest, DeleteTagsRequest, Tag, TagSpecification } from "@aws-sdk/client-ec2";
import { visibleAfterSeconds } from "../durations.ts";
import { AwsError, type Services, type World } from "../kernel.ts";
import { type Ec2, ec2Of, type Kept } from "./state.ts";

/** Tags that a create call gives to one kind of resource. */
export const tagsFor = (kind: string, specifications: TagSpecification[] = []): Tag[] => {
  if (specifications.some(({ Tags = [] }) => Tags.length === 0))
    throw new AwsError("InvalidParameterValue", "Tag specification must have at least one tag");
  const tags = specifications.filter(({ ResourceType }) => ResourceType === kind).flatMap(({ Tags }) => Tags ?? []);
  checkTags(tags);
  return tags.map(({ Key, Value }) => ({ Key, Value: Value ?? "" }));
};

const checkTags = (tags: Tag[]) => {
  for (const { Key = "", Value = "" } of tags) {
    if (Key.startsWith("aws:"))
      throw new AwsError(
        "InvalidParameterValue",
        `Value ( ${Key} ) for parameter Tag.Key is invalid. aws: is reserved`,
      );
    if (Key.length < 1 || Key.length > 127 || Value.length > 255)
      throw new AwsError("InvalidParameterValue", `Tag ${Key}: a key has 1 to 127 characters, a value at most 255`);
  }
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length)
    throw new AwsError("InvalidParameterValue", "Duplicate tag key specified.");
  if (tags.length > 50) throw new AwsError("TagLimitExceeded", "More than 50 tags specified");
};

const shelves = (ec2: Ec2): Map<string, Kept>[] => [
  ...[ec2.instances, ec2.volumes, ec2.snapshots, ec2.images],
  ...[ec2.subnets, ec2.networkInterfaces, ec2.addresses, ec2.securityGroups, ec2.networkAcls],
];

const resources = (world: World, region: string, ids: string[] = []) =>
  ids.map((id) => {
    const found = shelves(ec2Of(world, region)).flatMap((shelf) => shelf.get(id) ?? [])[0];
    if (found && found.visibleAt <= world.now()) return found;
    throw new AwsError("InvalidID", `The ID '${id}' is not valid`);
  });

/** Tags are seen by Describe only after a moment, too. */
const later = (world: World, region: string, what: () => void) =>
  world.within(region, visibleAfterSeconds(world.random.fork(`tags ${world.now()}`)), what);

export const tags: Services["EC2"] & object = {
  CreateTags({ Resources, Tags = [] }: CreateTagsRequest, { world, region }) {
    checkTags(Tags);
    for (const item of resources(world, region, Resources))
      later(world, region, () => {
        const given = new Set(Tags.map(({ Key }) => Key));
        item.tags = [...item.tags.filter(({ Key }) => !given.has(Key)), ...Tags.map((tag) => ({ Value: "", ...tag }))];
      });
    return {};
  },

  DeleteTags({ Resources, Tags }: DeleteTagsRequest, { world, region }) {
    const goes = ({ Key, Value }: Tag) =>
      !Tags || Tags.some((tag) => tag.Key === Key && (tag.Value === undefined || tag.Value === Value));
    for (const item of resources(world, region, Resources))
      later(world, region, () => {
        item.tags = item.tags.filter((tag) => !goes(tag));
      });
    return {};
  },
};

export const tag = ({ tags }: Kept, key: string) => tags.find(({ Key }) => Key === key)?.Value ?? null;
