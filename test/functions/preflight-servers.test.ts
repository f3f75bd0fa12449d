import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeSubnetsCommand,
} from "@aws-sdk/client-ec2";
import { GetServiceQuotaCommand } from "@aws-sdk/client-service-quotas";
import { beforeEach, describe, expect, it } from "vitest";
import { limits } from "../../functions/core/limits.ts";
import { preflight } from "../../functions/preflight.ts";
import { aPlan, aPoint, aRun } from "../support/builders.ts";
import { aPreflightScene, ec2, input, quotas, reset } from "../support/preflight-scene.ts";

const run = aRun();
beforeEach(reset);

describe("the servers that preflight hands over", () => {
  it("preflight writes the servers into the table, each with its place, sorted by name, and gives the waves in figures", async () => {
    const context = await aPreflightScene({
      manifests: [
        { server: "i-0c", name: "web-3", zone: "eu-west-1c", privateAddress: "10.0.0.12" },
        { server: "i-0a", name: "web-1", zone: "eu-west-1a" },
        { server: "i-0b", name: "web-2", zone: "eu-west-1c", privateAddress: "10.0.0.11" },
      ],
    });
    const ref = { resource: "web", point: aPoint().id, wave: 0, state: "wanted", version: 0, instance: null };
    const waves = [{ resources: ["web"], servers: 3 }];
    const points = { web: aPoint().id };
    expect(await preflight(input, context)).toEqual({ waves, waveCount: 1, points, names: false, warnings: [] });
    expect(await context.store.servers("shop", "run-1")).toMatchObject([
      { ...ref, server: "i-0a", name: "web-1", index: 0, zone: 0 },
      { ...ref, server: "i-0b", name: "web-2", index: 1, zone: 1 },
      { ...ref, server: "i-0c", name: "web-3", index: 2, zone: 1 },
    ]);
    expect(await context.store.waves("shop", "run-1")).toEqual({ id: run.id, waves });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { state: "Preflight", outcome: "Ready", detail: { problems: [], servers: 3 } },
    ]);
  });

  it("preflight writes down the slots that cannot take one, so that Launch asks EC2 for none of them", async () => {
    ec2.on(DescribeInstanceTypeOfferingsCommand).resolves({
      InstanceTypeOfferings: [
        ...["eu-central-1a", "eu-central-1b"].map((Location) => ({ InstanceType: "m5.large" as const, Location })),
        { InstanceType: "m6i.large", Location: "eu-central-1a" },
      ],
    });
    const [x86, arm] = [["x86_64" as const], ["arm64" as const]];
    ec2.on(DescribeInstanceTypesCommand).resolves({
      InstanceTypes: [
        { InstanceType: "m5.large", ProcessorInfo: { SupportedArchitectures: x86 } },
        { InstanceType: "m6i.large", ProcessorInfo: { SupportedArchitectures: x86 } },
        { InstanceType: "m6g.large", ProcessorInfo: { SupportedArchitectures: arm } },
      ],
    });
    const context = await aPreflightScene({
      launch: { address: "auto", instanceTypes: ["m6g.large", "same", "m6i.large"] },
    });
    await preflight(input, context);
    const [server] = await context.store.servers("shop", "run-1");
    expect(server!.refused).toEqual({
      "m6g.large/subnet-a": "it is not for x86_64",
      "m6g.large/subnet-b": "it is not for x86_64",
      "m6i.large/subnet-b": "it is not offered in eu-central-1b",
    });
  });

  it("preflight, run twice, leaves a server as it has become meanwhile", async () => {
    const context = await aPreflightScene();
    await preflight(input, context);
    const [server] = await context.store.servers("shop", "run-1");
    await context.store.saveServer("shop", "run-1", { ...server!, state: "launched", instance: "i-new" });
    await preflight(input, context);
    expect(await context.store.servers("shop", "run-1")).toMatchObject([{ state: "launched", instance: "i-new" }]);
  });

  it("preflight returns few bytes, however many servers there are", async () => {
    const servers = Array.from({ length: 1_000 }, (_, i) => `i-${i}`);
    const context = await aPreflightScene({
      launch: { address: "auto" },
      manifests: servers.map((server) => ({ server, name: `web-${server}` })),
    });
    ec2.on(DescribeSubnetsCommand).resolves({
      Subnets: ["a", "b"].map((zone) => ({
        SubnetId: `subnet-${zone}`,
        AvailabilityZone: `eu-central-1${zone}`,
        CidrBlock: "10.0.0.0/20",
        AvailableIpAddressCount: 4_000,
      })),
    });
    quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 4_000 } });
    const result = await preflight(input, context);
    expect(result.waves).toEqual([{ resources: ["web"], servers: 1_000 }]);
    expect(JSON.stringify(result).length).toBeLessThan(limits.payloadBytes);
  });

  it("preflight warns of waves that are booted together", async () => {
    const recover = { ...aPlan().recover, waves: [["web"], []], boot: "together" as const };
    const { warnings } = await preflight(input, await aPreflightScene({ plan: { recover } }));
    expect(warnings).toEqual([
      "recover.boot is together: a server that needs an earlier wave while it boots does not find it yet",
    ]);
  });
});
