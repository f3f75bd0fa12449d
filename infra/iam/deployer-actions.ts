import { computeActions, lambdas } from "./deployer-actions-of-compute.ts";
import { here, on, tagging } from "./deployer-statements.ts";
import type { Statement } from "./policy.ts";

/** Buckets of osls begin with the name of their stack, all of which begin with ours. */
const bucket = "s3:::lifeboat-*";

/**
 * What making, changing, reading and removing a resource of each type takes, on as little as its names allow; CloudFormation
 * acts with the rights of whoever calls it. [CloudFormation resource provider schemas: handlers, permissions] `osls`: what that asks for itself.
 */
export const deployerActions: Record<string, Statement[]> = {
  ...computeActions,
  osls: [
    on(
      [`cloudformation:${here}:stack/lifeboat-*/*`],
      "cloudformation",
      ...[
        "CreateChangeSet",
        "CreateStack",
        "DeleteChangeSet",
        "DeleteStack",
        "DescribeChangeSet",
        "DescribeStackEvents",
      ],
      ...["DescribeStackResource", "DescribeStackResources", "DescribeStacks", "ExecuteChangeSet", "GetTemplate"],
      ...["ListStackResources", "SetStackPolicy", "TagResource", "UntagResource", "UpdateStack"],
    ),
    on(["*"], "cloudformation", "ValidateTemplate", "ListExports"),
    on([bucket], "s3", "ListBucket", "ListBucketVersions", "GetBucketLocation"),
    on([`${bucket}/*`], "s3", "PutObject", "GetObject", "DeleteObject", "DeleteObjectVersion"),
    on(lambdas, "lambda", "GetFunction", "ListVersionsByFunction"),
    {
      ...on(["iam::${AWS::AccountId}:role/lifeboat-*"], "iam", "PassRole"),
      condition: {
        StringEquals: {
          "iam:PassedToService": ["lambda", "states", "events", "scheduler"].map((one) => `${one}.amazonaws.com`),
        },
      },
    },
  ],
  "AWS::CloudWatch::Alarm": [
    on(
      [`cloudwatch:${here}:alarm:lifeboat-*`],
      "cloudwatch",
      "PutMetricAlarm",
      "DeleteAlarms",
      "DescribeAlarms",
      ...tagging,
    ),
  ],
  "AWS::CloudWatch::Dashboard": [
    on(
      ["cloudwatch::${AWS::AccountId}:dashboard/lifeboat-*"],
      "cloudwatch",
      "PutDashboard",
      "GetDashboard",
      "DeleteDashboards",
    ),
  ],
  "AWS::DynamoDB::Table": [
    on(
      [`dynamodb:${here}:table/lifeboat`, `dynamodb:${here}:table/lifeboat-user-data`],
      "dynamodb",
      ...["CreateTable", "UpdateTable", "DescribeTable", "DescribeContinuousBackups", "UpdateContinuousBackups"],
      ...["TagResource", "UntagResource", "ListTagsOfResource", "DescribeTimeToLive", "GetResourcePolicy"],
      ...["DescribeContributorInsights", "DescribeKinesisStreamingDestination"],
    ),
    {
      ...on([`kms:${here}:key/*`], "kms", "CreateGrant", "Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey"),
      condition: { StringLike: { "kms:ViaService": "dynamodb.*.amazonaws.com" } },
    },
  ],
  "AWS::IAM::Role": [
    on(
      ["iam::${AWS::AccountId}:role/lifeboat-*"],
      "iam",
      ...[
        "CreateRole",
        "DeleteRole",
        "GetRole",
        "UpdateRole",
        "UpdateAssumeRolePolicy",
        "PutRolePolicy",
        "GetRolePolicy",
      ],
      ...["DeleteRolePolicy", "ListRolePolicies", "ListAttachedRolePolicies", "TagRole", "UntagRole"],
    ),
  ],
  "AWS::KMS::Alias": [
    on([`kms:${here}:alias/lifeboat-*`, `kms:${here}:key/*`], "kms", "CreateAlias", "UpdateAlias", "DeleteAlias"),
    on(["*"], "kms", "ListAliases"),
  ],
  "AWS::KMS::Key": [
    on(["*"], "kms", "CreateKey"),
    on(
      [`kms:${here}:key/*`],
      "kms",
      ...[
        "DescribeKey",
        "EnableKeyRotation",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListResourceTags",
        "PutKeyPolicy",
      ],
      ...["TagResource", "UntagResource", "UpdateKeyDescription"],
    ),
  ],
  "AWS::Logs::LogGroup": [
    on(
      [`logs:${here}:log-group:/aws/lambda/lifeboat-*`, `logs:${here}:log-group:/aws/vendedlogs/states/lifeboat-*`],
      "logs",
      ...["CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "DeleteRetentionPolicy", ...tagging],
    ),
    // a machine that writes a log is made by whoever may look at deliveries. [SFN:cw-logs]
    on(
      ["*"],
      "logs",
      "DescribeLogGroups",
      "CreateLogDelivery",
      "GetLogDelivery",
      "UpdateLogDelivery",
      "DeleteLogDelivery",
      "ListLogDeliveries",
      "PutResourcePolicy",
      "DescribeResourcePolicies",
    ),
  ],
  "AWS::Route53::HealthCheck": [
    on(["*"], "route53", "CreateHealthCheck"),
    on(
      ["route53:::healthcheck/*"],
      "route53",
      "GetHealthCheck",
      "UpdateHealthCheck",
      "DeleteHealthCheck",
      "ChangeTagsForResource",
      "ListTagsForResource",
    ),
    on(["*"], "cloudwatch", "DescribeAlarms"),
  ],
  "AWS::Route53::RecordSet": [
    on(["route53:::hostedzone/*"], "route53", "ChangeResourceRecordSets", "ListResourceRecordSets", "GetHostedZone"),
    on(["route53:::change/*"], "route53", "GetChange"),
  ],
  "AWS::S3::Bucket": [
    on(
      [bucket],
      "s3",
      ...[
        "CreateBucket",
        "DeleteBucket",
        "GetBucketPublicAccessBlock",
        "PutBucketPublicAccessBlock",
        "PutBucketOwnershipControls",
      ],
      ...["GetBucketOwnershipControls", "PutBucketVersioning", "GetBucketVersioning", "PutEncryptionConfiguration"],
      ...["GetEncryptionConfiguration", "PutBucketTagging", "GetBucketTagging"],
    ),
  ],
  "AWS::S3::BucketPolicy": [on([bucket], "s3", "PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy")],
};
