import { bucketArn, executionArns, machineArn, tableArn, userDataTableArn } from "./names.ts";
import type { Statement } from "./policy.ts";

/**
 * What each function may do: exactly the AWS calls that its code makes, and what those calls imply (below). A test
 * compares this with the call journal of the rehearsals. Controllers know no plan, so Regions, keys and servers are
 * open, and what Lifeboat made itself is told apart by its tag.
 */
const table = (...verbs: string[]): Statement => ({
  actions: verbs.map((verb) => `dynamodb:${verb}`),
  resources: [tableArn],
});
/** The table of secrets: DynamoDB uses its key in the caller's name. [DynamoDB:encryption.usagenotes] */
const userData = (verbs: string[], keyUses: string[]): Statement[] => [
  { actions: verbs.map((verb) => `dynamodb:${verb}`), resources: [userDataTableArn] },
  {
    actions: keyUses.map((use) => `kms:${use}`),
    resources: ["${UserDataKey.Arn}"],
    condition: { StringEquals: { "kms:ViaService": "dynamodb.${AWS::Region}.amazonaws.com" } },
  },
];
const ec2 = (actions: string[], resources: string[], condition?: Statement["condition"]): Statement => ({
  actions: actions.map((action) => `ec2:${action}`),
  resources: resources.map((resource) =>
    resource === "snapshot" || resource === "image"
      ? `arn:\${AWS::Partition}:ec2:*::${resource}/*`
      : `arn:\${AWS::Partition}:ec2:*:\${AWS::AccountId}:${resource}/*`,
  ),
  ...(condition && { condition }),
});
/** Describe calls know no resource-level permissions. */
const read = (...actions: string[]): Statement => ({ actions, resources: ["*"] });
const describe = (...actions: string[]) => read(...actions.map((action) => `ec2:${action}`));

const ours = { Null: { "aws:ResourceTag/lifeboat:application": "false" } };
const executions: Statement = {
  actions: ["states:DescribeExecution"],
  resources: ["replicate", "rotate", "failover", "close"].map(executionArns),
};
const tagOnCreate = (resources: string[], ...calls: string[]) =>
  ec2(["CreateTags"], resources, { StringEquals: { "ec2:CreateAction": calls } });

/** An image is made of copies, found by its name, and made again when it is broken. */
const image = [
  ec2(["RegisterImage"], ["image", "snapshot"]),
  tagOnCreate(["image"], "RegisterImage"),
  ec2(["DeregisterImage"], ["image"], ours),
];

/** EBS and EC2 use the keys in the caller's name. The key policies must allow it too: docs/deploy.md. */
const grant: Statement = {
  actions: ["kms:CreateGrant"],
  resources: ["arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*"],
  condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
};
const keys: Statement[] = [
  {
    actions: ["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
    resources: ["arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*"],
    condition: { StringLike: { "kms:ViaService": "ec2.*.amazonaws.com" } },
  },
  grant,
];
const describeKey: Statement = {
  actions: ["kms:DescribeKey"],
  resources: ["arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*"],
};

const topics: Statement = {
  actions: ["sns:Publish"],
  resources: ["arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*"],
};
const takeover: Statement = {
  actions: ["cloudwatch:PutMetricData"],
  resources: ["*"],
  condition: { StringEquals: { "cloudwatch:namespace": "Lifeboat" } },
};
/** A task token names the task: IAM knows no resource for it. */
const resume: Statement = { actions: ["states:SendTaskSuccess"], resources: ["*"] };
const zones = "arn:${AWS::Partition}:route53:::hostedzone/*";

export const permissions: Record<string, Statement[]> = {
  answer: [table("GetItem", "PutItem", "UpdateItem"), resume],
  ask: [table("GetItem", "PutItem", "UpdateItem"), resume, topics],
  consider: [table("GetItem", "PutItem", "UpdateItem")],
  "approval-page": [table("GetItem"), { actions: ["states:StartExecution"], resources: [machineArn("failover")] }],
  gate: [],
  "load-plan": [table("GetItem")],
  "acquire-lease": [table("GetItem", "Query", "PutItem", "UpdateItem"), executions],
  snapshot: [
    table("GetItem", "Query", "PutItem", "BatchWriteItem"),
    describe(
      "DescribeImages",
      "DescribeInstances",
      "DescribeInstanceAttribute",
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
  "check-progress": [table("PutItem"), describe("DescribeInstances")],
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
    describe(
      "DescribeAddresses",
      "DescribeImages",
      "DescribeInstances",
      "DescribeInstanceTypeOfferings",
      "DescribeInstanceTypes",
      "DescribeNetworkInterfaces",
      "DescribeSnapshots",
      "DescribeSubnets",
    ),
    describeKey,
    read("servicequotas:GetServiceQuota"),
    { actions: ["route53:ListResourceRecordSets"], resources: [zones] },
    { actions: ["route53:GetHealthCheck"], resources: ["arn:${AWS::Partition}:route53:::healthcheck/*"] },
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
    table("GetItem", "PutItem"),
    describe("DescribeInstances", "DescribeImages", "DescribeSubnets"),
    ec2(
      ["RunInstances"],
      ["image", "instance", "key-pair", "network-interface", "security-group", "snapshot", "subnet", "volume"],
    ),
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
    table("GetItem", "PutItem"),
    ec2(["AssociateAddress"], ["elastic-ip", "instance", "network-interface"]),
    {
      actions: ["elasticloadbalancing:RegisterTargets"],
      resources: ["arn:${AWS::Partition}:elasticloadbalancing:*:${AWS::AccountId}:targetgroup/*"],
    },
  ],
  verify: [
    table("GetItem", "PutItem"),
    describe("DescribeInstances", "DescribeInstanceStatus"),
    read("elasticloadbalancing:DescribeTargetHealth"),
    {
      actions: ["ssm:SendCommand"],
      resources: [
        "arn:${AWS::Partition}:ssm:*::document/AWS-RunShellScript",
        "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",
      ],
    },
    read("ssm:GetCommandInvocation"),
  ],
  "judge-wave": [table("GetItem", "PutItem")],
  fence: [table("GetItem", "Query", "PutItem"), describe("DescribeInstances"), ec2(["StopInstances"], ["instance"])],
  unfence: [
    table("GetItem", "Query", "PutItem"),
    describe("DescribeInstances"),
    ec2(["StartInstances"], ["instance"]),
    grant,
  ],
  reroute: [
    table("GetItem", "Query", "PutItem", "UpdateItem"),
    describe("DescribeInstances"),
    takeover,
    { actions: ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"], resources: [zones] },
  ],
  "verify-traffic": [table("GetItem", "PutItem")],
  report: [table("GetItem", "Query", "PutItem"), { actions: ["s3:PutObject"], resources: [`${bucketArn}/*`] }, topics],
  release: [table("GetItem", "UpdateItem")],
  "inspect-run": [table("GetItem"), executions],
  detect: [
    table("BatchGetItem", "GetItem", "PutItem", "UpdateItem"),
    read("cloudwatch:DescribeAlarms"),
    describe("DescribeAvailabilityZones"),
    takeover,
    { actions: ["states:StartExecution"], resources: [machineArn("failover")] },
    topics,
  ],
};

/** Actions that no call of ours names, but that AWS checks when another one is made, in any role. */
export const implied: Record<string, string> = {
  "ec2:CreateTags":
    "checked for the tags that CreateSnapshots, CreateImage, CopySnapshot, CopyImage, RegisterImage and RunInstances set",
  "iam:PassRole": "checked when RunInstances is given an instance profile",
  "kms:CreateGrant": "EC2 asks for it when a copy, a launch or a start uses an encrypted volume",
  "kms:Decrypt": "EC2 reads an encrypted snapshot with it",
  "kms:GenerateDataKeyWithoutPlaintext": "EC2 writes an encrypted snapshot or volume with it",
  "kms:ReEncryptFrom": "EC2 changes the key of a copy with it",
  "kms:ReEncryptTo": "EC2 changes the key of a copy with it",
};
const impliedInOne: Record<string, Record<string, string>> = {
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

const prefixes: Record<string, string> = {
  CloudWatch: "cloudwatch",
  DynamoDB: "dynamodb",
  EC2: "ec2",
  "Elastic Load Balancing v2": "elasticloadbalancing",
  KMS: "kms",
  "Route 53": "route53",
  S3: "s3",
  SFN: "states",
  SNS: "sns",
  SSM: "ssm",
  STS: "sts",
  "Service Quotas": "servicequotas",
};

/** The IAM action of a call in the journal. */
export const actionOfCall = ({ service, operation }: { service: string; operation: string }) =>
  `${prefixes[service] ?? service}:${operation}`;
