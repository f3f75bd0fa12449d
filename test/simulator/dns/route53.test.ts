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
import { healthCheck } from "../../../functions/aws/health-checks.ts";
import { listRecords } from "../../../functions/aws/route-53.ts";
import { answersNow } from "../../../simulator/network/traffic.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

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
  it("the record pair of a takeover is PRIMARY with a check on the takeover alarm, and a SECONDARY without one", async () => {
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

  it("the record pair of a takeover knows no other health check", async () => {
    const error = await simulated({ traffic: true }, ({ clients }) =>
      clients(Route53Client, "us-east-1")
        .send(new GetHealthCheckCommand({ HealthCheckId: "no" }))
        .catch((thrown) => thrown),
    );
    expect([error.name, error.$metadata.httpStatusCode]).toEqual(["NoSuchHealthCheck", 404]);
  });
});

describe("a change", () => {
  it("a change of the PRIMARY record's values spreads over the name servers, and then is INSYNC", async () => {
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
            Name: "a.example.com",
            Type: "A",
            SetIdentifier: "m",
            MultiValueAnswer: true,
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

  it("a change that comes too soon after another meets PriorRequestNotComplete, which the SDK tries again", async () => {
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

describe("Route 53's control plane", () => {
  it("Route 53's control plane takes five requests a second of an account, whatever they ask, and throttles above", async () => {
    const [at, later] = await simulated({ traffic: true }, async (live) => {
      const ask = () => healthCheck(live.clients, "check-shop", "optional").catch((error: Error) => error.name);
      const burst = async () =>
        (await Promise.all(Array.from({ length: 8 }, ask))).filter((one) => one === "Throttling");
      const first = await burst();
      await live.advance(2);
      return [first, await burst()];
    });
    expect([at.length, later.length]).toEqual([3, 3]);
  });
});
