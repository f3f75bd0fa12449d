import { autoScaling } from "./auto-scaling.ts";
import { cloudwatch } from "./cloudwatch.ts";
import { dynamodb } from "./dynamodb.ts";
import { ec2 } from "./ec2/ec2.ts";
import { elasticLoadBalancing } from "./elb.ts";
import type { Services } from "./kernel.ts";
import { kms } from "./kms.ts";
import { route53 } from "./route53.ts";
import { throttledRoute53 } from "./route53-rate.ts";
import { routingControl } from "./routing-control.ts";
import { s3 } from "./s3.ts";
import { serviceQuotas } from "./service-quotas.ts";
import { sns } from "./sns.ts";
import { ssm } from "./ssm.ts";
import { sts } from "./sts.ts";

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
