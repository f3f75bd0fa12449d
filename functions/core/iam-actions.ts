/** SDK service id -> prefix of its IAM actions. */
const prefixes: Record<string, string> = {
  "Auto Scaling": "autoscaling",
  CloudWatch: "cloudwatch",
  DynamoDB: "dynamodb",
  EC2: "ec2",
  "Elastic Load Balancing v2": "elasticloadbalancing",
  KMS: "kms",
  "Route 53": "route53",
  "Route53 Recovery Cluster": "route53-recovery-cluster",
  S3: "s3",
  SFN: "states",
  SNS: "sns",
  SSM: "ssm",
  Scheduler: "scheduler",
  STS: "sts",
  "Service Quotas": "servicequotas",
};

/** The IAM action of a call in the journal. */
export const actionOfCall = ({ service, operation }: { service: string; operation: string }) =>
  `${prefixes[service] ?? service}:${operation}`;
