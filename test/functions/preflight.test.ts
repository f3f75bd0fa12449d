import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  GetHealthCheckCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import type { Plan, Resource } from "../../functions/core/plan.ts";
import type { Manifest } from "../../functions/core/point.ts";
import { preflight } from "../../functions/preflight.ts";
import { aManifest, aPlan, aPoint, aResource, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const ec2 = mockClient(EC2Client);
const balancer = mockClient(ElasticLoadBalancingV2Client);
const [kms, quotas] = [mockClient(KMSClient), mockClient(ServiceQuotasClient)] as const;
const route53 = mockClient(Route53Client);
const mocks = [ec2, balancer, kms, quotas, route53];

const run = aRun();
const input = { run, lease: { value: { generation: 1 } } };
const aScene = async ({
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
type Over = {
  plan?: Partial<Plan>;
  resource?: Partial<Resource>;
  launch?: Partial<Resource["launch"]>;
  manifests?: Partial<Manifest>[];
  points?: Record<string, string>;
};
const fault = (name: string) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } });
const refusalOf = async (over: Over) => {
  const error = await preflight(input, await aScene(over)).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: "RefusedError", hint: "Mend what is named and start the failover again." });
  return (error as Error).message;
};

beforeEach(() => {
  for (const mock of mocks) mock.reset();
  const subnet = (SubnetId: string, AvailabilityZone: string, CidrBlock: string) => ({
    ...{ SubnetId, AvailabilityZone, CidrBlock, AvailableIpAddressCount: 9 },
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
});

describe("preflight", () => {
  it("gives the waves, each server with its place, sorted by name", async () => {
    const context = await aScene({
      manifests: [
        { server: "i-0c", name: "web-3", zone: "eu-west-1c", privateAddress: "10.0.0.12" },
        { server: "i-0a", name: "web-1", zone: "eu-west-1a" },
        { server: "i-0b", name: "web-2", zone: "eu-west-1c", privateAddress: "10.0.0.11" },
      ],
    });
    const ref = { resource: "web", point: aPoint().id };
    expect(await preflight(input, context)).toEqual({
      waves: [
        [
          { ...ref, server: "i-0a", name: "web-1", index: 0, zone: 0 },
          { ...ref, server: "i-0b", name: "web-2", index: 1, zone: 1 },
          { ...ref, server: "i-0c", name: "web-3", index: 2, zone: 1 },
        ],
      ],
      waveCount: 1,
      points: { web: aPoint().id },
      warnings: [],
    });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { state: "Preflight", outcome: "Ready", detail: { problems: [], servers: 3 } },
    ]);
  });

  it("asks the recovery Region in batches, and nothing else", async () => {
    const servers = Array.from({ length: 250 }, (_, i) => `i-${i}`);
    const context = await aScene({
      launch: { address: "auto" },
      manifests: servers.map((server) => ({ server, name: server })),
    });
    await preflight(input, context).catch(() => undefined);
    expect(ec2).toHaveReceivedCommandTimes(DescribeSubnetsCommand, 1);
    expect(ec2).toHaveReceivedCommandTimes(DescribeSecurityGroupsCommand, 1);
    expect(ec2).toHaveReceivedCommandTimes(DescribeNetworkInterfacesCommand, 1);
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstanceTypesCommand, 1);
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstanceTypeOfferingsCommand, 1);
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 2);
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 1);
  });

  it("refuses with every problem at once", async () => {
    ec2.on(DescribeSubnetsCommand).resolves({
      Subnets: [{ SubnetId: "subnet-a", AvailabilityZone: "eu-central-1a", CidrBlock: "10.0.0.0/24" }],
    });
    ec2.on(DescribeSnapshotsCommand).resolves({});
    ec2.on(DescribeSecurityGroupsCommand).resolves({});
    ec2.on(DescribeAddressesCommand).resolves({});
    balancer.on(DescribeTargetGroupsCommand).rejects(fault("TargetGroupNotFoundException"));
    kms.on(DescribeKeyCommand).rejects(fault("NotFoundException"));
    quotas.on(GetServiceQuotaCommand, { ServiceCode: "ec2" }).resolves({ Quota: { Value: 0 } });
    const message = await refusalOf({
      resource: { encryptKey: "alias/k" },
      launch: { elasticIps: ["eipalloc-1"], targetGroups: ["arn:tg"] },
      manifests: [{ platform: "Windows", byImage: true, image: null }],
    });
    expect(message.split("; ")).toEqual([
      "web-1: recovery point web.20260302T113000Z has no image with the licence of its platform Windows",
      "web-1: snapshot snap-dst-a of /dev/xvda is missing",
      "web: subnet subnet-b does not exist",
      "web: security group sg-1 does not exist in eu-central-1",
      "web: target group arn:tg does not exist",
      "web: Elastic IP eipalloc-1 does not exist",
      "web-1: no room left in subnet-a",
      "web: key alias/k does not exist in eu-central-1",
    ]);
  });

  it("of very many problems lists the first hundred and counts the rest", async () => {
    const manifests = Array.from({ length: 103 }, (_, i) => ({
      server: `i-${i}`,
      name: `web-${i}`,
      platform: "Windows",
    }));
    const problems = (await refusalOf({ launch: { address: "auto", subnets: {} }, manifests })).split("; ");
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toBe("and 106 more");
  });

  it("refuses a resource without a complete point", async () => {
    expect(await refusalOf({ points: {} })).toBe("web: no complete recovery point in eu-central-1");
    expect(await refusalOf({ points: { web: "web.gone" } })).toBe("web: no complete recovery point in eu-central-1");
  });

  it("warns of what it could not read: quota, key, health inputs", async () => {
    quotas.reset().rejects(fault("AccessDeniedException"));
    kms.on(DescribeKeyCommand).rejects(fault("AccessDeniedException"));
    route53.on(ListResourceRecordSetsCommand).rejects(fault("TimeoutError"));
    const context = await aScene({ plan: { traffic: aPlan().traffic }, resource: { encryptKey: "alias/k" } });
    expect((await preflight(input, context)).warnings).toEqual([
      "quota of Lambda functions at once (AccessDeniedException) could not be checked",
      "vCPU quota of standard instances (AccessDeniedException) could not be checked",
      "web: key alias/k (AccessDeniedException) could not be checked",
      "the records and their health inputs (TimeoutError) could not be checked",
    ]);
  });

  it("warns when the quota has no value, and of an account that may run ten functions at once, as new ones do", async () => {
    quotas.on(GetServiceQuotaCommand, { ServiceCode: "ec2" }).resolves({});
    quotas.on(GetServiceQuotaCommand, { ServiceCode: "lambda" }).resolves({ Quota: { Value: 10 } });
    expect((await preflight(input, await aScene())).warnings).toEqual([
      "only 10 Lambda functions at once may run in eu-central-1, and other functions share them: ask for 100 or more (quota L-B99A9384)",
      "vCPU quota of standard instances could not be checked",
    ]);
  });

  it("counts what runs On-Demand against the quota, not Spot", async () => {
    quotas.on(GetServiceQuotaCommand, { ServiceCode: "ec2" }).resolves({ Quota: { Value: 4 } });
    const running = { InstanceType: "m6i.large" as const };
    const spot = { ...running, InstanceLifecycle: "spot" as const };
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running, spot] }] });
    expect((await preflight(input, await aScene())).warnings).toEqual([]);
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running, running] }] });
    expect(await refusalOf({})).toBe("vCPU quota of standard instances: 2 needed, 0 left of 4");
  });

  it("warns when the copies that made this point cannot be repeated as often as the plan wants", async () => {
    const rare = await aScene({ resource: { everySeconds: 600 } });
    expect((await preflight(input, rare)).warnings).toEqual([
      expect.stringMatching(
        /^not attainable: 1 volume needs 0\.2 h a round .* as measured\), and web is due every 10 min/,
      ),
    ]);
  });

  it("passes addresses, target group and key that are fine", async () => {
    ec2
      .on(DescribeAddressesCommand)
      .resolves({ Addresses: [{ AllocationId: "eipalloc-1", PublicIp: "198.51.100.1" }] });
    balancer.on(DescribeTargetGroupsCommand).resolves({ TargetGroups: [{ TargetType: "instance" }] });
    kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: "k", Arn: "arn:k", KeyState: "Enabled" } });
    const context = await aScene({
      resource: { encryptKey: "alias/k" },
      launch: { elasticIps: ["eipalloc-1"], targetGroups: ["arn:tg"] },
    });
    await expect(preflight(input, context)).resolves.toMatchObject({ waveCount: 1 });
  });

  it("has nothing to look at in a plan that protects nothing", async () => {
    const context = await aScene({ plan: { protect: [], recover: { ...aPlan().recover, waves: [] } }, points: {} });
    expect(await preflight(input, context)).toEqual({ waves: [], waveCount: 0, points: {}, warnings: [] });
    expect(ec2).not.toHaveReceivedCommand(DescribeSubnetsCommand);
  });

  it("stops at a lease that has moved on", async () => {
    const stale = { run, lease: { value: { generation: 2 } } };
    await expect(preflight(stale, await aScene())).rejects.toMatchObject({ name: "StaleLeaseError" });
    expect(ec2.calls()).toHaveLength(0);
  });
});

describe("the record pair in preflight", () => {
  const set = (Failover: "PRIMARY" | "SECONDARY", over: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
    Name: "shop.example.com.",
    Type: "A",
    SetIdentifier: Failover.toLowerCase(),
    Failover,
    TTL: 30,
    ResourceRecords: [{ Value: Failover === "PRIMARY" ? "192.0.2.10" : "198.51.100.10" }],
    ...(Failover === "PRIMARY" && { HealthCheckId: "hc-1" }),
    ...over,
  });
  const records = (...ResourceRecordSets: ResourceRecordSet[]) =>
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets, IsTruncated: false, MaxItems: 100 });
  const traffic = { plan: { traffic: aPlan().traffic } };

  it("with the takeover's own check passes", async () => {
    records(set("PRIMARY"), set("SECONDARY"));
    route53.on(GetHealthCheckCommand, { HealthCheckId: "hc-1" }).resolves({
      HealthCheck: {
        Id: "hc-1",
        CallerReference: "r",
        HealthCheckVersion: 1,
        HealthCheckConfig: {
          Type: "CLOUDWATCH_METRIC",
          AlarmIdentifier: { Name: "takeover", Region: "eu-central-1" },
          InsufficientDataHealthStatus: "LastKnownStatus",
        },
      },
    });
    expect((await preflight(input, await aScene(traffic))).warnings).toEqual([]);
  });

  it("with another health input is refused", async () => {
    records(set("PRIMARY"), set("SECONDARY", { HealthCheckId: "hc-2" }));
    route53.on(GetHealthCheckCommand).rejects(fault("NoSuchHealthCheck"));
    expect(await refusalOf(traffic)).toBe(
      "shop.example.com A: the SECONDARY set has the health check hc-2; " +
        "shop.example.com A: health check hc-1 of the PRIMARY set does not exist",
    );
  });

  it("whose check cannot be read is warned of", async () => {
    records(set("PRIMARY"), set("SECONDARY"));
    route53.on(GetHealthCheckCommand).rejects(fault("TimeoutError"));
    const context = await aScene(traffic);
    expect((await preflight(input, context)).warnings).toEqual([
      "shop.example.com A: health check hc-1 could not be checked",
    ]);
  });
});
