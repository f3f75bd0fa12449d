import type { ServerSettings } from "./server-settings.ts";

/**
 * A recovery point: every server of one resource, each with all its volumes from one CreateSnapshots call, copied to
 * the target Region. Written ahead (`open`) before the first snapshot is asked for, so that a pass that dies leaves a
 * record of what it wanted; `complete` only when every copy is `completed`.
 */
export type Point = {
  application: string;
  resource: string;
  /** `<resource>.<yyyymmddThhmmssZ of the pass>`: sorts by time. */
  id: string;
  state: "open" | "complete" | "discarded";
  /** Region of the sources, Region of the copies. */
  source: string;
  target: string;
  /** Start of the pass, ISO 8601. */
  openedAt: string;
  /** Earliest StartTime of the source snapshots, ISO 8601; null while open. */
  pointAt: string | null;
  completedAt: string | null;
  /** Instance ids, sorted. */
  servers: string[];
  /** While it is being described: the server up to which it is ("" = none yet). Absent once `servers` is whole. */
  opening?: string;
  /** Why the point was discarded, or a server was left out. */
  because: string | null;
  /** When it left `open`, ISO 8601. */
  settledAt?: string;
  /** When the objective is missed if this point is not complete by then, ISO 8601: the order of its copies. */
  deadline?: string;
  /** True once its copies stand in the queue. */
  queued?: boolean;
  /** True once every server of it has its image, false once they are taken away; absent while some may have one. */
  imaged?: boolean;
  /** Where the plan locks copies: the server up to which they are locked. */
  lockedTo?: string;
  /** True once a later pass found no surplus snapshot of it any more: until then every pass looks for some. */
  swept?: boolean;
  /** True of a discarded point that was complete: rotation took it away. */
  rotated?: boolean;
  /** True once rotation has deleted its source snapshots; the copies stay. */
  sourcesGone?: boolean;
  /** When a later pass last looked whether the copies of a complete point are still there, ISO 8601. */
  lookedAt?: string;
  /** Since when, and why, it counts no more: copies are gone, archived or disabled. Null when it is sound again. */
  damaged?: { at: string; because: string } | null;
};

/** What a launch needs to know of one server, without the source Region. One item per server and point. */
export type Manifest = {
  application: string;
  resource: string;
  point: string;
  /** Instance id in the source Region. */
  server: string;
  /** Name tag, or the instance id. */
  name: string;
  tags: Record<string, string>;
  instanceType: string;
  architecture: string;
  zone: string;
  subnet: { id: string; cidr: string };
  privateAddress: string;
  publicAddress: string | null;
  securityGroups: string[];
  instanceProfile: string | null;
  keyName: string | null;
  ebsOptimized: boolean;
  enaSupport: boolean;
  sriovNetSupport: string | null;
  bootMode: string | null;
  tpmSupport: string | null;
  imdsSupport: string | null;
  /** `required` = IMDSv2 only. */
  metadataTokens: string;
  rootDevice: string;
  platform: string;
  productCodes: string[];
  /** What is billed, where it is more than Linux without a licence, as in `RunInstances:0002`. [EC2: billing-info-fields] */
  usageOperation?: string;
  /** Absent: hvm. */
  virtualization?: "paravirtual";
  autoScalingGroup: string | null;
  instanceStoreVolumes: number;
  networkInterfaces: number;
  /** Key of the stored user data, or null: the text itself is never part of a manifest. */
  userData: string | null;
  volumes: ManifestVolume[];
  /** Attached volumes that its snapshots leave out; absent when there are none. */
  excluded?: { bootVolume: boolean; dataVolumes: string[]; devices?: string[]; volumes?: ManifestVolume[] };
  /** Earliest StartTime of its source snapshots, ISO 8601; null or absent until they were taken. */
  takenAt?: string | null;
  /** Image registered from the copies, or copied with them; null until catalogued. */
  image: string | null;
  /** LaunchTime of the instance, ISO 8601: with it unchanged, and the instance running, its user data is unchanged. */
  launchedAt?: string;
  /** True when the server goes by CreateImage and CopyImage, as its licence, or its kernel, stands in the image; `sourceImage` then. */
  byImage?: boolean;
  sourceImage?: string | null;
  /** Where consistency was asked for: what became of it. Absent = crash-consistent, as asked. */
  consistency?: Consistency;
  /** Absent in a point of a version that did not read them. */
  settings?: ServerSettings;
};

/** asked: `before` was sent · frozen: it succeeded · thawed: snapshots were taken in between · crash: it failed, `because`. */
export type Consistency = {
  state: "asked" | "frozen" | "thawed" | "crash";
  /** Id of the SSM command of `before`. */
  command: string | null;
  askedAt: string;
  because: string | null;
};

export type ManifestVolume = {
  device: string;
  volume: string;
  sizeGiB: number;
  type: string;
  iops: number | null;
  throughputMiBs: number | null;
  encrypted: boolean;
  deleteOnTermination: boolean;
  /** Source snapshot and its copy; null until known. */
  sourceSnapshot: string | null;
  snapshot: string | null;
  /** Its own tags, without those of AWS; absent: none, or a point of a version that did not read them. */
  tags?: Record<string, string>;
  /** True of a Multi-Attach volume: several servers may write to it at once. */
  shared?: boolean;
  /** A snapshot of it in the source Region has fast snapshot restore. */
  fastRestore?: true;
};
