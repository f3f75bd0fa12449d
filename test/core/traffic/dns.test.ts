import { describe, expect, it } from "vitest";
import { limits } from "../../../functions/core/limits.ts";
import type { TrafficRecord } from "../../../functions/core/model/plan.ts";
import {
  agrees,
  type Changed,
  type DnsReply,
  type Expectation,
  expectationOf,
  judgeAnswers,
  trafficWaitSeconds,
  zonesAbove,
} from "../../../functions/core/traffic/dns.ts";
import { aPlan } from "../../support/builders.ts";

const [base] = aPlan().traffic!.records as [TrafficRecord];
const alias = (name: string) => ({ alias: { zone: "ZELB", name } });

describe("zonesAbove", () => {
  it.each([
    ["shop.example.com", ["shop.example.com", "example.com"]],
    ["example.com", ["example.com"]],
    [
      "a.b.c.d.e.f.g.example.com",
      [
        "c.d.e.f.g.example.com",
        "d.e.f.g.example.com",
        "e.f.g.example.com",
        "f.g.example.com",
        "g.example.com",
        "example.com",
      ],
    ],
  ])("a record with %s is searched in %j", (name, zones) => {
    expect(zonesAbove(name)).toEqual(zones);
  });
});

const changed = (over: Partial<Changed> = {}): Changed => ({
  zone: base.zone,
  name: "shop.example.com",
  type: "A",
  set: null,
  before: [],
  after: [],
  ...over,
});

describe("expectationOf", () => {
  it.each<[string, Partial<TrafficRecord>, "primary" | "recovery", string[] | null, string[]]>([
    ["addresses", {}, "recovery", ["198.51.100.10"], ["192.0.2.10"]],
    ["addresses the other way", {}, "primary", ["192.0.2.10"], ["198.51.100.10"]],
    ["an alias that resolves", { recovery: alias("lb.example.net") }, "recovery", ["198.51.100.20"], ["192.0.2.10"]],
    ["an alias that does not", { recovery: alias("gone.example.net") }, "recovery", null, ["192.0.2.10"]],
    ["launched servers", { recovery: { launched: "web" } }, "recovery", ["203.0.113.5"], ["192.0.2.10"]],
    [
      "an alias on the other side that is silent",
      { primary: alias("gone.example.net") },
      "recovery",
      ["198.51.100.10"],
      [],
    ],
    ["a value on both sides", { primary: { addresses: ["198.51.100.10"] } }, "recovery", ["198.51.100.10"], []],
  ])("%s", (_, over, side, some, never) => {
    const found = expectationOf({ ...base, ...over }, side, { "lb.example.net": ["198.51.100.20"] }, [
      changed({ after: ["203.0.113.5"] }),
    ]);

    expect(found).toEqual({ name: "shop.example.com", type: "A", some, never, target: some });
  });

  it("expectationOf knows nothing of launched servers that Reroute did not write", () => {
    expect(expectationOf({ ...base, recovery: { launched: "web" } }, "recovery", {}, []).some).toBeNull();
  });

  it("expectationOf knows the servers of its own zone: a name may be in a public and in a private one", () => {
    const record = { ...base, recovery: { launched: "web" } };
    const changes = [changed({ zone: "ZPRIVATE", after: ["10.0.0.5"] }), changed({ after: ["203.0.113.5"] })];

    expect(expectationOf(record, "recovery", {}, changes).some).toEqual(["203.0.113.5"]);
  });

  it("expectationOf never wants what Reroute replaced, whoever that was", () => {
    const back = { ...base, recovery: { launched: "web" } };
    const changes = [changed({ before: ["203.0.113.5"], after: ["192.0.2.10"] })];

    expect(expectationOf(back, "primary", {}, changes)).toMatchObject({ some: ["192.0.2.10"], never: ["203.0.113.5"] });
  });

  it.each(["weighted", "latency", "geolocation", "multivalue"] as const)(
    "expectationOf accepts other sets' answers for a %s record, and knows its own by the set",
    (policy) => {
      const record = { ...base, policy, recovery: { launched: "web" } };
      const sets = [
        changed({ set: "primary", after: ["203.0.113.1"] }),
        changed({ set: "recovery", after: ["203.0.113.2"] }),
      ];

      const found = expectationOf(record, "recovery", {}, sets);

      expect(found).toMatchObject({ some: null, never: ["192.0.2.10"] });
      expect(found.target).toEqual([policy === "weighted" ? "203.0.113.2" : "203.0.113.1"]);
    },
  );
});

const expected: Expectation = {
  name: "shop.example.com",
  type: "A",
  some: ["198.51.100.10", "198.51.100.11"],
  never: ["192.0.2.10"],
  target: ["198.51.100.10", "198.51.100.11"],
};

describe("agrees", () => {
  it.each([
    [["198.51.100.10"], true],
    [["198.51.100.11", "198.51.100.10"], true],
    [["198.51.100.10", "192.0.2.10"], false],
    [["203.0.113.1"], false],
    [["203.0.113.1", "198.51.100.11"], true],
    [[], false],
  ])("%j: %s", (values, good) => {
    expect(agrees(expected, values)).toBe(good);
  });

  it("agrees accepts whatever is not of the other side when the wanted values are not known", () => {
    const open = { ...expected, some: null };

    expect([agrees(open, ["203.0.113.1"]), agrees(open, ["192.0.2.10"]), agrees(open, [])]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("agrees compares names without case and trailing dot", () => {
    expect(agrees({ ...expected, type: "CNAME", some: ["lb.example.net"] }, ["LB.example.net."])).toBe(true);
  });
});

const answer = (server: string, values: string[] | null, error: string | null = null): DnsReply => ({
  server,
  name: "shop.example.com",
  type: "A",
  values,
  error,
});
const good = ["198.51.100.10"];
const old = ["192.0.2.10"];

describe("judgeAnswers", () => {
  it.each<[string, DnsReply[], DnsReply[], string, string, string[]]>([
    ["no name server", [], [], "NoNameServers", "no name server found for shop.example.com", []],
    [
      "one name server still says the old address",
      [answer("ns1", good), answer("ns2", old)],
      [],
      "ZoneDisagrees",
      "1 of 2 answers of the zone: ns2 answers 192.0.2.10 for shop.example.com A",
      [],
    ],
    [
      "one name server is silent",
      [answer("ns1", null, "ETIMEOUT"), answer("ns2", good)],
      [],
      "ZoneDisagrees",
      "1 of 2 answers of the zone: ns1 answers ETIMEOUT for shop.example.com A",
      [],
    ],
    [
      "a public resolver still has the old answer",
      [answer("ns1", good)],
      [answer("1.1.1.1", good), answer("8.8.8.8", old)],
      "ResolverDisagrees",
      "public resolver: 8.8.8.8 answers 192.0.2.10 for shop.example.com A",
      [],
    ],
    [
      "a public resolver knows no such name",
      [answer("ns1", good)],
      [answer("1.1.1.1", null, "ENOTFOUND")],
      "ResolverDisagrees",
      "public resolver: 1.1.1.1 answers ENOTFOUND for shop.example.com A",
      [],
    ],
    [
      "both public resolvers cannot be reached",
      [answer("ns1", good), answer("ns2", good)],
      [answer("1.1.1.1", null, "ETIMEOUT"), answer("8.8.8.8", null, "ECONNREFUSED")],
      "DnsMoved",
      "all 2 answers of the zone agree",
      ["public resolver 1.1.1.1 is unreachable", "public resolver 8.8.8.8 is unreachable"],
    ],
    ["all agree", [answer("ns1", good)], [answer("1.1.1.1", good)], "DnsMoved", "all 1 answers of the zone agree", []],
  ])("%s", (_, zone, resolvers, code, because, notes) => {
    const action = code === "DnsMoved" ? "go-on" : "wait";

    expect(judgeAnswers([expected], zone, resolvers)).toEqual({ action, code, because, notes });
  });

  it("judgeAnswers does not count an answer to a question that nobody asked", () => {
    const other = { ...answer("ns1", good), name: "other.example.com" };

    expect(judgeAnswers([expected], [answer("ns1", good), other], []).code).toBe("ZoneDisagrees");
  });

  it("says that a server said nothing when it gave neither values nor an error", () => {
    expect(judgeAnswers([expected], [answer("ns1", [])], []).because).toContain("ns1 answers nothing for");
  });
});

it.each([
  [30, 0, 5],
  [30, 44, 5],
  [30, 45, 3],
  [300, 45, 3],
  [30, 180, 5],
  [30, 600, 15],
  [3600, 0, 36],
  [3600, 900, 36],
])("a TTL of %i s is polled, after %i s, every %i s", (ttlSeconds, elapsed, wait) => {
  expect(trafficWaitSeconds([{ ...base, ttlSeconds }], elapsed)).toBe(wait);
  expect(trafficWaitSeconds([{ ...base, ttlSeconds }], 0) * limits.trafficLooks).toBeGreaterThan(1.4 * ttlSeconds);
});

it("traffic that never moves is polled for half an hour, within the timeout of the machine", () => {
  let seconds = 0;
  for (let look = 0; look < limits.trafficLooks; look++) seconds += trafficWaitSeconds([base], seconds);
  expect(seconds).toBeGreaterThan(1_800);
});
