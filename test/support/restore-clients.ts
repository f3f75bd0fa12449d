import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { KMSClient } from "@aws-sdk/client-kms";
import { Route53Client } from "@aws-sdk/client-route-53";
import { Route53RecoveryClusterClient } from "@aws-sdk/client-route53-recovery-cluster";
import { S3Client } from "@aws-sdk/client-s3";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { afterAll } from "vitest";

const classes = [
  AutoScalingClient,
  CloudWatchClient,
  DynamoDBClient,
  EC2Client,
  ElasticLoadBalancingV2Client,
  KMSClient,
  Route53Client,
  Route53RecoveryClusterClient,
  S3Client,
  ServiceQuotasClient,
  SchedulerClient,
  SFNClient,
  SNSClient,
  SSMClient,
  STSClient,
];

/** Test files share a worker and its modules: what one file mocked is whole again for the next. */
afterAll(() => {
  for (const { prototype } of classes) (prototype.send as { restore?: () => void }).restore?.();
});
