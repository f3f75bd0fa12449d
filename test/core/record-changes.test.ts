import { describe, expect, it } from "vitest";
import type { TrafficRecord } from "../../functions/core/plan.ts";
import { planRecordChanges, type RecordSet, valuesOfSet } from "../../functions/core/record-changes.ts";
import { aPlan, aRecordSet } from "../support/builders.ts";

const [failover] = aPlan().traffic!.records as [TrafficRecord];
const simple: TrafficRecord = { ...failover, policy: "simple" };
const zone = failover.zone;

const aSet = aRecordSet;
const primary = aSet({ setIdentifier: "primary", failover: "PRIMARY", healthCheck: "check-1" });
const secondary = aSet({ setIdentifier: "recovery", failover: "SECONDARY", values: ["198.51.100.10"] });

describe("planRecordChanges", () => {
  it("changes only the values of the PRIMARY set: its role, identifier and health check stay", () => {
    const { changes, problems } = planRecordChanges([failover], "recovery", { [zone]: [primary, secondary] }, {});

    expect(problems).toEqual([]);
    expect(changes).toEqual([{ zone, before: primary, after: { ...primary, values: ["198.51.100.10"] } }]);
  });

  it("changes the one simple record", () => {
    const { changes } = planRecordChanges([simple], "recovery", { [zone]: [aSet()] }, {});

    expect(changes).toEqual([{ zone, before: aSet(), after: aSet({ values: ["198.51.100.10"] }) }]);
  });

  it("makes a simple record that is missing", () => {
    const { changes } = planRecordChanges([simple], "recovery", {}, {});

    expect(changes).toEqual([{ zone, before: null, after: aSet({ values: ["198.51.100.10"] }) }]);
  });

  it("leaves alone what already answers so, whatever the order of the values", () => {
    const record = { ...simple, recovery: { addresses: ["198.51.100.11", "198.51.100.10"] } };
    const set = aSet({ values: ["198.51.100.10", "198.51.100.11"] });

    expect(planRecordChanges([record], "recovery", { [zone]: [set] }, {})).toEqual({ changes: [], problems: [] });
  });

  it("turns an address into an alias that does not look at target health, and back", () => {
    const target = { zone: "ZELB", name: "lb.example.net" };
    const record = { ...simple, recovery: { alias: target } };
    const aliased = aSet({ ttlSeconds: null, values: [], alias: { ...target, evaluateTargetHealth: false } });

    expect(planRecordChanges([record], "recovery", { [zone]: [aSet()] }, {}).changes[0]?.after).toEqual(aliased);
    expect(planRecordChanges([record], "primary", { [zone]: [aliased] }, {}).changes[0]?.after).toEqual(aSet());
  });

  it("puts in the addresses of launched servers, by record type", () => {
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
      'expected "primary" to be the PRIMARY set (got SECONDARY): PRIMARY and SECONDARY would have to be swapped, which no UPSERT may do',
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

  it("collects every problem and every change", () => {
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
