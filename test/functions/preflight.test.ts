import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
} from "@aws-sdk/client-ec2";
import { DescribeTargetGroupsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { DescribeKeyCommand } from "@aws-sdk/client-kms";
import { GetHealthCheckCommand, ListResourceRecordSetsCommand, type ResourceRecordSet } from "@aws-sdk/client-route-53";
import { GetServiceQuotaCommand } from "@aws-sdk/client-service-quotas";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { preflight } from "../../functions/preflight.ts";
import { aPlan, aRun } from "../support/builders.ts";
import {
  aPreflightScene,
  balancer,
  ec2,
  fault,
  input,
  kms,
  type Over,
  quotas,
  reset,
  route53,
} from "../support/preflight-scene.ts";

const run = aRun();

const refusalOf = async (over: Over) => {
  const error = await preflight(input, await aPreflightScene(over)).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: "RefusedError", hint: "Fix the problems above and start the failover again." });
  return (error as Error).message;
};

beforeEach(reset);

describe("preflight", () => {
  it("preflight asks the recovery Region in batches, and the source what runs there", async () => {
    const servers = Array.from({ length: 250 }, (_, i) => `i-${i}`);
    const context = await aPreflightScene({
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
    // what runs there, and what earlier runs left; of the source two by id, and one by tag
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 5);
  });

  it("preflight refuses with every problem at once", async () => {
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

  it("preflight lists the first hundred of very many problems, and counts the rest", async () => {
    const manifests = Array.from({ length: 103 }, (_, i) => ({
      server: `i-${i}`,
      name: `web-${i}`,
      platform: "Windows",
    }));
    const problems = (await refusalOf({ launch: { address: "auto", subnets: {} }, manifests })).split("; ");
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toBe("and 106 more");
  });

  it("preflight refuses a resource without a complete point", async () => {
    expect(await refusalOf({ points: {} })).toBe("web: no complete recovery point in eu-central-1");
    expect(await refusalOf({ points: { web: "web.gone" } })).toBe("web: no complete recovery point in eu-central-1");
  });

  it("preflight warns of what it could not read: quota, key, health inputs", async () => {
    quotas.reset().rejects(fault("AccessDeniedException"));
    kms.on(DescribeKeyCommand).rejects(fault("AccessDeniedException"));
    route53.on(ListResourceRecordSetsCommand).rejects(fault("TimeoutError"));
    const context = await aPreflightScene({ plan: { traffic: aPlan().traffic }, resource: { encryptKey: "alias/k" } });
    expect((await preflight(input, context)).warnings).toEqual([
      "quota of Lambda functions at once (AccessDeniedException) could not be checked",
      "vCPU quota of standard instances (AccessDeniedException) could not be checked",
      "web: key alias/k (AccessDeniedException) could not be checked",
      "could not check the records and their health inputs (TimeoutError)",
    ]);
  });

  it("preflight warns when the quota has no value, and of an account that may run ten functions at once, as new ones do", async () => {
    quotas.on(GetServiceQuotaCommand, { ServiceCode: "ec2" }).resolves({});
    quotas.on(GetServiceQuotaCommand, { ServiceCode: "lambda" }).resolves({ Quota: { Value: 10 } });
    expect((await preflight(input, await aPreflightScene())).warnings).toEqual([
      "only 10 Lambda functions at once may run in eu-central-1, and other functions share them: ask for 100 or more (quota L-B99A9384)",
      "vCPU quota of standard instances could not be checked",
    ]);
  });

  it("preflight counts what runs On-Demand against the quota, not Spot", async () => {
    quotas.on(GetServiceQuotaCommand, { ServiceCode: "ec2" }).resolves({ Quota: { Value: 4 } });
    const running = { InstanceType: "m6i.large" as const };
    const spot = { ...running, InstanceLifecycle: "spot" as const };
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running, spot] }] });
    expect((await preflight(input, await aPreflightScene())).warnings).toEqual([]);
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [running, running] }] });
    expect(await refusalOf({})).toBe("vCPU quota of standard instances: 2 needed, 0 left of 4");
  });

  it("preflight warns when the copies that made this point cannot be repeated as often as the plan wants", async () => {
    const rare = await aPreflightScene({ resource: { everySeconds: 600 } });
    expect((await preflight(input, rare)).warnings).toEqual([
      expect.stringMatching(
        /^not attainable: 1 volume needs 0\.2 h a round .* as measured\), and web is due every 10 min/,
      ),
    ]);
  });

  it("preflight passes addresses, target group and key that are fine", async () => {
    ec2
      .on(DescribeAddressesCommand)
      .resolves({ Addresses: [{ AllocationId: "eipalloc-1", PublicIp: "198.51.100.1" }] });
    balancer.on(DescribeTargetGroupsCommand).resolves({ TargetGroups: [{ TargetType: "instance" }] });
    kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: "k", Arn: "arn:k", KeyState: "Enabled" } });
    const context = await aPreflightScene({
      resource: { encryptKey: "alias/k" },
      launch: { elasticIps: ["eipalloc-1"], targetGroups: ["arn:tg"] },
    });
    await expect(preflight(input, context)).resolves.toMatchObject({ waveCount: 1 });
  });

  it("preflight has nothing to check in a plan that protects nothing", async () => {
    const context = await aPreflightScene({
      plan: { protect: [], recover: { ...aPlan().recover, waves: [] } },
      points: {},
    });
    expect(await preflight(input, context)).toEqual({
      waves: [],
      waveCount: 0,
      points: {},
      names: false,
      warnings: [],
    });
    expect(ec2).not.toHaveReceivedCommand(DescribeSubnetsCommand);
  });

  it("preflight stops at a lease that has moved on", async () => {
    const stale = { run, lease: { value: { generation: 2 } } };
    await expect(preflight(stale, await aPreflightScene())).rejects.toMatchObject({ name: "StaleLeaseError" });
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

  it("preflight accepts a record pair with the takeover's own health check", async () => {
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
    expect((await preflight(input, await aPreflightScene(traffic))).warnings).toEqual([]);
  });

  it("preflight refuses a record pair with another health input", async () => {
    records(set("PRIMARY"), set("SECONDARY", { HealthCheckId: "hc-2" }));
    route53.on(GetHealthCheckCommand).rejects(fault("NoSuchHealthCheck"));
    expect(await refusalOf(traffic)).toBe(
      "shop.example.com A: the SECONDARY set has the health check hc-2; " +
        "shop.example.com A: health check hc-1 of the PRIMARY set does not exist",
    );
  });

  it("preflight warns of a record pair whose health check cannot be read", async () => {
    records(set("PRIMARY"), set("SECONDARY"));
    route53.on(GetHealthCheckCommand).rejects(fault("TimeoutError"));
    const context = await aPreflightScene(traffic);
    expect((await preflight(input, context)).warnings).toEqual([
      "shop.example.com A: health check hc-1 could not be checked",
    ]);
  });
});
