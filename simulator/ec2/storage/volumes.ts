/** EBS volumes. */

import type { DescribeVolumeStatusRequest, DescribeVolumesRequest } from "@aws-sdk/client-ec2";
import { AwsError, type Services, type World } from "../../kernel.ts";
import { ebsDefaultKey, findKey } from "../../services/kms.ts";
import { type Fields, list } from "../listing.ts";
import { type Content, type Device, ec2Of, kept, known, type Volume } from "../state.ts";
import { checkTier } from "./shelving.ts";

type Made = { device: Device; zone: string; instance: string | null; content: Content | null; tags: Volume["tags"] };

/** A volume, made from its device's snapshot when there is one. */
export const addVolume = (world: World, region: string, { device, zone, instance, content, tags }: Made): Volume => {
  const { snapshots, volumes } = ec2Of(world, region);
  const source = device.snapshot ? snapshots.get(device.snapshot) : undefined;
  const named = device.key && (findKey(world, region, device.key)?.arn ?? device.key);
  const volume: Volume = {
    ...kept(world, region, "vol", [...tags]),
    zone,
    sizeGiB: device.sizeGiB ?? source?.sizeGiB ?? 8,
    type: device.type,
    iops: device.iops ?? (device.type === "gp3" ? 3_000 : null),
    throughput: device.throughput ?? (device.type === "gp3" ? 125 : null),
    key: named ?? source?.key ?? (device.encrypted ? ebsDefaultKey(world, region) : null),
    snapshot: device.snapshot,
    createdAt: world.now(),
    instance,
    content: content ?? source?.content ?? null,
    ...(device.initializationRate && { initializationRate: device.initializationRate }),
  };
  volumes.set(volume.id, volume);
  return volume;
};

/** Refuses a device whose snapshot is missing, unfinished or larger than the volume. */
export const checkDevice = (world: World, region: string, { snapshot, sizeGiB, device }: Device) => {
  if (!snapshot) return;
  const source = known(world, ec2Of(world, region).snapshots, snapshot, "snapshot");
  if (source.state !== "completed") throw new AwsError("IncorrectState", `Snapshot ${snapshot} is ${source.state}`);
  checkTier(world, region, source.id);
  if (sizeGiB !== null && sizeGiB < source.sizeGiB)
    throw new AwsError(
      "InvalidBlockDeviceMapping",
      `Volume of size ${sizeGiB}GB is smaller than snapshot '${snapshot}', expect size >= ${source.sizeGiB}GB (${device})`,
    );
};

export const volumes: Services["EC2"] & object = {
  DescribeVolumeStatus({ VolumeIds = [] }: DescribeVolumeStatusRequest, { world, region }) {
    const { volumes } = ec2Of(world, region);
    const VolumeStatuses = VolumeIds.map((id) => {
      const volume = known(world, volumes, id, "volume");
      const Progress = volume.snapshot ? loadedPercent(world, volume) : null;
      return {
        VolumeId: id,
        AvailabilityZone: volume.zone,
        VolumeStatus: { Status: "ok" as const },
        // none of empty volumes, and of others only after a while [SDK EC2: VolumeStatusItem]
        ...(Progress !== null && {
          InitializationStatusDetails: {
            InitializationType: volume.initializationRate ? ("provisioned-rate" as const) : ("default" as const),
            Progress,
          },
        }),
      };
    });
    return { VolumeStatuses };
  },

  DescribeVolumes(input: DescribeVolumesRequest, { world, region }) {
    const { volumes, instances } = ec2Of(world, region);
    if (input.VolumeIds?.length && input.MaxResults !== undefined)
      throw new AwsError("InvalidParameterCombination", "The parameter volumeIds cannot be used with maxResults");
    for (const id of input.VolumeIds ?? []) known(world, volumes, id, "volume");
    const from = [...volumes.values()].filter(({ id }) => input.VolumeIds?.includes(id) ?? true);
    const { items, NextToken } = list(world, from, fields, input);
    const Volumes = items.map((volume) => {
      const device = instances.get(volume.instance ?? "")?.volumes.find((one) => one.volume === volume.id);
      return {
        VolumeId: volume.id,
        AvailabilityZone: volume.zone,
        Size: volume.sizeGiB,
        VolumeType: volume.type,
        State: volume.instance ? "in-use" : "available",
        Encrypted: volume.key !== null,
        CreateTime: new Date(volume.createdAt),
        MultiAttachEnabled: false,
        Attachments: device
          ? [
              {
                InstanceId: volume.instance,
                VolumeId: volume.id,
                Device: device.device,
                DeleteOnTermination: device.deleteOnTermination,
                State: "attached",
              },
            ]
          : [],
        ...(volume.key && { KmsKeyId: volume.key }),
        ...(volume.iops && { Iops: volume.iops }),
        ...(volume.throughput && { Throughput: volume.throughput }),
        ...(volume.snapshot && { SnapshotId: volume.snapshot }),
        Tags: volume.tags.map((tag) => ({ ...tag })),
      };
    });
    return { Volumes, NextToken };
  },
};

/** What EBS loads by itself, MiB/s: a guess, for EBS promises nothing. [EBS: initalize-volume] */
const usualRate = 60;
/** How late EBS may tell of it. [SDK EC2: VolumeStatusItem] */
const toldAfterSeconds = 60;

const loadedPercent = (world: World, { createdAt, sizeGiB, initializationRate = usualRate }: Volume): number | null => {
  const seconds = (world.now() - createdAt) / 1_000;
  if (seconds < toldAfterSeconds) return null;
  return Math.min(100, Math.floor((100 * seconds * initializationRate) / (sizeGiB * 1_024)));
};

const fields: Fields<Volume> = {
  "volume-id": ({ id }) => [id],
  "attachment.instance-id": ({ instance }) => [instance],
  "snapshot-id": ({ snapshot }) => [snapshot],
  "availability-zone": ({ zone }) => [zone],
  encrypted: ({ key }) => [String(key !== null)],
  status: ({ instance }) => [instance ? "in-use" : "available"],
};
