import type { Resource } from "../../model/plan.ts";
import type { Manifest, ManifestVolume } from "../../model/recovery-point.ts";
import { type ServerSettings, type SettingsShape, serverSettings } from "../../model/server-settings.ts";
import { isImageBased, plainUsage } from "./image-capture.ts";

/** One instance as EC2 describes it (the fields that matter here), and further facts about it. */
export type InstanceFacts = {
  instance: InstanceShape;
  volumes: VolumeShape[];
  /** Network of its subnet. */
  cidr: string;
  instanceStoreVolumes: number;
  userData: string | null;
  /** Of its type by default; absent = not known. */
  vcpus?: number | undefined;
  /** standard or unlimited, of a burstable server; absent = not known. */
  credits?: string | undefined;
  protections?: ServerSettings["protections"];
  /** Volumes of the Region that have a snapshot with fast snapshot restore. */
  fast?: Set<string> | undefined;
};

type Maybe<T> = { [K in keyof T]?: T[K] | undefined };
type InstanceShape = SettingsShape &
  Maybe<{
    InstanceId: string;
    LaunchTime: Date;
    InstanceType: string;
    Architecture: string;
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
    RootDeviceName: string;
    Platform: string;
    PlatformDetails: string;
    UsageOperation: string;
    ProductCodes: Maybe<{ ProductCodeId: string }>[];
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
  MultiAttachEnabled: boolean;
  Tags: Maybe<{ Key: string; Value: string }>[];
}>;

/** The manifest of one server before its first snapshot: `sourceSnapshot`, `snapshot` and `image` are null yet. */
export const manifestOf = (
  { instance, volumes, cidr, instanceStoreVolumes, userData, fast, ...known }: InstanceFacts,
  resource: Resource,
  { application, point }: { application: string; point: string },
): Manifest => {
  const server = instance.InstanceId ?? "";
  const isExcluded = ({ device }: ManifestVolume) => resource.exclude.volumes.includes(device);
  const attached = devicesOf(instance, volumes, fast);
  const excluded = attached.filter(isExcluded);
  const root = instance.RootDeviceName ?? "";
  const tags = Object.fromEntries((instance.Tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
  const tokens = instance.MetadataOptions?.HttpTokens ?? "optional";
  const { UsageOperation = plainUsage } = instance;
  const billing = {
    platform: instance.PlatformDetails ?? instance.Platform ?? "Linux/UNIX",
    productCodes: (instance.ProductCodes ?? []).flatMap(({ ProductCodeId }) => ProductCodeId ?? []),
    ...(UsageOperation !== plainUsage && { usageOperation: UsageOperation }),
    ...(instance.VirtualizationType === "paravirtual" && { virtualization: "paravirtual" as const }),
  };
  return {
    application,
    resource: resource.name,
    point,
    server,
    name: tags.Name || server,
    tags: ownTags(instance.Tags),
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
    // a server that runs without the older service can be launched without it [SDK EC2: ImdsSupport]
    imdsSupport: tokens === "required" ? "v2.0" : null,
    metadataTokens: tokens,
    rootDevice: root,
    ...billing,
    autoScalingGroup: tags["aws:autoscaling:groupName"] ?? null,
    instanceStoreVolumes,
    networkInterfaces: instance.NetworkInterfaces?.length ?? 0,
    userData,
    launchedAt: launchedAtOf(instance),
    volumes: attached.filter((volume) => !isExcluded(volume)),
    ...(excluded.length && { excluded: exclusionOf(excluded, root) }),
    ...(isImageBased(billing) && { byImage: true, sourceImage: null }),
    takenAt: null,
    image: null,
    settings: serverSettings(instance, known),
  };
};

/** Keys that begin with aws: are AWS's own, and cannot be given. [EC2: Using_Tags] */
const ownTags = (tags: VolumeShape["Tags"] = []): Record<string, string> =>
  Object.fromEntries(tags.flatMap(({ Key = "", Value = "" }) => (Key.startsWith("aws:") ? [] : [[Key, Value]])));

export const launchedAtOf = ({ LaunchTime }: { LaunchTime?: Date | undefined }) =>
  (LaunchTime ?? new Date(0)).toISOString();

/** The boot volume has a field of its own: its id among the data volumes makes the call fail. [SDK EC2: InstanceSpecification] */
const exclusionOf = (excluded: ManifestVolume[], root: string) => ({
  bootVolume: excluded.some(({ device }) => device === root),
  dataVolumes: excluded.filter(({ device }) => device !== root).map(({ volume }) => volume),
  devices: excluded.map(({ device }) => device),
  volumes: excluded.filter(({ device }) => device !== root),
});

const devicesOf = (instance: InstanceShape, volumes: VolumeShape[], fast = new Set<string>()): ManifestVolume[] =>
  (instance.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) => {
    const volume = volumes.find(({ VolumeId }) => VolumeId === Ebs?.VolumeId);
    if (!DeviceName || !volume) return [];
    const tags = ownTags(volume.Tags);
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
      ...(volume.MultiAttachEnabled && { shared: true }),
      ...(fast.has(volume.VolumeId ?? "") && { fastRestore: true as const }),
      ...(Object.keys(tags).length > 0 && { tags }),
    };
  });
