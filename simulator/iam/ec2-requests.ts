/** What IAM is asked about each EC2 call: action, resources and condition keys. */

import type { Tag, TagSpecification } from "@aws-sdk/client-ec2";
import { actionOfCall } from "../../functions/core/iam-actions.ts";
import { ec2Of } from "../ec2/state.ts";
import { account, type CallRecord, type World } from "../kernel.ts";
import type { Asking } from "./policy.ts";

// biome-ignore lint/suspicious/noExplicitAny: the input of any operation
type Input = any;
type Named = { type: string; id: string };
/** A thing that a call names, or makes: then it has the tags of the request. */
type Touched = Named | { type: string; makes: true };

const some = (type: string, ids: (string | undefined)[] = []): Named[] =>
  ids.flatMap((id) => (id ? [{ type, id }] : []));
const made = (...types: string[]): Touched[] => types.map((type) => ({ type, makes: true }));
const snapshotsOf = (devices: Input[] = []) =>
  some(
    "snapshot",
    devices.map(({ Ebs }) => Ebs?.SnapshotId),
  );
const typeOf = (id: string) => ({ i: "instance", vol: "volume", eni: "network-interface" })[id.split("-")[0]!]!;

const runs = (input: Input): Touched[] => [
  ...some("image", [input.ImageId]),
  ...snapshotsOf(input.BlockDeviceMappings),
  ...some("subnet", [input.SubnetId ?? input.NetworkInterfaces?.[0]?.SubnetId]),
  ...some("security-group", input.SecurityGroupIds ?? input.NetworkInterfaces?.[0]?.Groups),
  ...made("instance", "volume", "network-interface"),
];

/** Resource types of each operation, as the service authorization reference has them; reads that know none are left out. */
const touched: Record<string, (input: Input) => Touched[]> = {
  RunInstances: runs,
  StopInstances: ({ InstanceIds }) => some("instance", InstanceIds),
  StartInstances: ({ InstanceIds }) => some("instance", InstanceIds),
  TerminateInstances: ({ InstanceIds }) => some("instance", InstanceIds),
  DescribeInstanceAttribute: ({ InstanceId }) => some("instance", [InstanceId]),
  ModifyInstanceAttribute: ({ InstanceId }) => some("instance", [InstanceId]),
  CreateSnapshots: ({ InstanceSpecification }) => [
    ...some("instance", [InstanceSpecification.InstanceId]),
    ...made("snapshot"),
    { type: "volume", id: "any" },
  ],
  CreateImage: ({ InstanceId }) => [...some("instance", [InstanceId]), ...made("image", "snapshot")],
  CopySnapshot: () => made("snapshot"),
  CopyImage: () => made("image", "snapshot"),
  RegisterImage: ({ BlockDeviceMappings }) => [...made("image"), ...snapshotsOf(BlockDeviceMappings)],
  DeregisterImage: ({ ImageId }) => some("image", [ImageId]),
  DeleteSnapshot: ({ SnapshotId }) => some("snapshot", [SnapshotId]),
  LockSnapshot: ({ SnapshotId }) => some("snapshot", [SnapshotId]),
  AssociateAddress: ({ AllocationId, InstanceId }) => [
    ...some("elastic-ip", [AllocationId]),
    ...some("instance", [InstanceId]),
    { type: "network-interface", id: "any" },
  ],
  CreateNetworkAcl: ({ VpcId }) => [...made("network-acl"), ...some("vpc", [VpcId])],
  DeleteNetworkAcl: ({ NetworkAclId }) => some("network-acl", [NetworkAclId]),
  ReplaceNetworkAclAssociation: ({ NetworkAclId }) => [
    ...some("network-acl", [NetworkAclId]),
    { type: "subnet", id: "any" },
  ],
  CreateTags: ({ Resources }) => Resources.map((id: string) => ({ type: typeOf(id), id })),
};

/** What EC2, and Systems Manager for the instances of EC2, ask IAM about a call. Tags are those of the instant before it. */
export const ec2Asks = (call: CallRecord, world: World): Asking[] => {
  const { service, operation, region } = call;
  const input: Input = call.input;
  const action = actionOfCall(call);
  if (service === "SSM")
    return operation === "SendCommand" ? sends(call, world) : [{ action, resource: "*", keys: {} }];
  const of = touched[operation];
  if (!of && /^(Describe|Get)/.test(operation)) return [{ action, resource: "*", keys: {} }];
  if (!of) throw new Error(`simulator/iam/ec2-requests.ts: it is not known what IAM is asked about EC2.${operation}`);
  const given: TagSpecification[] = input.TagSpecifications ?? [];
  const changed = operation === "CreateTags" ? tagKeysOf(input.Tags) : {};
  const own = of(input).map((thing) => ({
    action,
    resource: arnOf(region, thing),
    keys: {
      ...("id" in thing ? resourceTags(world, region, thing, "aws:ResourceTag") : requestTags(given, thing.type)),
      ...(operation === "LockSnapshot" ? { "ec2:SnapshotLockDuration": String(input.LockDuration) } : {}),
      ...changed,
    },
  }));
  const tagged = given.map(({ ResourceType: type = "instance" }) => ({
    action: "ec2:CreateTags",
    resource: arnOf(region, { type, makes: true }),
    keys: { "ec2:CreateAction": operation, ...requestTags(given, type) },
  }));
  return [...own, ...tagged, ...handed(call)];
};

/** A role goes with an instance profile, which has its name here; keys with what is encrypted, which a dry run does not come to. */
const handed = ({ operation, input, region }: CallRecord): Asking[] => {
  const { Name, Arn } = (input as Input).IamInstanceProfile ?? {};
  const role = Name ?? Arn?.split("/").at(-1);
  const key = `arn:aws:kms:${region}:${account}:key/any`;
  const through = { "kms:ViaService": `ec2.${region}.amazonaws.com` };
  const encrypts =
    ["RunInstances", "CopySnapshot", "CopyImage"].includes(operation) && (input as Input).DryRun !== true;
  const uses = encrypts ? ["Decrypt", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"] : [];
  const grants = uses.length > 0 || operation === "StartInstances" ? [{ "kms:GrantIsForAWSResource": "true" }] : [];
  return [
    ...(role
      ? [
          {
            action: "iam:PassRole",
            resource: `arn:aws:iam::${account}:role/${role}`,
            keys: { "iam:PassedToService": "ec2.amazonaws.com" },
          },
        ]
      : []),
    ...uses.map((use) => ({ action: `kms:${use}`, resource: key, keys: through })),
    ...grants.map((keys) => ({ action: "kms:CreateGrant", resource: key, keys: { ...keys, ...through } })),
  ];
};

const sends = ({ input, region, service, operation }: CallRecord, world: World): Asking[] => {
  const { DocumentName, InstanceIds = [] }: Input = input;
  const action = actionOfCall({ service, operation });
  const owner = DocumentName.startsWith("AWS-") ? "" : account;
  return [
    { action, resource: `arn:aws:ssm:${region}:${owner}:document/${DocumentName}`, keys: {} },
    ...InstanceIds.map((id: string) => ({
      action,
      resource: arnOf(region, { type: "instance", id }),
      keys: resourceTags(world, region, { type: "instance", id }, "ssm:resourceTag"),
    })),
  ];
};

const arnOf = (region: string, thing: Touched) => {
  const id = "id" in thing ? thing.id : "new";
  const owner = ["image", "snapshot"].includes(thing.type) ? "" : account;
  return `arn:aws:ec2:${region}:${owner}:${thing.type}/${id}`;
};

/** Keys of the tags that a call gives to what it makes of this type; EC2 knows them only where it is given some. */
const requestTags = (given: TagSpecification[], type: string) => {
  const tags = given.filter(({ ResourceType }) => ResourceType === type).flatMap(({ Tags }) => Tags ?? []);
  return {
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value ?? ""])),
    ...tagKeysOf(tags),
  };
};
const tagKeysOf = (tags: Tag[]): Asking["keys"] =>
  tags.length > 0 ? { "aws:TagKeys": tags.map(({ Key }) => Key ?? "") } : {};

/** What has tags, by the resource type of its ARN. */
export const shelvesOf = (world: World, region: string): Record<string, Map<string, { tags: Tag[] }>> => {
  const ec2 = ec2Of(world, region);
  return {
    instance: ec2.instances,
    volume: ec2.volumes,
    snapshot: ec2.snapshots,
    image: ec2.images,
    "network-interface": ec2.networkInterfaces,
    "network-acl": ec2.networkAcls,
  };
};

const resourceTags = (world: World, region: string, { type, id }: Named, prefix: string): Asking["keys"] => {
  const tags = shelvesOf(world, region)[type]?.get(id)?.tags ?? [];
  return Object.fromEntries(tags.map(({ Key, Value }) => [`${prefix}/${Key}`, Value ?? ""]));
};
