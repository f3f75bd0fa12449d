import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { describe, expect, it } from "vitest";
import { isEndpointHealthy } from "../../../functions/aws/health-checks.ts";
import { listRecords } from "../../../functions/aws/route-53.ts";
import type { Plan } from "../../../functions/core/model/plan.ts";
import { append, createCheck } from "../../../simulator/dns/zones.ts";
import { populateTraffic } from "../../../simulator/network/traffic.ts";
import { aPlan } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const zone = "Z0123456789ABCDEFGHIJ";
const name = "shop.example.com";
const change = ({ clients }: Simulated, Changes: Change[]) =>
  clients(Route53Client, "us-east-1")
    .send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: { Changes } }))
    .catch((error) => error);
const aSet = (over: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name: "api.example.com",
  Type: "A",
  TTL: 30,
  ResourceRecords: [{ Value: "192.0.2.77" }],
  ...over,
});

describe("every routing policy", () => {
  it("every routing policy is kept as it was given, geoproximity and IP-based ones too", async () => {
    const policies: Partial<ResourceRecordSet>[] = [
      { Weight: 0 },
      { Region: "eu-west-1" },
      { GeoLocation: { CountryCode: "US", SubdivisionCode: "CA" } },
      { MultiValueAnswer: true },
      { GeoProximityLocation: { Coordinates: { Latitude: "1.20", Longitude: "-3" }, Bias: -4 } },
      { CidrRoutingConfig: { CollectionId: "col", LocationName: "*" } },
    ];
    const sets = policies.map((policy, nth) => aSet({ Name: `p${nth}.example.com.`, SetIdentifier: "s", ...policy }));
    const names = sets.map((one) => one.Name!.slice(0, -1));
    const [answer, listed] = await simulated({ traffic: true }, async (live) => [
      await change(
        live,
        sets.map((ResourceRecordSet) => ({ Action: "CREATE" as const, ResourceRecordSet })),
      ),
      await listRecords(live.clients, zone, names, "standard"),
    ]);
    expect(answer.ChangeInfo.Status).toBe("PENDING");
    expect(listed).toMatchObject([
      { weight: 0 },
      { region: "eu-west-1" },
      { geoLocation: { CountryCode: "US", SubdivisionCode: "CA" } },
      { multivalue: true },
      { geoProximity: { Coordinates: { Latitude: "1.20", Longitude: "-3" }, Bias: -4 } },
      { cidr: { CollectionId: "col", LocationName: "*" } },
    ]);
  });
});

describe("the status of a health check", () => {
  it("the status of a health check is what its checkers say, of those that probe", async () => {
    const told = await simulated({ traffic: true }, async (live) => {
      const check = createCheck(live.world, "endpoint", { Type: "HTTPS" });
      const before = await isEndpointHealthy(live.clients, "endpoint");
      append(check.healthy, live.world.now(), false);
      const code = (id: string) => isEndpointHealthy(live.clients, id).catch((error) => error.name + error.message);
      return [before, await isEndpointHealthy(live.clients, "endpoint"), await code("no"), await code("check-shop")];
    });
    expect(told.slice(0, 2)).toEqual([true, false]);
    expect(told[2]).toMatch(/^NoSuchHealthCheck/);
    expect(told[3]).toMatch(/the status of a CLOUDWATCH_METRIC check is not simulated/);
  });
});

describe("two plans in one world", () => {
  it("may share a zone, and each has its own records and switch", async () => {
    const other: Plan = { ...aPlan(), application: "blog" };
    other.traffic = { ...other.traffic!, records: [{ ...other.traffic!.records[0]!, name: "blog.example.com" }] };
    const sets = await simulated({ traffic: true }, async (live) => {
      populateTraffic(live.world, other);
      return listRecords(live.clients, zone, [name, "blog.example.com"], "standard");
    });
    expect(sets.map((one) => [one.name, one.failover, one.healthCheck])).toEqual([
      [name, "PRIMARY", "check-shop"],
      [name, "SECONDARY", null],
      ["blog.example.com", "PRIMARY", "check-blog"],
      ["blog.example.com", "SECONDARY", null],
    ]);
  });
});

describe("a listing", () => {
  it("a listing goes on where a page ended, also inside one name and type", async () => {
    const pages = await simulated({ traffic: true }, async ({ clients }) => {
      const route53 = clients(Route53Client, "us-east-1");
      const first = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone, MaxItems: 1 }));
      const second = await route53.send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: `/hostedzone/${zone}`,
          StartRecordName: first.NextRecordName,
          StartRecordType: first.NextRecordType,
          StartRecordIdentifier: first.NextRecordIdentifier,
        }),
      );
      return [first, second].map(({ IsTruncated, ResourceRecordSets }) => [
        IsTruncated,
        ResourceRecordSets?.map(({ SetIdentifier }) => SetIdentifier),
      ]);
    });
    expect(pages).toEqual([
      [true, ["primary"]],
      [false, ["recovery"]],
    ]);
  });

  it("a listing of a zone that is not there is NoSuchHostedZone", async () => {
    const error = await simulated({ traffic: true }, ({ clients }) =>
      listRecords(clients, "Z0", [name], "standard").catch((thrown) => thrown),
    );
    expect(error.name).toBe("NoSuchHostedZone");
  });
});
