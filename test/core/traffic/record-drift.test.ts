import { describe, expect, it } from "vitest";
import type { TrafficRecord } from "../../../functions/core/model/plan.ts";
import type { RecordSet } from "../../../functions/core/traffic/record-changes.ts";
import { judgeDrift } from "../../../functions/core/traffic/record-drift.ts";
import { aPlan, aRecordSet } from "../../support/builders.ts";

const [failover] = aPlan().traffic!.records as [TrafficRecord];
const { zone } = failover;
const record = (over: Partial<TrafficRecord> = {}): TrafficRecord => ({ ...failover, ...over });
const primary = (over: Partial<RecordSet> = {}) => aRecordSet({ setIdentifier: "primary", ...over });
const recovery = (over: Partial<RecordSet> = {}) =>
  aRecordSet({ setIdentifier: "recovery", values: ["198.51.100.10"], ...over });

const judge = (
  of: TrafficRecord,
  sets: RecordSet[],
  { by = "records" as const, serving = "primary" as "primary" | "recovery" } = {},
) => judgeDrift({ switch: by, records: [of] }, { [zone]: sets }, serving);
const told = (sentence: string) => [`shop.example.com A: ${sentence}`];

const policies: [TrafficRecord["policy"], Partial<RecordSet>, Partial<RecordSet>][] = [
  ["failover", { failover: "PRIMARY" }, { failover: "SECONDARY" }],
  ["weighted", { weight: 100 }, { weight: 0 }],
  ["latency", { region: "eu-west-1" }, { region: "eu-central-1" }],
  ["geolocation", { geoLocation: { CountryCode: "*" } }, { geoLocation: { CountryCode: "DE" } }],
  ["multivalue", { multivalue: true }, { multivalue: true }],
];

describe.each(policies)("a %s record", (policy, one, other) => {
  const of = record({ policy });
  it("as the plan says is no drift", () => {
    expect(judge(of, [primary(one), recovery(other)])).toEqual({ problems: [], warnings: [] });
  });

  it("with another value on either side is one; another TTL is only told", () => {
    expect(judge(of, [primary({ ...one, values: ["192.0.2.99"] }), recovery({ ...other, ttlSeconds: 300 })])).toEqual({
      problems: told('the set "primary" has 192.0.2.99, the plan has 192.0.2.10'),
      warnings: told('the set "recovery" has a TTL of 300 s, the plan has 30 s'),
    });
  });

  it("that a run of ours has moved is none, but worth a word while the row says otherwise", () => {
    const moved = [primary({ ...one, values: ["198.51.100.10"] }), recovery(other)];
    expect(judge(of, moved, { serving: "recovery" })).toEqual({ problems: [], warnings: [] });
    expect(judge(of, moved)).toEqual({
      problems: [],
      warnings: told('the set "primary" has the recovery side\'s value already'),
    });
  });

  it("of another policy in the zone is told", () => {
    const [wrong, word] = policy === "latency" ? [{ weight: 1 }, "weighted"] : [{ region: "eu-west-1" }, "latency"];
    const sets = [primary({ ...wrong }), recovery({ ...wrong, region: policy === "latency" ? null : "eu-north-1" })];
    const { problems } = judge(of, sets);
    if (policy === "failover") expect(problems).toEqual([]);
    else expect(problems[0]).toBe(told(`expected the set "primary" to be ${policy} (got ${word})`)[0]);
  });
});

describe("drift", () => {
  it.each<[string, TrafficRecord, RecordSet[], string]>([
    ["a simple record that is missing", record({ policy: "simple" }), [], "it is missing from the zone"],
    [
      "a set that is missing",
      record({ policy: "weighted" }),
      [primary({ weight: 1 })],
      'expected a set "recovery" (got "primary")',
    ],
    [
      "both sets missing",
      record({ policy: "latency" }),
      [aRecordSet({ setIdentifier: "x", region: "eu-west-1" })],
      'expected a set "primary" and a set "recovery" (got "x")',
    ],
    [
      "a CNAME in its place",
      record({ policy: "simple" }),
      [aRecordSet({ type: "CNAME", values: ["lb.example.net"] })],
      "expected the type A (got CNAME)",
    ],
    [
      "no value at all",
      record({ policy: "simple" }),
      [aRecordSet({ values: [] })],
      "the record has nothing, the plan has 192.0.2.10",
    ],
    [
      "another alias",
      record({ policy: "simple", primary: { alias: { zone: "ZELB", name: "lb.example.net" } } }),
      [
        aRecordSet({
          ttlSeconds: null,
          values: [],
          alias: { zone: "ZELB", name: "old.example.net", evaluateTargetHealth: false },
        }),
      ],
      "the record has alias old.example.net, the plan has alias lb.example.net",
    ],
  ])("%s", (_, of, sets, sentence) => {
    expect(judge(of, sets).problems).toEqual(told(sentence));
  });

  it("drift is not what only the console writes differently, nor what is launched, nor what other sets hold", () => {
    const alias = { zone: "ZELB", name: "dualstack.lb.example.net", evaluateTargetHealth: false };
    const ofAlias = record({ policy: "simple", primary: { alias: { zone: "ZELB", name: "lb.example.net" } } });
    expect(judge(ofAlias, [aRecordSet({ ttlSeconds: null, values: [], alias })]).problems).toEqual([]);
    const launched = record({ policy: "weighted", recovery: { launched: "web" } });
    expect(judge(launched, [primary({ weight: 1 })]).problems).toEqual([]);
    expect(
      judge(launched, [primary({ weight: 1 }), recovery({ weight: 0, values: ["203.0.113.9"] })]).problems,
    ).toEqual([]);
    const proximity = aRecordSet({ name: "near.example.com", setIdentifier: "g", geoProximity: { Bias: 4 } });
    expect(judge(record({ policy: "simple" }), [aRecordSet(), proximity]).problems).toEqual([]);
  });

  it("drift is no other set of the name, but one with the primary side's value is reported: it will not move", () => {
    const at = (setIdentifier: string, CountryCode: string, over: Partial<RecordSet> = {}) =>
      aRecordSet({ setIdentifier, geoLocation: { CountryCode }, ...over });
    const sets = [at("primary", "*"), at("recovery", "DE", { values: ["198.51.100.10"] }), at("France", "FR")];
    const elsewhere = at("Japan", "JP", { values: ["203.0.113.9"] });
    expect(judge(record({ policy: "geolocation" }), [...sets, elsewhere])).toEqual({
      problems: [],
      warnings: told('the set "France" also has the primary side\'s value, and the plan does not move it'),
    });
  });

  it("of a pair whose roles are swapped is left to that sentence", () => {
    const swapped = [primary({ failover: "SECONDARY" }), recovery({ failover: "PRIMARY" })];
    expect(judge(record(), swapped).problems).toEqual([]);
  });

  it("drift looks in the record's own zone: the same name may be in a private one", () => {
    const found = judgeDrift(
      { switch: "records", records: [record({ policy: "simple" }), record({ policy: "simple", zone: "ZPRIVATE" })] },
      { [zone]: [aRecordSet()], ZPRIVATE: [aRecordSet({ values: ["10.0.0.1"] })] },
      "primary",
    );
    expect(found.problems).toEqual(told("the record has 10.0.0.1, the plan has 192.0.2.10"));
  });

  it("drift is also what a takeover finds in the value of either side", () => {
    const sets = [primary({ failover: "PRIMARY", values: ["198.51.100.10"] }), recovery({ failover: "SECONDARY" })];
    expect(judge(record(), sets, { by: "takeover" as "records" }).problems).toEqual(
      told('the set "primary" has 198.51.100.10, the plan has 192.0.2.10'),
    );
  });
});
