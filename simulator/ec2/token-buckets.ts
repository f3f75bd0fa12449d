import { AwsError, type World } from "../kernel.ts";

type Bucket = { size: number; perSecond: number };

/** Per account and Region; every class has one bucket. [EC2dev:ec2-api-throttling] */
const buckets = {
  describe: { size: 100, perSecond: 20 },
  describeAll: { size: 50, perSecond: 10 },
  mutating: { size: 50, perSecond: 5 },
  copyImage: { size: 100, perSecond: 1 },
  snapshots: { size: 100, perSecond: 5 },
  tags: { size: 100, perSecond: 10 },
  launches: { size: 5, perSecond: 2 },
  launched: { size: 1_000, perSecond: 2 },
} satisfies Record<string, Bucket>;
type Class = keyof typeof buckets;

const classes: Record<string, Class> = {
  CopyImage: "copyImage",
  CreateSnapshots: "snapshots",
  DeleteSnapshot: "snapshots",
  DeregisterImage: "snapshots",
  CreateTags: "tags",
  DeleteTags: "tags",
  RunInstances: "launches",
};

/** Describe calls that are dearer without a filter and without a page size. */
const wholeListings = new Set(
  ["Instances", "InstanceStatus", "NetworkInterfaces", "SecurityGroups", "Snapshots", "Volumes"].map(
    (what) => `Describe${what}`,
  ),
);

type Asked = {
  Filters?: unknown[];
  MaxResults?: number;
  MaxCount?: number;
  InstanceIds?: unknown[];
  SnapshotIds?: unknown[];
  VolumeIds?: unknown[];
};

/** Takes a call's token out of its bucket; RequestLimitExceeded when there is none. */
export const takeToken = (world: World, region: string, operation: string, input: Asked) => {
  take(world, region, classOf(operation, input), 1);
  if (operation === "RunInstances") take(world, region, "launched", input.MaxCount ?? 1);
};

const classOf = (operation: string, input: Asked): Class => {
  const known = classes[operation];
  if (known) return known;
  if (!/^(Describe|Get|List)/.test(operation)) return "mutating";
  const { Filters, MaxResults, InstanceIds, SnapshotIds, VolumeIds } = input;
  const isNarrow =
    MaxResults !== undefined || [Filters, InstanceIds, SnapshotIds, VolumeIds].some((one) => one?.length);
  return wholeListings.has(operation) && !isNarrow ? "describeAll" : "describe";
};

/** A bucket that others use, too, has less in it and fills more slowly. */
const take = (world: World, region: string, name: Class, wanted: number) => {
  const share = world.faults.bucketShare(world.now());
  const { size, perSecond } = { size: buckets[name].size * share, perSecond: buckets[name].perSecond * share };
  const levels = world.region("EC2 token buckets", region, () => new Map<Class, { left: number; at: number }>());
  const { left, at } = levels.get(name) ?? { left: size, at: world.now() };
  const now = Math.min(size, left + ((world.now() - at) / 1_000) * perSecond);
  levels.set(name, { left: now >= wanted ? now - wanted : now, at: world.now() });
  if (now < wanted) throw new AwsError("RequestLimitExceeded", "Request limit exceeded.", 503);
};
