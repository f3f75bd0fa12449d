import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { createClients } from "../../functions/aws/calls/clients.ts";
import { changeRecords, isInSync, listByZone, listRecords } from "../../functions/aws/route-53.ts";
import { aRecordSet } from "../support/builders.ts";

const route53 = mockClient(Route53Client);
const clients = createClients();

const set = (over: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name: "shop.example.com.",
  Type: "A",
  TTL: 30,
  ResourceRecords: [{ Value: "192.0.2.10" }],
  ...over,
});
const plain = aRecordSet();

beforeEach(() => {
  route53.reset();
});

describe("listRecords", () => {
  const list = (...names: string[]) => listRecords(clients, "Z1", names, "optional");

  it("gives the sets of a name as plain data, and stops at the first other name", async () => {
    route53
      .on(ListResourceRecordSetsCommand)
      .resolves({ IsTruncated: true, ResourceRecordSets: [set(), set({ Name: "zzz.example.com." })] });

    expect(await list("shop.example.com", "shop.example.com")).toEqual([plain]);

    expect(route53).toHaveReceivedCommandTimes(ListResourceRecordSetsCommand, 1);
    expect(route53).toHaveReceivedCommandWith(ListResourceRecordSetsCommand, {
      HostedZoneId: "Z1",
      StartRecordName: "shop.example.com",
    });
  });

  it("calls the control plane in us-east-1", async () => {
    route53.on(ListResourceRecordSetsCommand).resolves({});

    await list("shop.example.com");

    expect(await route53.call(0).thisValue.config.region()).toBe("us-east-1");
  });

  it.each<[string, ResourceRecordSet, object]>([
    [
      "a failover set with a health check",
      set({ SetIdentifier: "primary", Failover: "PRIMARY", HealthCheckId: "c1" }),
      { setIdentifier: "primary", failover: "PRIMARY", healthCheck: "c1" },
    ],
    [
      "an alias, whose TTL means nothing (moto says 0)",
      {
        Name: "shop.example.com.",
        Type: "A",
        TTL: 0,
        AliasTarget: { HostedZoneId: "ZELB", DNSName: "LB.example.net.", EvaluateTargetHealth: true },
      },
      { ttlSeconds: null, values: [], alias: { zone: "ZELB", name: "lb.example.net", evaluateTargetHealth: true } },
    ],
    ["a weighted set", set({ SetIdentifier: "w", Weight: 0 }), { setIdentifier: "w", weight: 0 }],
    ["a multivalue set", set({ SetIdentifier: "m", MultiValueAnswer: true }), { setIdentifier: "m", multivalue: true }],
    ["a latency set", set({ SetIdentifier: "l", Region: "eu-west-1" }), { setIdentifier: "l", region: "eu-west-1" }],
    [
      "a geolocation set",
      set({ SetIdentifier: "g", GeoLocation: { CountryCode: "US", SubdivisionCode: "CA" } }),
      { setIdentifier: "g", geoLocation: { CountryCode: "US", SubdivisionCode: "CA" } },
    ],
    [
      "a geoproximity set",
      set({
        SetIdentifier: "p",
        GeoProximityLocation: { Coordinates: { Latitude: "1.20", Longitude: "-3" }, Bias: -4 },
      }),
      { setIdentifier: "p", geoProximity: { Coordinates: { Latitude: "1.20", Longitude: "-3" }, Bias: -4 } },
    ],
    [
      "an IP-based set",
      set({ SetIdentifier: "c", CidrRoutingConfig: { CollectionId: "col", LocationName: "*" } }),
      { setIdentifier: "c", cidr: { CollectionId: "col", LocationName: "*" } },
    ],
    ["a set of a traffic policy", set({ TrafficPolicyInstanceId: "t1" }), { trafficPolicy: "t1" }],
  ])("reads %s", async (_, given, over) => {
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [given] });

    expect(await list("shop.example.com")).toEqual([{ ...plain, ...over }]);
  });

  it("reads names with escapes, as Route 53 writes a wildcard", async () => {
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [set({ Name: "\\052.Example.com." })] });

    expect(await list("*.example.com")).toMatchObject([{ name: "*.example.com" }]);
  });

  it("reads every page", async () => {
    const next = { NextRecordName: "shop.example.com.", NextRecordType: "AAAA" as const, NextRecordIdentifier: "b" };
    route53
      .on(ListResourceRecordSetsCommand)
      .resolvesOnce({ IsTruncated: true, ResourceRecordSets: [set()], ...next })
      .resolves({ ResourceRecordSets: [set({ Type: "AAAA" })] });

    expect((await list("shop.example.com")).map(({ type }) => type)).toEqual(["A", "AAAA"]);

    expect(route53).toHaveReceivedLastCommandWith(ListResourceRecordSetsCommand, {
      HostedZoneId: "Z1",
      StartRecordName: "shop.example.com.",
      StartRecordType: "AAAA",
      StartRecordIdentifier: "b",
    });
  });

  it("ends with an error when a page leads to itself, as without NextRecordIdentifier", async () => {
    const next = { NextRecordName: "shop.example.com.", NextRecordType: "A" as const };
    route53.on(ListResourceRecordSetsCommand).resolves({ IsTruncated: true, ResourceRecordSets: [set()], ...next });

    await expect(list("shop.example.com")).rejects.toThrow("the listing of shop.example.com in zone Z1 does not end");

    expect(route53).toHaveReceivedCommandTimes(ListResourceRecordSetsCommand, 2);
  });

  it("ends with an error after its bound of pages", async () => {
    let page = 0;
    route53.on(ListResourceRecordSetsCommand).callsFake(() => ({
      IsTruncated: true,
      ResourceRecordSets: [set()],
      NextRecordName: "shop.example.com.",
      NextRecordType: "A",
      NextRecordIdentifier: `set-${page++}`,
    }));

    await expect(list("shop.example.com")).rejects.toThrow("does not end");

    expect(page).toBe(20);
  });
});

describe("changeRecords", () => {
  it("sends one batch of UPSERTs that holds all of each set", async () => {
    route53.on(ChangeResourceRecordSetsCommand).resolves({});
    const primary = { ...plain, setIdentifier: "primary", failover: "PRIMARY" as const, healthCheck: "c1" };
    const alias = {
      ...plain,
      ttlSeconds: null,
      values: [],
      alias: { zone: "ZELB", name: "lb.example.net", evaluateTargetHealth: false },
    };

    await changeRecords(clients, "Z1", { upserts: [primary, alias] }, "lifeboat run-1");

    expect(route53).toHaveReceivedCommandWith(ChangeResourceRecordSetsCommand, {
      HostedZoneId: "Z1",
      ChangeBatch: {
        Comment: "lifeboat run-1",
        Changes: [
          {
            Action: "UPSERT",
            ResourceRecordSet: {
              Name: "shop.example.com",
              Type: "A",
              SetIdentifier: "primary",
              Failover: "PRIMARY",
              HealthCheckId: "c1",
              TTL: 30,
              ResourceRecords: [{ Value: "192.0.2.10" }],
            },
          },
          {
            Action: "UPSERT",
            ResourceRecordSet: {
              Name: "shop.example.com",
              Type: "A",
              AliasTarget: { HostedZoneId: "ZELB", DNSName: "lb.example.net", EvaluateTargetHealth: false },
            },
          },
        ],
      },
    });
  });
});

describe("a set of any policy", () => {
  it.each<[string, ResourceRecordSet]>([
    ["simple", set()],
    ["weighted", set({ SetIdentifier: "w", Weight: 0 })],
    ["latency", set({ SetIdentifier: "l", Region: "eu-west-1", HealthCheckId: "c1" })],
    ["geolocation", set({ SetIdentifier: "g", GeoLocation: { ContinentCode: "EU" } })],
    ["multivalue", set({ SetIdentifier: "m", MultiValueAnswer: true })],
    [
      "geoproximity",
      set({
        SetIdentifier: "p",
        GeoProximityLocation: { Coordinates: { Latitude: "1.20", Longitude: "-3" }, Bias: -4 },
      }),
    ],
    ["IP-based", set({ SetIdentifier: "c", CidrRoutingConfig: { CollectionId: "col", LocationName: "*" } })],
    ["of a traffic policy", set({ TrafficPolicyInstanceId: "t1" })],
  ])("a set of any policy goes back as it came: %s", async (_, given) => {
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [given] });
    route53.on(ChangeResourceRecordSetsCommand).resolves({ ChangeInfo: { Id: "/change/C1" } as never });
    const found = await listRecords(clients, "Z1", ["shop.example.com"], "standard");

    expect(await changeRecords(clients, "Z1", { upserts: [], deletes: found }, "c")).toBe("/change/C1");

    const sent = route53.commandCalls(ChangeResourceRecordSetsCommand)[0]!.args[0].input.ChangeBatch?.Changes;
    expect(sent).toEqual([{ Action: "DELETE", ResourceRecordSet: { ...given, Name: "shop.example.com" } }]);
  });
});

describe("listByZone", () => {
  it("asks each zone once for each of its names", async () => {
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [set()] });
    const records = ["Z1", "Z2", "Z1"].map((zone) => ({ zone, name: "shop.example.com" }));

    expect(await listByZone(clients, records, "once")).toEqual({ Z1: [plain], Z2: [plain] });

    expect(route53).toHaveReceivedCommandTimes(ListResourceRecordSetsCommand, 2);
  });
});

describe("isInSync", () => {
  it.each([
    ["INSYNC", true],
    ["PENDING", false],
  ] as const)("%s: %s", async (Status, expected) => {
    route53.on(GetChangeCommand, { Id: "/change/C1" }).resolves({ ChangeInfo: { Status } as never });

    expect(await isInSync(clients, "/change/C1")).toBe(expected);
  });
});
