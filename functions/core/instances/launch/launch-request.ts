import type { Resource } from "../../model/plan.ts";
import type { Manifest } from "../../model/recovery-point.ts";
import type { Run, ServerRef } from "../../model/run.ts";
import { launchToken, tagKeys } from "../../names.ts";
import { blockDevice, emptyDevice } from "./block-device.ts";
import { launchSettings } from "./launch-settings.ts";
import { type Placement, settingsOf } from "./placement.ts";

/** Tags of one resource. [EC2: Using_Tags] */
const tagsMax = 50;

type Wanted = {
  run: Run;
  server: ServerRef;
  resource: Resource;
  manifest: Manifest;
  slot: Placement;
  image: string;
  /** Base64, or null for none. */
  userData: string | null;
};

/**
 * The RunInstances request of one slot, but for its tags. No key pair: those are Regional, and the authorized keys are on the root disk.
 * The root device names its snapshot too: EC2 refuses an image with another one, so that no other set can start.
 */
export const launchRequest = ({ run, server, resource, manifest, slot, image, userData }: Wanted) => {
  const { launch } = resource;
  const profile = launch.instanceProfile === "same" ? manifest.instanceProfile : launch.instanceProfile;
  const { securityGroups } = settingsOf(launch, manifest);
  const { tags } = tagsOf(run, server, resource, manifest);
  return {
    ClientToken: launchToken(run.id, server.server, slot.name),
    MinCount: 1,
    MaxCount: 1,
    ImageId: image,
    InstanceType: slot.instanceType as "m5.large",
    BlockDeviceMappings: devicesOf(resource, manifest),
    ...launchSettings({ launch, manifest, slot, securityGroups, tags: Object.keys(tags) }),
    ...(profile && { IamInstanceProfile: profile.startsWith("arn:") ? { Arn: profile } : { Name: profile } }),
    ...(userData && { UserData: userData }),
  };
};

const devicesOf = ({ launch, exclude }: Resource, { volumes, excluded }: Manifest) => {
  const rate = launch.initializationRate && { VolumeInitializationRate: launch.initializationRate };
  const copies = volumes.map(blockDevice).map(({ DeviceName, Ebs }) => ({ DeviceName, Ebs: { ...Ebs, ...rate } }));
  return exclude.replace === "empty" ? [...copies, ...(excluded?.volumes ?? []).map(emptyDevice)] : copies;
};

/**
 * Tags of the launched instance and its interface, and of its volumes, which keep what they had in common; `dropped` did
 * not fit beside the plan's and ours.
 */
export const tagsOf = (run: Run, server: ServerRef, { name, launch }: Resource, manifest: Manifest) => {
  const ours = {
    [tagKeys.application]: run.application,
    [tagKeys.resource]: name,
    [tagKeys.server]: server.server,
    [tagKeys.point]: server.point,
    [tagKeys.run]: run.name,
  };
  const isTheirs = (key: string) => isOthers(key) && !Object.hasOwn(launch.tags, key);
  const theirs = Object.keys(manifest.tags)
    .filter(isTheirs)
    .sort((a, b) => Number(b === "Name") - Number(a === "Name") || (a < b ? -1 : 1));
  const room = tagsMax - Object.keys(ours).length - Object.keys(launch.tags).length;
  const kept = Object.fromEntries(theirs.slice(0, room).map((key) => [key, manifest.tags[key] ?? ""]));
  const tags: Record<string, string> = { ...kept, ...launch.tags, ...ours };
  const volumeTags = Object.entries(commonVolumeTags(manifest)).filter(([key]) => isTheirs(key));
  const volume: Record<string, string> = { ...kept, ...Object.fromEntries(volumeTags), ...launch.tags, ...ours };
  const fits = Object.keys(volume).length > tagsMax ? tags : volume;
  return { tags, volume: fits, dropped: theirs.slice(room), ...ownVolumeTags(manifest, isTheirs, fits) };
};

/** Neither AWS's nor ours. */
const isOthers = (key: string) => !/^(aws|lifeboat):/.test(key);

/**
 * Tags that not all volumes of a server have, a name aside, since a launch tags them alike; Attach gives them. `untagged`: devices
 * that have no room for theirs. [SDK EC2: RunInstancesRequest]
 */
const ownVolumeTags = (
  manifest: Pick<Manifest, "volumes">,
  isTheirs: (key: string) => boolean,
  given: Record<string, string>,
) => {
  const common = commonVolumeTags(manifest);
  const all = manifest.volumes.map(({ device, tags = {} }) => {
    const own = Object.entries(tags).filter(([key, value]) => key !== "Name" && isTheirs(key) && common[key] !== value);
    return { device, tags: Object.fromEntries(own) };
  });
  const some = all.filter(({ tags }) => Object.keys(tags).length > 0);
  const hasRoom = ({ tags }: (typeof some)[number]) => Object.keys({ ...given, ...tags }).length <= tagsMax;
  return { own: some.filter(hasRoom), untagged: some.filter((one) => !hasRoom(one)).map(({ device }) => device) };
};

/** What a launch can give to volumes: it tags all of them alike. [SDK EC2: RunInstancesRequest] */
export const commonVolumeTags = ({ volumes }: Pick<Manifest, "volumes">): Record<string, string> => {
  const [first, ...others] = volumes.map(({ tags = {} }) => tags);
  return Object.fromEntries(
    Object.entries(first ?? {}).filter(([key, value]) => others.every((tags) => tags[key] === value)),
  );
};

/** Is there a tag that not all of its volumes have? */
export const hasOwnVolumeTags = (manifest: Pick<Manifest, "volumes">): boolean =>
  ownVolumeTags(manifest, isOthers, {}).own.length > 0;

export type Reaction =
  | "capacity"
  | "quota"
  | "verification"
  | "unsuitable"
  | "address"
  | "image"
  | "launched"
  | "passing";

const reactions: Record<string, Reaction> = {
  // [EC2dev:errors-overview] server errors; [EC2:troubleshooting-launch-capacity]
  InsufficientInstanceCapacity: "capacity",
  InsufficientHostCapacity: "capacity",
  InsufficientReservedInstanceCapacity: "capacity",
  ReservationCapacityExceeded: "capacity",
  InsufficientCapacity: "capacity",
  InsufficientCapacityOnHost: "capacity",
  InsufficientVolumeCapacity: "capacity",
  InsufficientFreeAddressesInSubnet: "capacity",
  InsufficientAddressCapacity: "capacity",
  // a quota is one of a family, of a kind of volume or of Spot: another slot may be under another one. [EC2:ec2-on-demand-instances]
  VcpuLimitExceeded: "quota",
  InstanceLimitExceeded: "quota",
  MaxSpotInstanceCountExceeded: "quota",
  MaxSpotFleetRequestCountExceeded: "quota",
  MaxIOPSLimitExceeded: "quota",
  VolumeLimitExceeded: "quota",
  AddressLimitExceeded: "quota",
  NetworkInterfaceLimitExceeded: "quota",
  // "normally resolved within minutes": the first launches of an account in a Region. [EC2dev:errors-overview]
  PendingVerification: "verification",
  "InvalidIPAddress.InUse": "address",
  "InvalidAMIID.NotFound": "image",
  "InvalidAMIID.Unavailable": "image",
  "InvalidSnapshot.NotFound": "image",
  IdempotentParameterMismatch: "launched",
  RequestLimitExceeded: "passing",
  Throttling: "passing",
  ThrottlingException: "passing",
  ServiceUnavailable: "passing",
  Unavailable: "passing",
  InternalError: "passing",
  InternalFailure: "passing",
};

/**
 * What an error of RunInstances means. `capacity`, `quota`: the slot is full for all, for a while; `verification`: all
 * wait; `image`: look again soon; `launched`: the token was used before; `address`: someone has it; `passing`: ask again.
 * Everything else that EC2 refuses is said of this server in this slot (type, boot mode, ENA, architecture, zone, licence,
 * rights, and what we do not know): `unsuitable`, the next slot may do. [EC2dev:errors-overview]
 */
export const reactionTo = (code: string): Reaction => reactions[code.replace(/^(Client|Server)\./, "")] ?? "unsuitable";
