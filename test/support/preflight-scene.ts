import {
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { KMSClient } from "@aws-sdk/client-kms";
import { Route53Client } from "@aws-sdk/client-route-53";
import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { mockClient } from "aws-sdk-client-mock";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import type { Manifest } from "../../functions/core/model/recovery-point.ts";
import { aManifest, aPlan, aPoint, aResource, aRow, aRun } from "./builders.ts";
import { aContext } from "./context.ts";
import { withTable } from "./memory-table.ts";

/** What the tests of Preflight share: a run that holds the lease, a complete point, and the Region that it asks. */
export const ec2 = mockClient(EC2Client);
export const balancer = mockClient(ElasticLoadBalancingV2Client);
export const kms = mockClient(KMSClient);
export const quotas = mockClient(ServiceQuotasClient);
export const route53 = mockClient(Route53Client);
const mocks = [ec2, balancer, kms, quotas, route53];

const run = aRun();
export const input = { run, lease: { value: { generation: 1 } } };
export const aPreflightScene = async ({
  plan = {},
  resource = {},
  launch = {},
  manifests = [{}],
  points = { web: aPoint().id },
}: Over = {}) => {
  const held = { id: run.id, name: run.name, machine: "failover", acquiredAt: "", points };
  const protect = [aResource({ launch: { ...aResource().launch, ...launch }, ...resource })];
  const context = await withTable(aContext(), {
    plan: aPlan({ protect, traffic: null, ...plan }),
    row: aRow({ phase: "running", run: { ...held, phaseBefore: "protected" } }),
  });
  const all = manifests.map((manifest) => aManifest(manifest));
  await context.store.savePoint(aPoint({ servers: all.map(({ server }) => server) }));
  for (const manifest of all) await context.store.saveManifest(manifest);
  return context;
};
export type Over = {
  plan?: Partial<Plan>;
  resource?: Partial<Resource>;
  launch?: Partial<Resource["launch"]>;
  manifests?: Partial<Manifest>[];
  points?: Record<string, string>;
};
export const fault = (name: string) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } });
/** A recovery Region in which everything is well. */
export const reset = () => {
  for (const mock of mocks) mock.reset();
  const subnet = (SubnetId: string, AvailabilityZone: string, CidrBlock: string) => ({
    SubnetId,
    AvailabilityZone,
    CidrBlock,
    AvailableIpAddressCount: 9,
  });
  const Subnets = [
    subnet("subnet-a", "eu-central-1a", "10.0.0.0/24"),
    subnet("subnet-b", "eu-central-1b", "10.0.1.0/24"),
  ];
  ec2.on(DescribeSubnetsCommand).resolves({ Subnets });
  ec2.on(DescribeNetworkInterfacesCommand).resolves({});
  ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [{ GroupId: "sg-1", VpcId: "vpc-1" }] });
  ec2.on(DescribeInstancesCommand).resolves({});
  ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [{ SnapshotId: "snap-dst-a", State: "completed" }] });
  const common = { ProcessorInfo: { SupportedArchitectures: ["x86_64" as const] }, VCpuInfo: { DefaultVCpus: 2 } };
  const type = (InstanceType: "m5.large" | "m6i.large") => ({ InstanceType, ...common });
  ec2.on(DescribeInstanceTypesCommand).resolves({ InstanceTypes: [type("m5.large"), type("m6i.large")] });
  ec2.on(DescribeInstanceTypeOfferingsCommand).resolves({
    InstanceTypeOfferings: ["eu-central-1a", "eu-central-1b"].flatMap((Location) => [
      { InstanceType: "m5.large" as const, Location },
      { InstanceType: "m6i.large" as const, Location },
    ]),
  });
  quotas.on(GetServiceQuotaCommand, { ServiceCode: "ec2" }).resolves({ Quota: { Value: 64 } });
  quotas.on(GetServiceQuotaCommand, { ServiceCode: "lambda" }).resolves({ Quota: { Value: 1_000 } });
};
