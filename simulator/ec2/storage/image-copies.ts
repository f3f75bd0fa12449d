/** CreateImage and CopyImage. */

import type { CopyImageRequest, CreateImageRequest } from "@aws-sdk/client-ec2";
import { drawn, imageSeconds } from "../../durations.ts";
import { AwsError, type Services, type World } from "../../kernel.ts";
import { ebsDefaultKey } from "../../services/kms.ts";
import {
  type Device,
  ec2Of,
  firmwareOf,
  type Image,
  type Instance,
  kept,
  known,
  type Snapshot,
  type Volume,
} from "../state.ts";
import { tagsFor } from "../tags.ts";
import { addCopy, checkReached, checkSlots } from "./copies.ts";
import { checkName } from "./images.ts";
import { addSnapshot, checkQuotas, finishSet } from "./snapshots.ts";

/** How often an image looks whether its snapshots are done: none of them knows of it. */
const lookSeconds = 5;

export const imageCopies: Services["EC2"] & object = {
  /** Snapshots of all devices and their registration in one, billing data included. [SDK EC2: CreateImageRequest] */
  CreateImage(input: CreateImageRequest, { world, region }) {
    const ec2 = ec2Of(world, region);
    const { Name = "", BlockDeviceMappings = [] } = input;
    const instance = known(world, ec2.instances, input.InstanceId, "instance");
    const { state, rootDevice } = instance;
    if (state !== "running" && state !== "stopped" && state !== "stopping")
      throw new AwsError("IncorrectState", `Instance '${instance.id}' is not 'running' or 'stopped'`);
    if (!input.NoReboot && state === "running")
      throw new Error(`the simulator does not reboot ${instance.id} for an image`);
    checkName(world, region, Name);
    const without = BlockDeviceMappings.filter(({ NoDevice }) => NoDevice !== undefined);
    const left = without.map(({ DeviceName }) => DeviceName);
    if (left.includes(rootDevice))
      throw new AwsError("InvalidBlockDeviceMapping", `The root device ${rootDevice} cannot be suppressed`);

    const taken = instance.volumes
      .filter(({ device }) => !left.includes(device))
      .map((one) => ({ ...one, volume: ec2.volumes.get(one.volume)! }));
    for (const { volume } of taken) checkQuotas(world, region, volume);
    const [tags, imageTags] = [tagsFor("snapshot", input.TagSpecifications), tagsFor("image", input.TagSpecifications)];
    const image = add(world, region, { ...likeInstance(world, region, instance), tags: imageTags, name: Name });
    const set = new Date(world.now()).toISOString();
    const devices = taken.map(({ device }) => device);
    const description = `Created by CreateImage(${instance.id}) for ${image.id}`;
    const made = taken.map((one) => {
      const snapshot = addSnapshot(world, region, one.volume, { tags, description, set, devices });
      image.devices.push({ ...deviceOf(one), snapshot: snapshot.id });
      return snapshot;
    });
    finishSet(world, region, made);
    settle(world, region, image, made);
    return { ImageId: image.id };
  },

  /** Called in the destination Region; each of its snapshots takes a copy slot. [SDK EC2: CopyImageRequest] */
  CopyImage(input: CopyImageRequest, { world, region }) {
    const { SourceRegion = "", SourceImageId, KmsKeyId, Encrypted, Name = "", ClientToken = "" } = input;
    if (KmsKeyId && !Encrypted)
      throw new AwsError("InvalidParameterCombination", "KmsKeyId requires Encrypted to be true");
    const tokens = tokensOf(world, region);
    const asked = JSON.stringify(input);
    const before = tokens.get(ClientToken);
    if (before && before.asked !== asked)
      throw new AwsError("IdempotentParameterMismatch", "The client token was used with other parameters before");
    if (before) return { ImageId: before.image };

    checkReached(world, region, SourceRegion);
    const there = ec2Of(world, SourceRegion);
    const source = known(world, there.images, SourceImageId, "image");
    if (source.state !== "available")
      throw new AwsError("InvalidAMIID.Unavailable", `The image ID '[${source.id}]' is not available`);
    checkName(world, region, Name);
    checkSlots(world, region, source.devices.length);

    const [tags, imageTags] = [tagsFor("snapshot", input.TagSpecifications), tagsFor("image", input.TagSpecifications)];
    const image = add(world, region, { ...source, devices: [], tags: imageTags, name: Name });
    if (ClientToken) tokens.set(ClientToken, { asked, image: image.id });
    const minutes = input.SnapshotCopyCompletionDurationMinutes ?? null;
    const copied = source.devices.map((device) => {
      const snapshot = known(world, there.snapshots, device.snapshot ?? undefined, "snapshot");
      const key = Encrypted || snapshot.key ? (KmsKeyId ?? ebsDefaultKey(world, region)) : null;
      const description = `Copied for DestinationAmi ${image.id} from SourceAmi ${source.id} for SourceSnapshot ${snapshot.id}`;
      const copy = addCopy(world, region, { source: snapshot, from: SourceRegion, key, minutes, tags, description });
      image.devices.push({ ...device, snapshot: copy.id });
      return copy;
    });
    settle(world, region, image, copied);
    return { ImageId: image.id };
  },
};

type Shape = Omit<Image, "id" | "serial" | "visibleAt" | "state" | "stateMessage" | "createdAt">;

const add = (world: World, region: string, shape: Shape): Image => {
  const image: Image = {
    ...shape,
    ...kept(world, region, "ami", shape.tags),
    state: "pending",
    stateMessage: null,
    createdAt: world.now(),
  };
  ec2Of(world, region).images.set(image.id, image);
  return image;
};

const likeInstance = (world: World, region: string, instance: Instance): Shape => {
  const image = ec2Of(world, region).images.get(instance.image ?? "");
  return {
    name: "",
    tags: [],
    architecture: instance.architecture,
    rootDevice: instance.rootDevice,
    ...firmwareOf(instance),
    imdsSupport: image?.imdsSupport ?? null,
    description: "",
    devices: [],
    platform: instance.platform,
    productCodes: instance.productCodes,
  };
};

const deviceOf = ({
  device,
  volume,
  deleteOnTermination,
}: { device: string; volume: Volume } & Pick<Device, "deleteOnTermination">) => ({
  device,
  deleteOnTermination,
  sizeGiB: volume.sizeGiB,
  type: volume.type,
  throughput: volume.type === "gp3" ? volume.throughput : null,
  iops: ["gp3", "io1", "io2"].includes(volume.type) ? volume.iops : null,
  encrypted: null,
  key: null,
});

/** Makes the image available a moment after its last snapshot is completed, or failed when one of them is in error. */
const settle = (world: World, region: string, image: Image, snapshots: Snapshot[]) => {
  if (snapshots.some(({ state }) => state === "pending")) {
    world.within(region, lookSeconds, () => settle(world, region, image, snapshots));
    return;
  }
  const broken = snapshots.find(({ state }) => state === "error");
  world.within(region, drawn(world.random.fork(`image ${image.id}`), imageSeconds), () => {
    image.state = broken ? "failed" : "available";
    image.stateMessage = broken ? `${broken.id}: ${broken.stateMessage}` : null;
  });
};

/** ClientToken -> what was asked and made. [EC2dev:ec2-api-idempotency] */
const tokensOf = (world: World, region: string) =>
  world.region("EC2 image copies", region, () => new Map<string, { asked: string; image: string }>());
