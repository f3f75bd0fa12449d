import type { Statement } from "./policy.ts";

const arn = (rest: string) => `arn:\${AWS::Partition}:${rest}`;
const here = "${AWS::Region}:${AWS::AccountId}";
const on = (resources: string[], service: string, ...verbs: string[]): Statement => ({
  actions: verbs.map((verb) => `${service}:${verb}`),
  resources: resources.map((one) => (one === "*" ? one : arn(one))),
});
const tagging = ["TagResource", "UntagResource", "ListTagsForResource"];
/** Buckets of osls begin with the name of their stack, all of which begin with ours. */
const bucket = "s3:::lifeboat-*";
const lambdas = [`lambda:${here}:function:lifeboat-*`];
const machines = [`states:${here}:stateMachine:lifeboat-*`];
const queues = [`sqs:${here}:lifeboat-*`];

/**
 * What making, changing, reading and removing a resource of each type takes, on as little as its names allow; CloudFormation
 * acts with the rights of whoever calls it. [CloudFormation resource provider schemas: handlers, permissions] `osls`: what that asks for itself.
 */
export const deployerActions: Record<string, Statement[]> = {
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
  "AWS::Events::Rule": [
    on(
      [`events:${here}:rule/lifeboat-*`],
      "events",
      "PutRule",
      "DeleteRule",
      "DescribeRule",
      "PutTargets",
      "RemoveTargets",
      "ListTargetsByRule",
      ...tagging,
    ),
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
  "AWS::Lambda::Function": [
    on(
      lambdas,
      "lambda",
      ...[
        "CreateFunction",
        "DeleteFunction",
        "GetFunction",
        "GetFunctionCodeSigningConfig",
        "GetFunctionRecursionConfig",
      ],
      ...["GetRuntimeManagementConfig", "UpdateFunctionCode", "UpdateFunctionConfiguration", "PutFunctionConcurrency"],
      ...["DeleteFunctionConcurrency", "ListTags", "TagResource", "UntagResource"],
    ),
  ],
  "AWS::Lambda::EventInvokeConfig": [
    on(
      lambdas,
      "lambda",
      "PutFunctionEventInvokeConfig",
      "GetFunctionEventInvokeConfig",
      "UpdateFunctionEventInvokeConfig",
      "DeleteFunctionEventInvokeConfig",
    ),
  ],
  "AWS::Lambda::Permission": [on(lambdas, "lambda", "AddPermission", "RemovePermission", "GetPolicy")],
  "AWS::Lambda::Url": [
    on(
      lambdas,
      "lambda",
      "CreateFunctionUrlConfig",
      "GetFunctionUrlConfig",
      "UpdateFunctionUrlConfig",
      "DeleteFunctionUrlConfig",
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
  "AWS::SQS::Queue": [
    on(
      queues,
      "sqs",
      "CreateQueue",
      "DeleteQueue",
      "GetQueueAttributes",
      "GetQueueUrl",
      "SetQueueAttributes",
      "TagQueue",
      "UntagQueue",
      "ListQueueTags",
    ),
  ],
  "AWS::SQS::QueuePolicy": [on(queues, "sqs", "SetQueueAttributes", "GetQueueAttributes")],
  "AWS::Scheduler::Schedule": [
    on(
      [`scheduler:${here}:schedule/lifeboat-*/*`],
      "scheduler",
      "CreateSchedule",
      "GetSchedule",
      "UpdateSchedule",
      "DeleteSchedule",
    ),
  ],
  "AWS::Scheduler::ScheduleGroup": [
    on(
      [`scheduler:${here}:schedule-group/lifeboat-*`],
      "scheduler",
      "CreateScheduleGroup",
      "GetScheduleGroup",
      "DeleteScheduleGroup",
      ...tagging,
    ),
    on([`scheduler:${here}:schedule/lifeboat-*/*`], "scheduler", "DeleteSchedule"),
  ],
  "AWS::StepFunctions::StateMachine": [
    on(
      machines,
      "states",
      "CreateStateMachine",
      "UpdateStateMachine",
      "DeleteStateMachine",
      "DescribeStateMachine",
      ...tagging,
    ),
  ],
  "AWS::StepFunctions::StateMachineAlias": [
    on(
      machines,
      "states",
      "CreateStateMachineAlias",
      "UpdateStateMachineAlias",
      "DeleteStateMachineAlias",
      "DescribeStateMachineAlias",
    ),
  ],
  "AWS::StepFunctions::StateMachineVersion": [
    on(
      machines,
      "states",
      "PublishStateMachineVersion",
      "DeleteStateMachineVersion",
      "ListStateMachineVersions",
      "DescribeStateMachine",
    ),
  ],
};
