import { describe, expect, it } from "vitest";
import type { TrafficRecord } from "../../../functions/core/model/plan.ts";
import {
  planBackChanges,
  planRecordChanges,
  type RecordSet,
  valuesOfSet,
} from "../../../functions/core/traffic/record-changes.ts";
import { aPlan, aRecordSet } from "../../support/builders.ts";

const [failover] = aPlan().traffic!.records as [TrafficRecord];
const simple: TrafficRecord = { ...failover, policy: "simple" };
const zone = failover.zone;

const aSet = aRecordSet;
const primary = aSet({ setIdentifier: "primary", failover: "PRIMARY", healthCheck: "check-1" });
const secondary = aSet({ setIdentifier: "recovery", failover: "SECONDARY", values: ["198.51.100.10"] });

describe("planRecordChanges", () => {
  it("planRecordChanges changes only the values of the PRIMARY set: its role, identifier and health check stay", () => {
    const { changes, problems } = planRecordChanges([failover], "recovery", { [zone]: [primary, secondary] }, {});

    expect(problems).toEqual([]);
    expect(changes).toEqual([{ zone, before: primary, after: { ...primary, values: ["198.51.100.10"] } }]);
  });

  it("planRecordChanges changes the one simple record", () => {
    const { changes } = planRecordChanges([simple], "recovery", { [zone]: [aSet()] }, {});

    expect(changes).toEqual([{ zone, before: aSet(), after: aSet({ values: ["198.51.100.10"] }) }]);
  });

  it("planRecordChanges makes a simple record that is missing", () => {
    const { changes } = planRecordChanges([simple], "recovery", {}, {});

    expect(changes).toEqual([{ zone, before: null, after: aSet({ values: ["198.51.100.10"] }) }]);
  });

  it("planRecordChanges leaves alone what already answers so, whatever the order of the values", () => {
    const record = { ...simple, recovery: { addresses: ["198.51.100.11", "198.51.100.10"] } };
    const set = aSet({ values: ["198.51.100.10", "198.51.100.11"] });

    expect(planRecordChanges([record], "recovery", { [zone]: [set] }, {})).toEqual({ changes: [], problems: [] });
  });

  it("planRecordChanges turns an address into an alias that does not look at target health, and back", () => {
    const target = { zone: "ZELB", name: "lb.example.net" };
    const record = { ...simple, recovery: { alias: target } };
    const aliased = aSet({ ttlSeconds: null, values: [], alias: { ...target, evaluateTargetHealth: false } });

    expect(planRecordChanges([record], "recovery", { [zone]: [aSet()] }, {}).changes[0]?.after).toEqual(aliased);
    expect(planRecordChanges([record], "primary", { [zone]: [aliased] }, {}).changes[0]?.after).toEqual(aSet());
  });

  it("planRecordChanges puts in the addresses of launched servers, by record type", () => {
    const record = { ...simple, recovery: { launched: "web" } };
    const launched = { web: { A: ["203.0.113.6", "203.0.113.5"], AAAA: [] } };

    const { changes } = planRecordChanges([record], "recovery", { [zone]: [aSet()] }, launched);

    expect(changes[0]?.after?.values).toEqual(["203.0.113.5", "203.0.113.6"]);
  });

  it.each<[string, TrafficRecord, RecordSet[], string]>([
    ["no PRIMARY set", failover, [secondary], 'expected a set "primary" (got "recovery")'],
    ["nothing there", failover, [], 'expected a set "primary" (got none)'],
    [
      "the set is not PRIMARY",
      failover,
      [{ ...primary, failover: "SECONDARY" }],
      'expected "primary" to be the PRIMARY set (got SECONDARY): no UPSERT can swap PRIMARY and SECONDARY',
    ],
    [
      "the set has no role",
      failover,
      [aSet({ setIdentifier: "primary", weight: 1 })],
      'expected "primary" to be the PRIMARY set',
    ],
    ["another policy", simple, [aSet({ setIdentifier: "w1", weight: 1 })], 'expected one simple record (got "w1")'],
    ["a failover pair", simple, [primary, secondary], 'expected one simple record (got "primary", "recovery")'],
    [
      "nobody launched",
      { ...simple, recovery: { launched: "web" } },
      [aSet()],
      "no launched server of web has an address",
    ],
    [
      "no address in the plan",
      { ...simple, recovery: { addresses: [] } },
      [aSet()],
      "no launched server of the plan has an address",
    ],
  ])("problem: %s", (_, record, sets, sentence) => {
    const { changes, problems } = planRecordChanges([record], "recovery", { [zone]: sets }, {});

    expect(changes).toEqual([]);
    expect(problems).toEqual([`shop.example.com A: ${sentence}`]);
  });

  it("planRecordChanges collects every problem and every change", () => {
    const other = { ...simple, name: "www.example.com" };

    const { changes, problems } = planRecordChanges([failover, other], "recovery", {}, {});

    expect([changes.length, problems.length]).toEqual([1, 1]);
  });
});

it("tells values of an alias by its name", () => {
  expect(valuesOfSet(aSet({ alias: { zone: "Z", name: "lb.example.net", evaluateTargetHealth: true } }))).toEqual([
    "alias lb.example.net",
  ]);
});

const routing: [TrafficRecord["policy"], Partial<RecordSet>, Partial<RecordSet>][] = [
  ["latency", { region: "eu-west-1" }, { region: "eu-central-1" }],
  ["geolocation", { geoLocation: { CountryCode: "*" } }, { geoLocation: { ContinentCode: "EU" } }],
  ["multivalue", { multivalue: true }, { multivalue: true }],
];

describe.each(routing)("a %s record", (policy, one, other) => {
  const record = { ...failover, policy };
  const own = aSet({ setIdentifier: "primary", healthCheck: "check-1", ...one });
  const standby = aSet({ setIdentifier: "recovery", values: ["198.51.100.10"], ...other });

  it("gets the recovery's value into the primary's set; place and check stay, and so does every other set", () => {
    const third = aSet({ setIdentifier: "third", values: ["203.0.113.1"], ...one });
    const { changes, problems } = planRecordChanges([record], "recovery", { [zone]: [own, standby, third] }, {});

    expect(problems).toEqual([]);
    expect(changes).toEqual([{ zone, before: own, after: { ...own, values: ["198.51.100.10"] } }]);
  });

  it("is a problem where the zone has another policy for it", () => {
    const { problems } = planRecordChanges([record], "recovery", { [zone]: [{ ...primary }] }, {});
    expect(problems).toEqual([`shop.example.com A: expected "primary" to be ${policy} (got failover)`]);
  });
});

it.each<[string, Partial<RecordSet>]>([
  ["geoproximity", { geoProximity: { Bias: 3 } }],
  ["IP-based", { cidr: { CollectionId: "c", LocationName: "*" } }],
  ["traffic policy", { trafficPolicy: "t1" }],
])("a set of %s routing is never switched", (policy, over) => {
  const sets = [aSet({ setIdentifier: "primary", ...over }), aSet({ setIdentifier: "recovery", ...over })];
  for (const of of ["latency", "weighted"] as const) {
    const { changes, problems } = planRecordChanges([{ ...failover, policy: of }], "recovery", { [zone]: sets }, {});
    expect(changes).toEqual([]);
    expect(problems).toEqual([
      `shop.example.com A: expected "primary" to be ${of} (got ${policy}, which is never switched)`,
    ]);
  }
});

describe("a weighted record", () => {
  const record: TrafficRecord = { ...failover, policy: "weighted", steps: [10, 50, 100], gateSeconds: 120 };
  const source = aSet({ setIdentifier: "primary", weight: 100, ttlSeconds: 60 });
  const target = aSet({ setIdentifier: "recovery", weight: 0, ttlSeconds: 60, values: ["198.51.100.10"] });
  const weightsAt = (step: number, sets = [source, target], of = record) =>
    planRecordChanges([of], "recovery", { [zone]: sets }, {}, step).changes.map(({ after }) => [
      after?.setIdentifier,
      after?.weight,
    ]);

  it("moves by its steps, both sets in one go, and in their own TTL", () => {
    expect(weightsAt(0)).toEqual([
      ["recovery", 10],
      ["primary", 90],
    ]);
    expect(weightsAt(2)).toEqual([
      ["recovery", 100],
      ["primary", 0],
    ]);
    const { changes } = planRecordChanges([record], "recovery", { [zone]: [source, target] }, {}, 1);
    expect(changes.map(({ after }) => after?.ttlSeconds)).toEqual([60, 60]);
  });

  it("leaves the weights of others alone, and takes the pair's share only", () => {
    const third = aSet({ setIdentifier: "third", weight: 40 });
    const pair = [{ ...source, weight: 20 }, target, third];
    expect(weightsAt(0, pair)).toEqual([
      ["recovery", 2],
      ["primary", 18],
    ]);
    const { problems } = planRecordChanges(
      [record],
      "recovery",
      { [zone]: [{ ...source, weight: 1 }, target, third] },
      {},
      0,
    );
    expect(problems).toEqual(["shop.example.com A: its weights add up to 1, too few to give the target 10 %"]);
  });

  it("makes the set of launched servers, with its share, and removes it on the way back", () => {
    const launching = { ...record, recovery: { launched: "web" } };
    const { changes } = planRecordChanges(
      [launching],
      "recovery",
      { [zone]: [source] },
      { web: { A: ["203.0.113.5"] } },
      0,
    );
    const made = aSet({ setIdentifier: "recovery", weight: 10, ttlSeconds: 60, values: ["203.0.113.5"] });
    expect(changes[0]).toEqual({ zone, before: null, after: made });
    const kept = { zone, name: made.name, type: "A", set: "recovery", oldSet: null };
    expect(planBackChanges([kept], { [zone]: [source, made] })).toEqual([{ zone, before: made, after: null }]);
    expect(planBackChanges([kept], { [zone]: [source] })).toEqual([]);
  });

  it("whose sets are missing is a problem", () => {
    const wanted = (sets: RecordSet[]) => planRecordChanges([record], "recovery", { [zone]: sets }, {}).problems;
    expect(wanted([source])).toEqual(['shop.example.com A: expected a set "recovery" (got "primary")']);
    expect(wanted([target])).toEqual(['shop.example.com A: expected a set "primary" (got "recovery")']);
  });

  it("keeps what is not weighted waiting for the last step", () => {
    const other = { ...simple, name: "www.example.com" };
    const sets = { [zone]: [source, target, aSet({ name: "www.example.com" })] };
    const namesAt = (step: number) =>
      planRecordChanges([record, other], "recovery", sets, {}, step).changes.map(({ after }) => after?.name);
    expect(namesAt(0)).not.toContain("www.example.com");
    expect(namesAt(2)).toContain("www.example.com");
  });
});

it.each([
  ["values", Array.from({ length: 501 }, (_, index) => `198.51.100.${index}`)],
  ["characters", [`${"x".repeat(16_001)}.example.net`]],
])("more %s than one atomic batch holds are a problem", (_, addresses) => {
  const { problems } = planRecordChanges([{ ...simple, recovery: { addresses } }], "recovery", {}, {});
  expect(problems).toEqual([expect.stringMatching(/^zone Z0123456789ABCDEFGHIJ: one atomic batch cannot hold/)]);
});
