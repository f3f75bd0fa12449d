import { executionArns, tableArn, userDataTableArn } from "./names.ts";
import type { Statement } from "./policy.ts";

/** The words in which permissions are written: each gives one right, on as little as a controller can name. */
export const table = (...verbs: string[]): Statement => ({
  actions: verbs.map((verb) => `dynamodb:${verb}`),
  resources: [tableArn],
});
/** The table of secrets: DynamoDB uses its key in the caller's name. [DynamoDB:encryption.usagenotes] */
export const userData = (verbs: string[], keyUses: string[]): Statement[] => [
  { actions: verbs.map((verb) => `dynamodb:${verb}`), resources: [userDataTableArn] },
  {
    actions: keyUses.map((use) => `kms:${use}`),
    resources: ["${UserDataKey.Arn}"],
    condition: { StringEquals: { "kms:ViaService": "dynamodb.${AWS::Region}.amazonaws.com" } },
  },
];
export const ec2 = (actions: string[], resources: string[], condition?: Statement["condition"]): Statement => ({
  actions: actions.map((action) => `ec2:${action}`),
  resources: resources.map((resource) =>
    resource === "snapshot" || resource === "image"
      ? `arn:\${AWS::Partition}:ec2:*::${resource}/*`
      : `arn:\${AWS::Partition}:ec2:*:\${AWS::AccountId}:${resource}/*`,
  ),
  ...(condition && { condition }),
});
/** Describe calls know no resource-level permissions. */
export const read = (...actions: string[]): Statement => ({ actions, resources: ["*"] });
export const describe = (...actions: string[]) => read(...actions.map((action) => `ec2:${action}`));

export const ours = { Null: { "aws:ResourceTag/lifeboat:application": "false" } };
/** Only what carries our tag, and only the tag that names the run which uses it. */
export const retagOurs = {
  ...ours,
  "ForAllValues:StringEquals": { "aws:TagKeys": ["lifeboat:run"] },
};
/** What carries our tag may be given others, none of ours. */
export const tagTheirs = { ...ours, "ForAllValues:StringNotLike": { "aws:TagKeys": ["lifeboat:*"] } };
export const executions: Statement = {
  actions: ["states:DescribeExecution"],
  resources: ["replicate", "rotate", "failover", "close"].map(executionArns),
};
export const tagOnCreate = (resources: string[], ...calls: string[]) =>
  ec2(["CreateTags"], resources, { StringEquals: { "ec2:CreateAction": calls } });

/** An image is made of copies, found by its name, and made again when it is broken. */
export const image = [
  ec2(["RegisterImage"], ["image", "snapshot"]),
  tagOnCreate(["image"], "RegisterImage"),
  ec2(["DeregisterImage"], ["image"], ours),
];

/** EBS and EC2 use the keys in the caller's name. The key policies must allow it too: docs/deploy.md. */
export const grant: Statement = {
  actions: ["kms:CreateGrant"],
  resources: ["arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*"],
  condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
};
export const keys: Statement[] = [
  {
    actions: ["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
    resources: ["arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*"],
    condition: { StringLike: { "kms:ViaService": "ec2.*.amazonaws.com" } },
  },
  grant,
];
export const describeKey: Statement = {
  actions: ["kms:DescribeKey"],
  resources: ["arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*"],
};

/** A topic under a customer's key takes a message only from who may use that key through SNS. [SNS: sns-key-management] */
export const topics: Statement[] = [
  { actions: ["sns:Publish"], resources: ["arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*"] },
  {
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    resources: ["arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*"],
    condition: { StringLike: { "kms:ViaService": "sns.*.amazonaws.com" } },
  },
];
export const takeover: Statement = {
  actions: ["cloudwatch:PutMetricData"],
  resources: ["*"],
  condition: { StringEquals: { "cloudwatch:namespace": "Lifeboat" } },
};
/** A task token names the task: IAM knows no resource for it. */
export const resume: Statement = { actions: ["states:SendTaskSuccess"], resources: ["*"] };
export const zones = "arn:${AWS::Partition}:route53:::hostedzone/*";
export const checks = "arn:${AWS::Partition}:route53:::healthcheck/*";
export const routingControls = "arn:${AWS::Partition}:route53-recovery-control::${AWS::AccountId}:controlpanel/*";
export const scalingGroups =
  "arn:${AWS::Partition}:autoscaling:*:${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/*";

/** Stops servers, or shuts them off where stopping would lose their instance store, and keeps groups from replacing them. */
export const isolation: Statement[] = [
  describe("DescribeInstances", "DescribeInstanceTypes", "DescribeNetworkAcls", "DescribeNetworkInterfaces"),
  ec2(["StopInstances"], ["instance"]),
  ec2(["CreateNetworkAcl"], ["network-acl", "vpc"]),
  tagOnCreate(["network-acl"], "CreateNetworkAcl"),
  ec2(["ReplaceNetworkAclAssociation"], ["network-acl", "subnet"]),
  read("autoscaling:DescribeAutoScalingGroups"),
  { actions: ["autoscaling:SuspendProcesses"], resources: [scalingGroups] },
];

/** Runs a probe on servers. */
export const shell: Statement[] = [
  {
    actions: ["ssm:SendCommand"],
    resources: [
      "arn:${AWS::Partition}:ssm:*::document/AWS-RunShellScript",
      "arn:${AWS::Partition}:ssm:*::document/AWS-RunPowerShellScript",
      "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*",
    ],
  },
];
