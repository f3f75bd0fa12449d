import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TrafficRecord } from "../../../functions/core/model/plan.ts";
import {
  planBackChanges,
  planRecordChanges,
  policyOf,
  type RecordChange,
  type RecordSet,
} from "../../../functions/core/traffic/record-changes.ts";
import { aPlan, aRecordSet } from "../../support/builders.ts";

const [failover] = aPlan().traffic!.records as [TrafficRecord];
const zone = failover.zone;

const aSet = aRecordSet;
describe("whatever a zone holds", () => {
  const addresses = fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { minLength: 1, maxLength: 3 });
  const values = (block: string) => addresses.map((hosts) => hosts.map((host) => `${block}.${host}`).sort());
  const ttl = fc.constantFrom(30, 60);
  const policy = fc.constantFrom<TrafficRecord["policy"]>(
    ...(["failover", "weighted", "latency", "geolocation", "multivalue", "simple"] as const),
  );
  const roleOf = (of: TrafficRecord["policy"], first: boolean): Partial<RecordSet> =>
    ({
      failover: { failover: first ? ("PRIMARY" as const) : ("SECONDARY" as const) },
      weighted: { weight: first ? 100 : 0 },
      latency: { region: first ? "eu-west-1" : "eu-central-1" },
      geolocation: { geoLocation: { CountryCode: first ? "*" : "DE" } },
      multivalue: { multivalue: true },
      simple: {},
    })[of];
  const scene = fc
    .array(
      fc.record({
        policy,
        type: fc.constantFrom("A" as const, "AAAA" as const),
        ttl,
        one: values("192.0.2"),
        other: values("198.51.100"),
        check: fc.boolean(),
        third: fc.boolean(),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((drawn) => {
      const records: TrafficRecord[] = [];
      const sets: RecordSet[] = [aSet({ name: "near.example.com", setIdentifier: "g", geoProximity: { Bias: 1 } })];
      for (const [index, { policy: of, type, ttl: ttlSeconds, one, other, check, third }] of drawn.entries()) {
        const name = `r${index}.example.com`;
        const base = { ...failover, name, type, policy: of, ttlSeconds, steps: of === "weighted" ? [10, 100] : [100] };
        records.push({ ...base, primary: { addresses: one }, recovery: { addresses: other } });
        const set = (id: string, of2: Partial<RecordSet>, value: string[]) =>
          aSet({
            name,
            type,
            ttlSeconds,
            setIdentifier: of === "simple" ? null : id,
            values: value,
            healthCheck: check ? "c" : null,
            ...of2,
          });
        sets.push(set("primary", roleOf(of, true), one));
        if (of !== "simple") sets.push(set("recovery", roleOf(of, false), other));
        if (third && of === "multivalue") sets.push(set("third", roleOf(of, true), ["203.0.113.1"]));
      }
      return { records, sets };
    });
  const keyOf = ({ name, type, setIdentifier }: RecordSet) => `${name} ${type} ${setIdentifier}`;
  const apply = (sets: RecordSet[], changes: RecordChange[]) => {
    const after = new Map(sets.map((set) => [keyOf(set), set]));
    for (const change of changes) {
      if (change.after) after.set(keyOf(change.after), change.after);
      else if (change.before) after.delete(keyOf(change.before));
    }
    return [...after.values()];
  };
  const plan = (records: TrafficRecord[], side: "primary" | "recovery", sets: RecordSet[], step?: number) =>
    planRecordChanges(records, side, { [zone]: sets }, {}, step);

  it("a change touches nothing that the plan does not name, and of the rest only values, TTL and weight", () => {
    fc.assert(
      fc.property(scene, fc.integer({ min: 0, max: 2 }), ({ records, sets }, step) => {
        for (const { before, after } of plan(records, "recovery", sets, step).changes) {
          expect(records.some(({ name, type }) => name === after!.name && type === after!.type)).toBe(true);
          expect(after!.setIdentifier === "third").toBe(false);
          const rest = ({ values: _values, ttlSeconds: _ttl, weight: _weight, ...kept }: RecordSet) => kept;
          expect(rest(after!)).toEqual(rest(before!));
          expect(policyOf(after!)).toBe(policyOf(before!));
        }
      }),
    );
  });

  it("a change that is applied twice has the effect of one, by whatever steps", () => {
    fc.assert(
      fc.property(scene, fc.integer({ min: 0, max: 2 }), ({ records, sets }, step) => {
        const once = apply(sets, plan(records, "recovery", sets, step).changes);
        expect(plan(records, "recovery", once, step)).toEqual({ changes: [], problems: [] });
      }),
    );
  });

  it("a change and its reversal leave the zone as it was, by the plan and by what was kept", () => {
    fc.assert(
      fc.property(scene, ({ records, sets }) => {
        const { changes } = plan(records, "recovery", sets);
        const there = apply(sets, changes);
        expect(apply(there, plan(records, "primary", there).changes)).toEqual(sets);
        const kept = changes.map(({ before, after }) => ({
          zone,
          name: after!.name,
          type: after!.type,
          set: after!.setIdentifier,
          oldSet: before,
        }));
        expect(apply(there, planBackChanges(kept, { [zone]: there }))).toEqual(sets);
        expect(planBackChanges(kept, { [zone]: sets })).toEqual([]);
      }),
    );
  });
});
