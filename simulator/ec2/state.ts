/** The stored state of EC2 and EBS in one Region: types of the resources, and lookups with EC2's errors. */

import type { Tag } from "@aws-sdk/client-ec2";
import { visibleAfterSeconds } from "../durations.ts";
import { AwsError, type World } from "../kernel.ts";
import type { LaunchOptions } from "./instances/launch-option-names.ts";

/** What every resource of EC2 has: its age in the Region, when Describe begins to show it (ms), and its tags. */
export type Kept = { id: string; serial: number; visibleAt: number; tags: Tag[] };

/**
 * What stands on a volume: whose it is, and of which instant. `set` is the StartTime of the CreateSnapshots call that
 * it was taken by (null: the live volume), `devices` are all that were taken with it.
 */
export type Content = {
  server: string;
  resource: string;
  device: string;
  /** Private address that the application of this server needs (on the root volume), or null. */
  reaches: string | null;
  set: string | null;
  devices: string[];
};

export type Volume = Kept & {
  zone: string;
  sizeGiB: number;
  type: string;
  iops: number | null;
  throughput: number | null;
  key: string | null;
  snapshot: string | null;
  createdAt: number;
  instance: string | null;
  content: Content | null;
  /** MiB/s at which it is loaded from its snapshot; absent: as EBS can. */
  initializationRate?: number;
};

export type Snapshot = Kept & {
  state: "pending" | "completed" | "error";
  stateMessage: string | null;
  /** vol-ffffffff for a copy. [SDK EC2: CopySnapshot] */
  volume: string;
  sizeGiB: number;
  key: string | null;
  description: string;
  startedAt: number;
  endsAt: number;
  completedAt: number | null;
  content: Content | null;
  /** Volume whose history this is, across copies; a copy has its source, too. */
  lineage: string;
  copyOf: { region: string; snapshot: string } | null;
  /** Minutes within which a time-based copy is to end. */
  minutes: number | null;
  lockedUntil: number | null;
};

export type Device = {
  device: string;
  snapshot: string | null;
  sizeGiB: number | null;
  type: string;
  iops: number | null;
  throughput: number | null;
  encrypted: boolean | null;
  key: string | null;
  deleteOnTermination: boolean;
  initializationRate?: number;
};

/** How a machine boots, and what its kernel can: an image has it, and what was launched from it. */
export type Firmware = {
  virtualization: string;
  enaSupport: boolean;
  bootMode: string | null;
  tpmSupport: string | null;
  sriovNetSupport: string | null;
};

export const firmwareOf = ({ virtualization, enaSupport, bootMode, tpmSupport, sriovNetSupport }: Firmware) => ({
  virtualization,
  enaSupport,
  bootMode,
  tpmSupport,
  sriovNetSupport,
});

export type Image = Kept &
  Firmware & {
    name: string;
    state: "pending" | "available" | "failed" | "disabled";
    /** Why it failed. */
    stateMessage: string | null;
    createdAt: number;
    architecture: string;
    rootDevice: string;
    imdsSupport: string | null;
    description: string;
    devices: Device[];
    /** What is billed with the instances that it starts: platform details, and codes of the Marketplace. */
    platform: string;
    productCodes: string[];
  };

export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

export type Instance = Kept &
  Firmware & {
    image: string | null;
    type: string;
    architecture: string;
    subnet: string;
    networkInterface: string;
    privateAddress: string;
    securityGroups: string[];
    profile: string | null;
    keyName: string | null;
    ebsOptimized: boolean;
    metadataTokens: string;
    platform: string;
    productCodes: string[];
    userData: string | null;
    /** DisableApiStop and DisableApiTermination. */
    stopProtected: boolean;
    terminationProtected: boolean;
    /** Kind of its Spot request; null = On-Demand. */
    spot: "one-time" | "persistent" | null;
    clientToken: string;
    state: InstanceState;
    stateReason: { code: string; message: string } | null;
    launchedAt: number;
    runningAt: number | null;
    rootDevice: string;
    volumes: { device: string; volume: string; deleteOnTermination: boolean }[];
    options?: LaunchOptions;
  };

export type Subnet = Kept & { cidr: string; zone: string; vpc: string; ipv6?: string };
export type NetworkInterface = Kept & {
  subnet: string;
  privateAddress: string;
  /** Private addresses beside it. */
  secondaryAddresses?: string[];
  instance: string | null;
  securityGroups: string[];
};
export type Address = Kept & { publicAddress: string; instance: string | null; association: string | null };
export type SecurityGroup = Kept & { name: string; vpc: string };
/** `allows`: the default ACL of a VPC lets everything pass, one that was made lets nothing. [VPC: custom-network-acl] */
export type NetworkAcl = Kept & { vpc: string; isDefault: boolean; allows: boolean };

export type Ec2 = {
  serial: number;
  instances: Map<string, Instance>;
  volumes: Map<string, Volume>;
  snapshots: Map<string, Snapshot>;
  /** Ids of snapshots that somebody else deleted. */
  takenAway: Set<string>;
  images: Map<string, Image>;
  subnets: Map<string, Subnet>;
  networkInterfaces: Map<string, NetworkInterface>;
  addresses: Map<string, Address>;
  securityGroups: Map<string, SecurityGroup>;
  networkAcls: Map<string, NetworkAcl>;
  keyPairs: Set<string>;
  zones: string[];
  /** `type zone` pairs that are not offered. */
  notOffered: Set<string>;
  /** Snapshots in the archive tier, and those in the Recycle Bin. */
  archived: Set<string>;
  recycled: Map<string, Snapshot>;
  /** Image -> when it is deprecated, ms. */
  deprecated: Map<string, number>;
  /** Volumes whose every snapshot somebody gives fast snapshot restore. */
  fastRestored: Set<string>;
  /** The account lets nothing start with IMDSv1 (HttpTokensEnforced). */
  tokensEnforced: boolean;
  /** Product code of the Marketplace -> the types that its seller allows; without an entry every type. */
  products: Map<string, string[]>;
  /** Zone and ClientToken -> what was asked and made. [EC2dev:ec2-api-idempotency] */
  launches: Map<string, { input: string; instances: string[] }>;
};

/** EC2 and EBS of one Region. */
export const ec2Of = (world: World, region: string) =>
  world.region(
    "EC2",
    region,
    (): Ec2 => ({
      serial: 0,
      instances: new Map(),
      volumes: new Map(),
      snapshots: new Map(),
      takenAway: new Set(),
      images: new Map(),
      subnets: new Map(),
      networkInterfaces: new Map(),
      addresses: new Map(),
      securityGroups: new Map(),
      networkAcls: new Map(),
      keyPairs: new Set(),
      zones: ["a", "b", "c"].map((letter) => region + letter),
      notOffered: new Set(),
      archived: new Set(),
      recycled: new Map(),
      deprecated: new Map(),
      fastRestored: new Set(),
      tokensEnforced: false,
      products: new Map(),
      launches: new Map(),
    }),
  );

/** Instance profiles are IAM's: one set for all Regions. */
export const profilesOf = (world: World) => world.region("IAM", "global", () => new Set<string>());

/** The common part of a new resource. It is shown by Describe only after a moment. [EC2dev:eventual-consistency] */
export const kept = (world: World, region: string, prefix: string, tags: Tag[] = []): Kept => ({
  id: world.id(prefix),
  serial: ++ec2Of(world, region).serial,
  visibleAt:
    world.now() + visibleAfterSeconds(world.random.fork(`visible ${region} ${ec2Of(world, region).serial}`)) * 1_000,
  tags,
});

/** The resource with this id, if EC2 already shows it; else its NotFound error. */
export const known = <T extends Kept>(world: World, from: Map<string, T>, id: string | undefined, kind: Kind): T => {
  const found = from.get(id ?? "");
  if (found && found.visibleAt <= world.now()) return found;
  throw new AwsError(`${notFound[kind][0]}`, `The ${notFound[kind][1]} '${id}' does not exist`);
};

const notFound = {
  instance: ["InvalidInstanceID.NotFound", "instance ID"],
  volume: ["InvalidVolume.NotFound", "volume"],
  snapshot: ["InvalidSnapshot.NotFound", "snapshot"],
  image: ["InvalidAMIID.NotFound", "image id"],
  subnet: ["InvalidSubnetID.NotFound", "subnet ID"],
  group: ["InvalidGroup.NotFound", "security group"],
  interface: ["InvalidNetworkInterfaceID.NotFound", "networkInterface ID"],
  address: ["InvalidAllocationID.NotFound", "allocation ID"],
  acl: ["InvalidNetworkAclID.NotFound", "networkAcl ID"],
} as const;
type Kind = keyof typeof notFound;
