/**
 * Which plane of AWS a call needs, and where it lives. A control plane creates, reads, describes, changes, deletes and
 * lists resources; a data plane does what the service is for. A control plane of a Regional service is in its Region, that
 * of a global service in one Region for the whole world.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/control-planes-and-data-planes.html
 */
export type Plane = {
  plane: "control" | "data" /** Region of a global control plane; null = Regional. */;
  home: string | null;
  source: string;
};

const boundaries = "https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries";
const sources = {
  planes: `${boundaries}/control-planes-and-data-planes.html`,
  global: `${boundaries}/global-services.html`,
  edge: `${boundaries}/appendix-b---edge-network-global-service-guidance.html`,
  route53: "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/route-53-concepts.html",
};

/** SDK service ids of control planes that are in one Region for all. */
const globalControlPlanes: Record<string, { home: string; source: string }> = {
  "Route 53": { home: "us-east-1", source: sources.route53 },
  IAM: { home: "us-east-1", source: sources.global },
  CloudFront: { home: "us-east-1", source: sources.edge },
  Organizations: { home: "us-east-1", source: sources.global },
  "Route53 Recovery Control Config": { home: "us-west-2", source: sources.global },
  "Route53 Recovery Readiness": { home: "us-west-2", source: sources.global },
  "Global Accelerator": { home: "us-west-2", source: sources.edge },
};

/** Their names, for a scenario's `control-plane-down`. */
export const globalControlPlaneServices = Object.keys(globalControlPlanes);

/** Operations that are what their service is for; `true`: each of them. */
const dataPlanes: Record<string, true | RegExp> = {
  DynamoDB: /Item|^Query$|^Scan$/,
  S3: /^(Get|Put|Head|Delete)Object$|^ListObjects/,
  CloudWatch: /^(Put|Get)Metric(Data|Statistics)$/,
  SNS: /^Publish/,
  SQS: /Message/,
  SFN: /^(StartExecution|SendTask)/,
  Lambda: /^Invoke/,
  KMS: /crypt|^GenerateDataKey/,
  EBS: true,
  // Regional endpoints of STS are data planes of IAM: roles that exist are assumed whatever becomes of us-east-1
  STS: true,
  // five Regional endpoints of which one has to answer; its configuration is another service
  "Route53 Recovery Cluster": true,
};

/** The plane that a call of this operation needs. */
export const planeOf = (service: string, operation: string): Plane => {
  const global = globalControlPlanes[service];
  if (global) return { plane: "control", ...global };
  const data = dataPlanes[service];
  const isData = data === true || data?.test(operation) === true;
  return { plane: isData ? "data" : "control", home: null, source: sources.planes };
};

/** Answering DNS, and what answers a probe: data planes, the first the most available that AWS has. */
export const questions: Plane = { plane: "data", home: null, source: sources.route53 };
