import { route53 } from "./dns/route53.ts";
import { throttledRoute53 } from "./dns/route53-rate.ts";
import { routingControl } from "./dns/routing-control.ts";
import { ec2 } from "./ec2/ec2.ts";
import type { Services } from "./kernel.ts";
import { autoScaling } from "./services/auto-scaling.ts";
import { cloudwatch } from "./services/cloudwatch.ts";
import { dynamodb } from "./services/dynamodb.ts";
import { elasticLoadBalancing } from "./services/elb.ts";
import { kms } from "./services/kms.ts";
import { s3 } from "./services/s3.ts";
import { serviceQuotas } from "./services/service-quotas.ts";
import { sns } from "./services/sns.ts";
import { ssm } from "./services/ssm.ts";
import { sts } from "./services/sts.ts";

/** Every simulated service but Step Functions, which needs something that runs the machines. */
export const services: Services = {
  "Auto Scaling": autoScaling,
  CloudWatch: cloudwatch,
  DynamoDB: dynamodb,
  EC2: ec2,
  "Elastic Load Balancing v2": elasticLoadBalancing,
  KMS: kms,
  "Route 53": throttledRoute53(route53),
  "Route53 Recovery Cluster": routingControl,
  S3: s3,
  "Service Quotas": serviceQuotas,
  SNS: sns,
  SSM: ssm,
  STS: sts,
};
