import type { Bucket } from "../services/token-buckets.ts";

/**
 * Every action has a bucket of its own, per account and Region: a throttle of one does not touch the others. These are
 * the sizes of each category, and of the actions that have their own. [EC2dev:ec2-api-throttling]
 */
const reads: Bucket = { size: 100, perSecond: 20 };
const bareReads: Bucket = { size: 50, perSecond: 10 };
const writes: Bucket = { size: 50, perSecond: 5 };
const dear: Bucket = { size: 100, perSecond: 5 };
const tagging: Bucket = { size: 100, perSecond: 10 };
const starts: Bucket = { size: 5, perSecond: 2 };

const dearActions = [
  "AssignPrivateIpAddresses AssignIpv6Addresses AssociateIamInstanceProfile CreateLaunchTemplateVersion",
  "CreateNetworkInterface CreateSnapshot CreateSnapshots CreateVolume DeleteNetworkInterface DeleteSnapshot",
  "DeleteVolume DeregisterImage DisassociateIamInstanceProfile ModifyImageAttribute ModifyInstanceMetadataOptions",
  "ModifyNetworkInterfaceAttribute ModifySnapshotAttribute TerminateInstances UnassignPrivateIpAddresses",
].flatMap((line) => line.split(" "));

const own: Record<string, Bucket> = {
  CopyImage: { size: 100, perSecond: 1 },
  CreateTags: tagging,
  DeleteTags: tagging,
  RunInstances: starts,
  StartInstances: starts,
  ...Object.fromEntries(dearActions.map((action) => [action, dear])),
};

/** Tokens for instances rather than calls: a second bucket of these actions. [EC2dev:ec2-api-throttling] */
export const instanceBuckets: Record<string, Bucket> = {
  RunInstances: { size: 1_000, perSecond: 2 },
  StartInstances: { size: 1_000, perSecond: 2 },
  StopInstances: { size: 1_000, perSecond: 20 },
  TerminateInstances: { size: 1_000, perSecond: 20 },
};

/** Listings that are dearer without a filter and without a page size: ids are neither. [EC2dev:ec2-api-throttling] */
const whole =
  /^Describe(Instances|InstanceStatus|NetworkInterfaces|SecurityGroups|Snapshots|SpotInstanceRequests|Volumes)$/;

/** Name and size of the bucket that a call takes its token from. `isNarrow`: it has a filter or a page size. */
export const bucketOf = (action: string, isNarrow: boolean): [string, Bucket] => {
  if (own[action]) return [action, own[action]];
  if (!/^(Describe|Get|List|Search)/.test(action)) return [action, writes];
  return whole.test(action) && !isNarrow ? [`bare ${action}`, bareReads] : [action, reads];
};
