/** CreateSnapshots, DescribeSnapshots and DeleteSnapshot. */

import type {
  CreateSnapshotsRequest,
  DeleteSnapshotRequest,
  DescribeSnapshotsRequest,
  Snapshot as SnapshotShape,
} from "@aws-sdk/client-ec2";
import { drawn, snapshotSeconds } from "../../durations.ts";
import { AwsError, account, type Services, type World } from "../../kernel.ts";
import { type Fields, list } from "../listing.ts";
import { type Content, ec2Of, type Instance, kept, known, type Snapshot, type Volume } from "../state.ts";
import { tagsFor } from "../tags.ts";
import { tellSnapshot, tellSnapshotSet } from "./events.ts";
import { checkUnlocked } from "./locks.ts";

/** Pending snapshots of one volume. [GR:ebs-service] */
const pendingPerVolume = 5;
/** Between two snapshots of one volume. [text of SnapshotCreationPerVolumeRateExceeded] */
const secondsBetween = 15;

export const snapshots: Services["EC2"] & object = {
  /** One crash-consistent set: the same StartTime on every volume of the instance. [EBS:ebs-create-snapshots] */
  CreateSnapshots(input: CreateSnapshotsRequest, { world, region }) {
    const ec2 = ec2Of(world, region);
    const { InstanceId, ExcludeBootVolume, ExcludeDataVolumeIds = [] } = input.InstanceSpecification ?? {};
    const instance = known(world, ec2.instances, InstanceId, "instance");
    const { state, rootDevice } = instance;
    if (state !== "running" && state !== "stopped" && state !== "stopping")
      throw new AwsError("IncorrectInstanceState", `Instance ${instance.id} is ${state}`);
    if (world.faults.losesVolume(instance.id, instance.volumes.length, world.now()))
      loseVolume(world, region, instance);
    const attached = instance.volumes.map(({ device, volume }) => ({ device, volume: ec2.volumes.get(volume)! }));
    const root = attached.find(({ device }) => device === rootDevice);
    if (root && ExcludeDataVolumeIds.includes(root.volume.id))
      throw new AwsError("InvalidParameterValue", "The root volume is excluded by ExcludeBootVolume only");
    const taken = attached.filter(
      ({ device, volume }) =>
        !(ExcludeBootVolume && device === rootDevice) && !ExcludeDataVolumeIds.includes(volume.id),
    );
    for (const { volume } of taken) checkQuotas(world, region, volume);
    const tags = tagsFor("snapshot", input.TagSpecifications);
    const set = new Date(world.now()).toISOString();
    const devices = taken.map(({ device }) => device);
    const made = taken.map(({ volume }) =>
      addSnapshot(world, region, volume, { tags, description: input.Description ?? "", set, devices }),
    );
    finishSet(world, region, made);
    return { Snapshots: made.map((snapshot) => infoOf(world, snapshot)) };
  },

  DescribeSnapshots(input: DescribeSnapshotsRequest, { world, region }) {
    const ec2 = ec2Of(world, region);
    for (const id of input.SnapshotIds ?? []) known(world, ec2.snapshots, id, "snapshot");
    const isWanted = ({ id }: Snapshot) => !input.SnapshotIds?.length || input.SnapshotIds.includes(id);
    const isOwn = !input.OwnerIds?.length || input.OwnerIds.some((owner) => owner === "self" || owner === account);
    const from = isOwn ? [...ec2.snapshots.values()].filter(isWanted) : [];
    const { items, NextToken } = list(world, from, fieldsOf(world, region), input);
    return { Snapshots: items.map((snapshot) => shapeOf(world, region, snapshot)), NextToken };
  },

  DeleteSnapshot({ SnapshotId }: DeleteSnapshotRequest, { world, region }) {
    const ec2 = ec2Of(world, region);
    const snapshot = known(world, ec2.snapshots, SnapshotId, "snapshot");
    const user = [...ec2.images.values()].find(({ devices }) => devices.some((one) => one.snapshot === snapshot.id));
    if (user)
      throw new AwsError("InvalidSnapshot.InUse", `The snapshot ${snapshot.id} is currently in use by ${user.id}`);
    checkUnlocked(snapshot, world.now());
    // one in progress goes when it is complete [EBS:ebs-deleting-snapshot]
    if (snapshot.state === "pending")
      world.within(region, (snapshot.endsAt - world.now()) / 1_000 + 1, () => ec2.snapshots.delete(snapshot.id));
    else ec2.snapshots.delete(snapshot.id);
    return {};
  },
};

/** Somebody takes the last volume away and deletes it, between the listing and this call. */
const loseVolume = (world: World, region: string, instance: Instance) => {
  const last = instance.volumes.findLast(({ device }) => device !== instance.rootDevice);
  if (!last) return;
  instance.volumes = instance.volumes.filter((one) => one !== last);
  ec2Of(world, region).volumes.delete(last.volume);
};

/** Refuses what a volume may not have: too many pending snapshots, or two of them too soon. */
export const checkQuotas = (world: World, region: string, volume: Volume) => {
  const own = [...ec2Of(world, region).snapshots.values()].filter((snapshot) => snapshot.volume === volume.id);
  if (own.filter(({ state }) => state === "pending").length >= pendingPerVolume)
    throw new AwsError(
      "ConcurrentSnapshotLimitExceeded",
      `Maximum allowed in-progress snapshots for ${volume.id} reached`,
    );
  if (own.some(({ startedAt }) => world.now() - startedAt < secondsBetween * 1_000))
    throw new AwsError(
      "SnapshotCreationPerVolumeRateExceeded",
      `Snapshots of ${volume.id} must be at least ${secondsBetween} seconds apart`,
    );
};

type Asked = Pick<Snapshot, "tags" | "description"> & { set: string; devices: string[] };

export const addSnapshot = (
  world: World,
  region: string,
  volume: Volume,
  { tags, description, set, devices }: Asked,
) => {
  const content: Content | null = volume.content && { ...volume.content, set, devices };
  const common = kept(world, region, "snap", [...tags]);
  const seconds = drawn(world.random.fork(`snapshot ${common.id}`), snapshotSeconds);
  const snapshot: Snapshot = {
    ...common,
    state: "pending",
    stateMessage: null,
    volume: volume.id,
    sizeGiB: volume.sizeGiB,
    key: volume.key,
    description,
    startedAt: world.now(),
    endsAt: world.now() + seconds * 1_000,
    completedAt: null,
    content,
    lineage: volume.id,
    copyOf: null,
    minutes: null,
    lockedUntil: null,
  };
  ec2Of(world, region).snapshots.set(snapshot.id, snapshot);
  return snapshot;
};

export const finishSet = (world: World, region: string, set: Snapshot[]) => {
  const errorRate = world.faults.snapshotErrorRate(world.now());
  for (const snapshot of set)
    world.within(region, (snapshot.endsAt - world.now()) / 1_000, () => {
      const failing = world.random.fork(`snapshot error ${snapshot.id}`).chance(errorRate);
      finish(world, snapshot, failing ? "error" : "completed", failing ? "Internal error" : null);
      tellSnapshot(world, region, snapshot);
      if (set.every(({ state }) => state !== "pending")) tellSnapshotSet(world, region, set);
    });
};

export const finish = (
  world: World,
  snapshot: Snapshot,
  state: "completed" | "error",
  message: string | null = null,
) => {
  snapshot.state = state;
  snapshot.stateMessage = message;
  snapshot.endsAt = world.now();
  if (state === "completed") snapshot.completedAt = world.now();
};

/** `Progress` as EBS gives it: a text in percent. */
const progressOf = (world: World, { state, startedAt, endsAt }: Snapshot) => {
  if (state === "completed") return "100%";
  const share = (world.now() - startedAt) / Math.max(1, endsAt - startedAt);
  return `${Math.min(99, Math.floor(100 * share))}%`;
};

const commonOf = (world: World, snapshot: Snapshot) => ({
  SnapshotId: snapshot.id,
  VolumeId: snapshot.volume,
  VolumeSize: snapshot.sizeGiB,
  StartTime: new Date(snapshot.startedAt),
  Progress: progressOf(world, snapshot),
  OwnerId: account,
  Description: snapshot.description,
  Encrypted: snapshot.key !== null,
  State: snapshot.state,
  Tags: snapshot.tags.map((tag) => ({ ...tag })),
});
const infoOf = commonOf;

const shapeOf = (world: World, region: string, snapshot: Snapshot): SnapshotShape => ({
  ...commonOf(world, snapshot),
  StorageTier: tierOf(world, region, snapshot),
  ...(snapshot.stateMessage && { StateMessage: snapshot.stateMessage }),
  ...(snapshot.key && { KmsKeyId: snapshot.key }),
  ...(snapshot.completedAt && { CompletionTime: new Date(snapshot.completedAt) }),
  ...(snapshot.copyOf && { TransferType: snapshot.minutes ? "time-based" : "standard" }),
  ...(snapshot.minutes && { CompletionDurationMinutes: snapshot.minutes }),
});

const tierOf = (world: World, region: string, { id }: Snapshot) =>
  ec2Of(world, region).archived.has(id) ? "archive" : "standard";

const fieldsOf = (world: World, region: string): Fields<Snapshot> => ({
  "snapshot-id": ({ id }) => [id],
  "volume-id": ({ volume }) => [volume],
  "volume-size": ({ sizeGiB }) => [String(sizeGiB)],
  "start-time": ({ startedAt }) => [new Date(startedAt).toISOString()],
  "owner-id": () => [account],
  "storage-tier": (snapshot) => [tierOf(world, region, snapshot)],
  description: ({ description }) => [description],
  encrypted: ({ key }) => [String(key !== null)],
  status: ({ state }) => [state],
});
