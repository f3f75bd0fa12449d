import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { describe, expect, it } from "vitest";
import { healthCheck, isEndpointHealthy, listRecords } from "../../functions/aws/route-53.ts";
import type { Plan } from "../../functions/core/plan.ts";
import { answersNow, furnishTraffic } from "../../simulator/traffic.ts";
import { append, createCheck } from "../../simulator/zones.ts";
import { aPlan } from "../support/builders.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const zone = "Z0123456789ABCDEFGHIJ";
const name = "shop.example.com";
const records = (live: Simulated) => listRecords(live.clients, zone, [name], "standard");
const rawSets = async ({ clients }: Simulated) => {
  const listing = new ListResourceRecordSetsCommand({ HostedZoneId: zone, StartRecordName: name });
  return (await clients(Route53Client, "us-east-1").send(listing)).ResourceRecordSets ?? [];
};
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
const side = (failover: "PRIMARY" | "SECONDARY", over: Partial<ResourceRecordSet> = {}) =>
  aSet({ Name: name, SetIdentifier: failover === "PRIMARY" ? "primary" : "recovery", Failover: failover, ...over });

describe("the record pair of a takeover", () => {
  it("is PRIMARY with a check on the takeover alarm, and a SECONDARY without one", async () => {
    const [sets, check] = await simulated({ traffic: true }, async (live) => {
      const found = await records(live);
      const id = found.find(({ failover }) => failover === "PRIMARY")?.healthCheck ?? "";
      return [found, await healthCheck(live.clients, id, "standard")];
    });
    expect(sets.map(({ setIdentifier, failover, values }) => [setIdentifier, failover, values])).toEqual([
      ["primary", "PRIMARY", ["192.0.2.10"]],
      ["recovery", "SECONDARY", ["198.51.100.10"]],
    ]);
    expect(sets[1]?.healthCheck).toBeNull();
    expect(check).toMatchObject({
      type: "CLOUDWATCH_METRIC",
      inverted: false,
      alarm: { name: "lifeboat-takeover-shop", region: "eu-central-1" },
      insufficientData: "LastKnownStatus",
    });
  });

  it("knows no other health check", async () => {
    const error = await simulated({ traffic: true }, ({ clients }) =>
      clients(Route53Client, "us-east-1")
        .send(new GetHealthCheckCommand({ HealthCheckId: "no" }))
        .catch((thrown) => thrown),
    );
    expect([error.name, error.$metadata.httpStatusCode]).toEqual(["NoSuchHealthCheck", 404]);
  });
});

describe("a change", () => {
  it("of the PRIMARY record's values spreads over the name servers, and then is INSYNC", async () => {
    const seen = await simulated({ traffic: true }, async (live) => {
      const [{ HealthCheckId } = {}] = await rawSets(live);
      const moved = side("PRIMARY", { HealthCheckId, ResourceRecords: [{ Value: "198.51.100.10" }] });
      const { ChangeInfo } = await change(live, [{ Action: "UPSERT", ResourceRecordSet: moved }]);
      const id: string = ChangeInfo.Id;
      const status = async () =>
        (await live.clients(Route53Client, "us-east-1").send(new GetChangeCommand({ Id: id }))).ChangeInfo?.Status;
      const first = [await status(), answersNow(live.world, name)];
      await live.advance(60);
      return [...first, await status(), answersNow(live.world, name)];
    });
    expect(seen).toEqual(["PENDING", ["192.0.2.10"], "INSYNC", ["198.51.100.10"]]);
  });

  it.each([
    [
      "a swap of PRIMARY and SECONDARY by UPSERT",
      [
        { Action: "UPSERT", ResourceRecordSet: side("SECONDARY", { SetIdentifier: "primary" }) },
        { Action: "UPSERT", ResourceRecordSet: side("PRIMARY", { SetIdentifier: "recovery" }) },
      ],
      /another set with failover/,
    ],
    ["a simple record beside failover ones", [{ Action: "CREATE", ResourceRecordSet: aSet({ Name: name }) }], /mixes/],
    ["a CREATE of what is there", [{ Action: "CREATE", ResourceRecordSet: side("PRIMARY") }], /already exists/],
    [
      "a DELETE with another TTL",
      [
        {
          Action: "DELETE",
          ResourceRecordSet: side("SECONDARY", { TTL: 31, ResourceRecords: [{ Value: "198.51.100.10" }] }),
        },
      ],
      /do not match/,
    ],
    ["a DELETE of what is not there", [{ Action: "DELETE", ResourceRecordSet: aSet() }], /was not found/],
    [
      "a name of another zone",
      [{ Action: "CREATE", ResourceRecordSet: aSet({ Name: "a.example.org" }) }],
      /not permitted/,
    ],
    [
      "an unknown health check",
      [{ Action: "UPSERT", ResourceRecordSet: side("PRIMARY", { HealthCheckId: "x" }) }],
      /x does not exist/,
    ],
    [
      "a CNAME beside other records",
      [
        {
          Action: "CREATE",
          ResourceRecordSet: aSet({ Name: name, Type: "CNAME", ResourceRecords: [{ Value: "a.example.com" }] }),
        },
      ],
      /stands alone/,
    ],
    [
      "a CNAME at the apex",
      [
        {
          Action: "CREATE",
          ResourceRecordSet: aSet({
            Name: "example.com",
            Type: "CNAME",
            ResourceRecords: [{ Value: "a.example.com" }],
          }),
        },
      ],
      /apex/,
    ],
    [
      "no TTL",
      [
        {
          Action: "CREATE",
          ResourceRecordSet: { Name: "a.example.com", Type: "A", ResourceRecords: [{ Value: "192.0.2.1" }] },
        },
      ],
      /no TTL/,
    ],
    [
      "a value that is no address",
      [{ Action: "CREATE", ResourceRecordSet: aSet({ ResourceRecords: [{ Value: "web" }] }) }],
      /not a valid value/,
    ],
    [
      "an alias of nothing",
      [
        {
          Action: "CREATE",
          ResourceRecordSet: {
            Name: "a.example.com",
            Type: "A",
            AliasTarget: { HostedZoneId: "Z", DNSName: "no.elb.amazonaws.com", EvaluateTargetHealth: false },
          },
        },
      ],
      /was not found/,
    ],
    [
      "two policies in one set",
      [{ Action: "CREATE", ResourceRecordSet: aSet({ SetIdentifier: "w", Weight: 1, Region: "eu-west-1" }) }],
      /more than one routing policy \(Weight, Region\)/,
    ],
    ["a policy without an identifier", [{ Action: "CREATE", ResourceRecordSet: aSet({ Weight: 1 }) }], /go together/],
    [
      "a weight that there is not",
      [{ Action: "CREATE", ResourceRecordSet: aSet({ SetIdentifier: "w", Weight: 256 }) }],
      /weight 256 is not from 0 to 255/,
    ],
    [
      "weighted sets with two TTLs",
      [
        { Action: "CREATE", ResourceRecordSet: aSet({ SetIdentifier: "a", Weight: 1 }) },
        { Action: "CREATE", ResourceRecordSet: aSet({ SetIdentifier: "b", Weight: 1, TTL: 60 }) },
      ],
      /has the TTLs 30 and 60/,
    ],
    [
      "two sets of one Region",
      ["a", "b"].map((SetIdentifier) => ({
        Action: "CREATE" as const,
        ResourceRecordSet: aSet({ SetIdentifier, Region: "eu-west-1" }),
      })),
      /another set with region eu-west-1 exists/,
    ],
    [
      "two sets of one place",
      ["a", "b"].map((SetIdentifier) => ({
        Action: "CREATE" as const,
        ResourceRecordSet: aSet({ SetIdentifier, GeoLocation: { CountryCode: "DE" } }),
      })),
      /another set with geolocation/,
    ],
    [
      "a multivalue alias",
      [
        {
          Action: "CREATE",
          ResourceRecordSet: {
            ...{ Name: "a.example.com", Type: "A", SetIdentifier: "m", MultiValueAnswer: true },
            AliasTarget: { HostedZoneId: zone, DNSName: name, EvaluateTargetHealth: false },
          },
        },
      ],
      /cannot be an alias/,
    ],
    [
      "more than a hundred sets of a name",
      Array.from({ length: 101 }, (_, nth) => ({
        Action: "CREATE" as const,
        ResourceRecordSet: aSet({ SetIdentifier: `s${nth}`, MultiValueAnswer: true }),
      })),
      /one of more than 100 sets/,
    ],
    [
      "an identifier of more than 128 characters",
      [{ Action: "CREATE", ResourceRecordSet: aSet({ SetIdentifier: "x".repeat(129), Weight: 1 }) }],
      /longer than 128/,
    ],
    [
      "a text without quotation marks",
      [{ Action: "CREATE", ResourceRecordSet: aSet({ Type: "TXT", ResourceRecords: [{ Value: "healthy" }] }) }],
      /not a valid value/,
    ],
  ] as [string, Change[], RegExp][])("is refused as a whole: %s", async (_case, changes, reason) => {
    const [error, sets] = await simulated({ traffic: true }, async (live) => {
      const good: Change = { Action: "CREATE", ResourceRecordSet: aSet({ Name: "fine.example.com" }) };
      const thrown = await change(live, [good, ...changes]);
      return [thrown, await listRecords(live.clients, zone, ["fine.example.com"], "standard")];
    });
    expect(error.name).toBe("InvalidChangeBatch");
    expect(error.message).toMatch(reason);
    expect(sets).toEqual([]);
  });

  it("may swap the pair by DELETE and CREATE in one batch", async () => {
    const answer = await simulated({ traffic: true }, async (live) => {
      const sets = await rawSets(live);
      const swapped = sets.map(
        (set) => ({ ...set, Failover: set.Failover === "PRIMARY" ? "SECONDARY" : "PRIMARY" }) as const,
      );
      return change(live, [
        ...sets.map((ResourceRecordSet) => ({ Action: "DELETE", ResourceRecordSet }) as const),
        ...swapped.map((ResourceRecordSet) => ({ Action: "CREATE", ResourceRecordSet }) as const),
      ]);
    });
    expect(answer.ChangeInfo.Status).toBe("PENDING");
  });

  it("that comes too soon after another meets PriorRequestNotComplete, which the SDK tries again", async () => {
    const outcomes = await simulated({ traffic: true }, async (live) => {
      const batches = ["a", "b"].map((label) => [
        { Action: "CREATE", ResourceRecordSet: aSet({ Name: `${label}.example.com` }) } as const,
      ]);
      await Promise.all(batches.map((batch) => change(live, batch)));
      return live.world.journal.map(({ outcome }) => outcome);
    });
    expect(outcomes).toContain("PriorRequestNotComplete");
    expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(2);
  });
});

describe("every routing policy", () => {
  it("is kept as it was given, geoproximity and IP-based ones too", async () => {
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
  it("is what its checkers say, of those that probe", async () => {
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
      furnishTraffic(live.world, other);
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
  it("goes on where a page ended, also inside one name and type", async () => {
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

  it("of a zone that is not there is NoSuchHostedZone", async () => {
    const error = await simulated({ traffic: true }, ({ clients }) =>
      listRecords(clients, "Z0", [name], "standard").catch((thrown) => thrown),
    );
    expect(error.name).toBe("NoSuchHostedZone");
  });
});
