import { goesByImage, plainUsage } from "./by-image.ts";
import type { Resource } from "./plan.ts";
import type { Manifest, ManifestVolume } from "./point.ts";

/** One instance as EC2 describes it (the fields that matter here), and what else is known of it. */
export type Found = {
  instance: InstanceShape;
  volumes: VolumeShape[];
  /** Network of its subnet. */
  cidr: string;
  instanceStoreVolumes: number;
  userData: string | null;
};

type Maybe<T> = { [K in keyof T]?: T[K] | undefined };
type InstanceShape = Maybe<{
  InstanceId: string;
  LaunchTime: Date;
  InstanceType: string;
  Architecture: string;
  Placement: Maybe<{ AvailabilityZone: string }>;
  SubnetId: string;
  PrivateIpAddress: string;
  PublicIpAddress: string;
  SecurityGroups: Maybe<{ GroupId: string }>[];
  IamInstanceProfile: Maybe<{ Arn: string }>;
  KeyName: string;
  EbsOptimized: boolean;
  EnaSupport: boolean;
  SriovNetSupport: string;
  BootMode: string;
  TpmSupport: string;
  MetadataOptions: Maybe<{ HttpTokens: string }>;
  RootDeviceName: string;
  Platform: string;
  PlatformDetails: string;
  UsageOperation: string;
  ProductCodes: Maybe<{ ProductCodeId: string }>[];
  NetworkInterfaces: unknown[];
  BlockDeviceMappings: Maybe<{
    DeviceName: string;
    Ebs: Maybe<{ VolumeId: string; DeleteOnTermination: boolean }>;
  }>[];
  Tags: Maybe<{ Key: string; Value: string }>[];
}>;
type VolumeShape = Maybe<{
  VolumeId: string;
  Size: number;
  VolumeType: string;
  Iops: number;
  Throughput: number;
  Encrypted: boolean;
}>;

/** The manifest of one server before its first snapshot: `sourceSnapshot`, `snapshot` and `image` are null yet. */
export const manifestOf = (
  { instance, volumes, cidr, instanceStoreVolumes, userData }: Found,
  resource: Resource,
  { application, point }: { application: string; point: string },
): Manifest => {
  const server = instance.InstanceId ?? "";
  const isExcluded = ({ device }: ManifestVolume) => resource.exclude.volumes.includes(device);
  const attached = devicesOf(instance, volumes);
  const excluded = attached.filter(isExcluded);
  const root = instance.RootDeviceName ?? "";
  const tags = Object.fromEntries((instance.Tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
  const { UsageOperation = plainUsage } = instance;
  const billing = {
    platform: instance.PlatformDetails ?? instance.Platform ?? "Linux/UNIX",
    productCodes: (instance.ProductCodes ?? []).flatMap(({ ProductCodeId }) => ProductCodeId ?? []),
    ...(UsageOperation !== plainUsage && { usageOperation: UsageOperation }),
  };
  return {
    application,
    resource: resource.name,
    point,
    server,
    name: tags.Name || server,
    tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith("aws:"))),
    instanceType: instance.InstanceType ?? "",
    architecture: instance.Architecture ?? "x86_64",
    zone: instance.Placement?.AvailabilityZone ?? "",
    subnet: { id: instance.SubnetId ?? "", cidr },
    privateAddress: instance.PrivateIpAddress ?? "",
    publicAddress: instance.PublicIpAddress ?? null,
    securityGroups: (instance.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    instanceProfile: instance.IamInstanceProfile?.Arn?.split("/").at(-1) ?? null,
    keyName: instance.KeyName ?? null,
    ebsOptimized: instance.EbsOptimized ?? false,
    enaSupport: instance.EnaSupport ?? false,
    sriovNetSupport: instance.SriovNetSupport ?? null,
    bootMode: instance.BootMode ?? null,
    tpmSupport: instance.TpmSupport ?? null,
    imdsSupport: null,
    metadataTokens: instance.MetadataOptions?.HttpTokens ?? "optional",
    rootDevice: root,
    ...billing,
    autoScalingGroup: tags["aws:autoscaling:groupName"] ?? null,
    instanceStoreVolumes,
    networkInterfaces: instance.NetworkInterfaces?.length ?? 0,
    userData,
    launchedAt: launchedAtOf(instance),
    volumes: attached.filter((volume) => !isExcluded(volume)),
    ...(excluded.length && { excluded: exclusionOf(excluded, root) }),
    ...(goesByImage(billing) && { byImage: true, sourceImage: null }),
    takenAt: null,
    image: null,
  };
};

export const launchedAtOf = ({ LaunchTime }: { LaunchTime?: Date | undefined }) =>
  (LaunchTime ?? new Date(0)).toISOString();

/** The boot volume has a field of its own: its id among the data volumes makes the call fail. [SDK EC2: InstanceSpecification] */
const exclusionOf = (excluded: ManifestVolume[], root: string) => ({
  bootVolume: excluded.some(({ device }) => device === root),
  dataVolumes: excluded.filter(({ device }) => device !== root).map(({ volume }) => volume),
  devices: excluded.map(({ device }) => device),
});

const devicesOf = (instance: InstanceShape, volumes: VolumeShape[]): ManifestVolume[] =>
  (instance.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) => {
    const volume = volumes.find(({ VolumeId }) => VolumeId === Ebs?.VolumeId);
    if (!DeviceName || !volume) return [];
    return {
      device: DeviceName,
      volume: volume.VolumeId ?? "",
      sizeGiB: volume.Size ?? 0,
      type: volume.VolumeType ?? "gp3",
      iops: volume.Iops ?? null,
      throughputMiBs: volume.Throughput ?? null,
      encrypted: volume.Encrypted ?? false,
      deleteOnTermination: Ebs?.DeleteOnTermination ?? false,
      sourceSnapshot: null,
      snapshot: null,
    };
  });
