import {
  checks,
  describe,
  describeKey,
  ec2,
  executions,
  grant,
  image,
  isolation,
  keys,
  ours,
  read,
  resume,
  retagOurs,
  routingControls,
  scalingGroups,
  shell,
  table,
  tagOnCreate,
  tagTheirs,
  takeover,
  topics,
  userData,
  zones,
} from "./grants.ts";
import { lookRoleArn, lookScheduleArns } from "./looks.ts";
import { bucketArn, executionArns, machineArn } from "./names.ts";
import type { Statement } from "./policy.ts";

/**
 * What each function may do: exactly the AWS calls that its code makes, and what those calls imply (below). A test
 * compares this with the call journal of the rehearsals. Controllers know no plan, so Regions, keys and servers are
 * open, and what Lifeboat made itself is told apart by its tag.
 */
export const permissions: Record<string, Statement[]> = {
  answer: [table("GetItem", "PutItem", "UpdateItem"), resume],
  ask: [table("GetItem", "PutItem", "UpdateItem"), resume, ...topics],
  consider: [table("GetItem", "PutItem", "UpdateItem")],
  "approval-page": [table("GetItem"), { actions: ["states:StartExecution"], resources: [machineArn("failover")] }],
  gate: [
    table("GetItem", "Query", "PutItem", "UpdateItem"),
    { actions: ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"], resources: [zones] },
  ],
  "load-plan": [table("GetItem", "Query")],
  "acquire-lease": [table("GetItem", "Query", "PutItem", "UpdateItem"), executions],
  snapshot: [
    table("GetItem", "Query", "PutItem", "BatchWriteItem"),
    describe(
      "DescribeImages",
      "DescribeInstances",
      "DescribeInstanceAttribute",
      "DescribeInstanceCreditSpecifications",
      "DescribeFastSnapshotRestores",
      "DescribeInstanceTypes",
      "DescribeSnapshots",
      "DescribeSubnets",
      "DescribeVolumes",
    ),
    ec2(["CreateSnapshots"], ["instance", "volume", "snapshot"]),
    tagOnCreate(["snapshot"], "CreateSnapshots"),
    ec2(["CreateImage"], ["instance", "image", "snapshot"]),
    tagOnCreate(["image", "snapshot"], "CreateImage"),
    {
      actions: ["ssm:SendCommand"],
      resources: [
        "arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:document/*",
        "arn:${AWS::Partition}:ssm:*::document/*",
        "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",
      ],
    },
    read("ssm:DescribeInstanceInformation", "ssm:ListCommandInvocations"),
    ...userData(["BatchWriteItem"], ["Decrypt", "Encrypt", "GenerateDataKey"]),
  ],
  copy: [
    table("GetItem", "Query", "PutItem", "BatchWriteItem"),
    describe("DescribeImages", "DescribeSnapshots"),
    ec2(["CopySnapshot"], ["snapshot"]),
    tagOnCreate(["snapshot"], "CopySnapshot"),
    ec2(["CopyImage"], ["image", "snapshot"]),
    tagOnCreate(["image", "snapshot"], "CopyImage"),
    ec2(["DeregisterImage"], ["image"], ours),
    describeKey,
    ...keys,
  ],
  "check-progress": [table("GetItem", "Query", "PutItem", "BatchWriteItem"), describe("DescribeInstances")],
  catalog: [
    table("GetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem"),
    describe("DescribeSnapshots", "DescribeImages"),
    ...image,
    ec2(["DeleteSnapshot", "LockSnapshot"], ["snapshot"], ours),
  ],
  rotate: [
    table("GetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem"),
    describe("DescribeImages", "DescribeSnapshots", "DescribeVolumes"),
    ec2(["DeregisterImage"], ["image"], ours),
    ec2(["DeleteSnapshot"], ["snapshot"], ours),
  ],
  preflight: [
    table("GetItem", "Query", "PutItem"),
    { actions: ["states:DescribeExecution"], resources: [executionArns("failover")] },
    describe(
      "DescribeAddresses",
      "DescribeImages",
      "DescribeInstanceAttribute",
      "DescribeInstances",
      "DescribeInstanceTypeOfferings",
      "DescribeInstanceTypes",
      "DescribeNetworkInterfaces",
      "DescribeSecurityGroups",
      "DescribeSnapshots",
      "DescribeSubnets",
    ),
    describe("GetInstanceMetadataDefaults"),
    describeKey,
    read("servicequotas:GetServiceQuota"),
    { actions: ["route53:GetHostedZone", "route53:ListResourceRecordSets"], resources: [zones] },
    { actions: ["route53:GetHealthCheck", "route53:GetHealthCheckStatus"], resources: [checks] },
    { actions: ["route53-recovery-cluster:GetRoutingControlState"], resources: [routingControls] },
    read("elasticloadbalancing:DescribeTargetGroups"),
  ],
  pause: [table("PutItem")],
  wake: [
    table("GetItem", "Query"),
    resume,
    { actions: ["states:StartExecution"], resources: [machineArn("replicate")] },
  ],
  "loss-gate": [table("GetItem", "PutItem")],
  launch: [
    table("GetItem", "Query", "PutItem", "BatchWriteItem"),
    { actions: ["states:DescribeExecution"], resources: [executionArns("failover")] },
    ec2(["TerminateInstances"], ["instance"], ours),
    ec2(["CreateTags"], ["instance", "volume", "network-interface"], retagOurs),
    describe("DescribeInstances", "DescribeImages", "DescribeSubnets"),
    ec2(
      ["RunInstances"],
      [
        ...["capacity-reservation", "image", "instance", "key-pair", "network-interface", "security-group"],
        ...["snapshot", "subnet", "volume"],
      ],
    ),
    {
      actions: ["ec2:RunInstances"],
      resources: ["arn:${AWS::Partition}:resource-groups:*:${AWS::AccountId}:group/*"],
    },
    tagOnCreate(["instance", "volume", "network-interface"], "RunInstances"),
    ...image,
    describeKey,
    {
      actions: ["iam:PassRole"],
      resources: ["arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"],
      condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    },
    ...keys,
    ...userData(["GetItem"], ["Decrypt"]),
  ],
  attach: [
    table("GetItem", "Query", "PutItem", "BatchWriteItem"),
    ec2(["AssociateAddress"], ["elastic-ip", "instance", "network-interface"]),
    ec2(["ModifyInstanceAttribute"], ["instance"], ours),
    describe("DescribeInstances"),
    ec2(["CreateTags"], ["volume"], tagTheirs),
    {
      actions: ["elasticloadbalancing:RegisterTargets"],
      resources: ["arn:${AWS::Partition}:elasticloadbalancing:*:${AWS::AccountId}:targetgroup/*"],
    },
  ],
  verify: [
    table("GetItem", "Query", "PutItem", "BatchWriteItem"),
    describe("DescribeInstances", "DescribeInstanceStatus", "DescribeVolumeStatus", "DescribeVolumes"),
    read("elasticloadbalancing:DescribeTargetHealth"),
    ...shell,
    read("ssm:DescribeInstanceInformation", "ssm:ListCommandInvocations"),
  ],
  "judge-wave": [table("GetItem", "Query", "PutItem")],
  fence: [table("GetItem", "Query", "PutItem", "BatchWriteItem"), ...isolation],
  guard: [table("BatchGetItem", "GetItem", "Query", "PutItem", "BatchWriteItem"), ...isolation],
  sense: [table("GetItem", "UpdateItem")],
  unfence: [
    table("GetItem", "Query", "PutItem", "BatchWriteItem"),
    describe("DescribeInstances", "DescribeNetworkAcls"),
    ec2(["StartInstances"], ["instance"]),
    ec2(["ReplaceNetworkAclAssociation"], ["network-acl", "subnet"]),
    ec2(["DeleteNetworkAcl"], ["network-acl"], ours),
    { actions: ["autoscaling:ResumeProcesses"], resources: [scalingGroups] },
    grant,
  ],
  "move-names": [
    table("GetItem", "Query", "PutItem"),
    describe("DescribeInstances"),
    {
      actions: ["ChangeResourceRecordSets", "GetHostedZone", "ListResourceRecordSets"].map((verb) => `route53:${verb}`),
      resources: [zones],
    },
  ],
  reroute: [
    table("GetItem", "Query", "PutItem", "UpdateItem"),
    describe("DescribeInstances"),
    takeover,
    { actions: ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"], resources: [zones] },
    {
      actions: ["GetRoutingControlState", "UpdateRoutingControlStates"].map(
        (verb) => `route53-recovery-cluster:${verb}`,
      ),
      resources: [routingControls],
    },
  ],
  "verify-traffic": [
    table("GetItem", "Query", "PutItem"),
    { actions: ["route53:GetChange"], resources: ["arn:${AWS::Partition}:route53:::change/*"] },
    ...shell,
    read("ssm:DescribeInstanceInformation", "ssm:GetCommandInvocation"),
  ],
  report: [
    table("GetItem", "Query", "PutItem"),
    { actions: ["s3:PutObject"], resources: [`${bucketArn}/*`] },
    ...topics,
  ],
  release: [table("GetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem")],
  "inspect-run": [table("GetItem", "Query"), executions],
  detect: [
    table("BatchGetItem", "GetItem", "PutItem", "UpdateItem"),
    { actions: ["route53-recovery-cluster:GetRoutingControlState"], resources: [routingControls] },
    read("cloudwatch:DescribeAlarms"),
    describe("DescribeAvailabilityZones"),
    takeover,
    { actions: ["states:StartExecution"], resources: [machineArn("failover")] },
    { actions: ["states:DescribeExecution"], resources: [executionArns("failover")] },
    { actions: ["scheduler:CreateSchedule"], resources: [lookScheduleArns] },
    {
      actions: ["iam:PassRole"],
      resources: [lookRoleArn],
      condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
    },
    ...topics,
  ],
};

/** Actions that no call of ours names, but that AWS checks when another one is made, in any role. */
export const implied: Record<string, string> = {
  "ec2:CreateTags":
    "checked for the tags that CreateSnapshots, CreateImage, CopySnapshot, CopyImage, RegisterImage, RunInstances and CreateNetworkAcl set",
  "iam:PassRole": "checked when RunInstances is given an instance profile, and CreateSchedule a role",
  "kms:CreateGrant": "EC2 asks for it when a copy, a launch or a start uses an encrypted volume",
  "kms:Decrypt": "EC2 reads an encrypted snapshot with it",
  "kms:GenerateDataKeyWithoutPlaintext": "EC2 writes an encrypted snapshot or volume with it",
  "kms:ReEncryptFrom": "EC2 changes the key of a copy with it",
  "kms:ReEncryptTo": "EC2 changes the key of a copy with it",
};
const telling = {
  "kms:Decrypt": "SNS uses the key of an encrypted topic with it",
  "kms:GenerateDataKey": "SNS encrypts a message with it, for a topic under a customer's key",
};
const impliedInOne: Record<string, Record<string, string>> = {
  ask: telling,
  report: telling,
  detect: telling,
  snapshot: {
    "kms:Decrypt": "DynamoDB opens the table of user data with it",
    "kms:Encrypt": "DynamoDB writes to the table of user data with it",
    "kms:GenerateDataKey": "DynamoDB writes to the table of user data with it",
  },
  launch: { "kms:DescribeKey": "EC2 looks up the key of an encrypted snapshot with it" },
};

/** Actions of a function's role that none of its calls names -> the reason why they are there. */
export const impliedOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...implied, ...impliedInOne[name] }).filter(([action]) => actionsOf(name).includes(action)),
  );

/** Every action of a function's role that its own code may call, as in "ec2:DescribeInstances", sorted; the implied ones included. */
export const actionsOf = (name: string): string[] =>
  [...new Set((permissions[name] ?? []).flatMap(({ actions }) => actions))].sort();
