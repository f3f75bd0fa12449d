/** Part of invariant 2, checked at each call: the state record changes before traffic moves. */

import type { Change, ResourceRecordSet } from "@aws-sdk/client-route-53";
import { homeOf, protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan, TrafficRecord } from "../../functions/core/model/plan.ts";
import { takeoverMetric } from "../../functions/core/names.ts";
import { isSeenFrom } from "../dns/dns.ts";
import { dotted, route53Of } from "../dns/zones.ts";
import type { CallRecord, World } from "../kernel.ts";
import { stateOf } from "../world/state-of.ts";

/** Traffic that a call of ours moved while the row still said that the primary Region serves. */
export type EarlyMove = { application: string; because: string };

/** Judges each call that can move traffic at its instant (invariant 2): the row moves first, there and back. */
export const createEarlyMoves = (world: World, plans: Plan[]): EarlyMove[] => {
  const moves: EarlyMove[] = [];
  world.onChange((call) => {
    const before = plans.map((plan) => ({ plan, moved: movesOf(world, plan, call) }));
    return () => {
      for (const { plan, moved } of before) {
        const gone = moved.filter(({ share, now }) => now() > share).map(({ name }) => name);
        if (gone.length === 0) continue;
        const { application, regions } = plan;
        const active = stateOf(world, homeOf({ regions }), application).row?.active ?? protectedOf({ regions });
        if (active === homeOf({ regions })) continue;
        moves.push({
          application,
          because: `${call.step} moved ${gone.join(", ")} while the state record said ${active}`,
        });
      }
    };
  });
  return moves;
};

/** A name that no VPC of the primary Region sees is no traffic of its servers: it moves between the waves, before the row. */
export const isApart = (world: World, { regions }: Plan, { private: hidden, name }: TrafficRecord) =>
  hidden && !isSeenFrom(world, protectedOf({ regions }), name);

/** What a call is about to change, and how much of it leads to the recovery Region: before, and when asked again. */
type Moving = { name: string; share: number; now(): number };

const movesOf = (world: World, plan: Plan, { operation, region, input, machine }: CallRecord): Moving[] => {
  const { application, traffic, regions } = plan;
  if (operation === "ChangeResourceRecordSets" && machine === "failover") {
    const changed = new Set(changesOf(input).map(({ ResourceRecordSet }) => dotted(ResourceRecordSet?.Name ?? "")));
    const own = traffic?.records.filter((one) => changed.has(dotted(one.name)) && !isApart(world, plan, one)) ?? [];
    return own.map((record) => {
      const now = () => awayShare(world, record);
      return { name: record.name, share: now(), now };
    });
  }
  const all = (name: string): Moving => ({ name, share: 0, now: () => 1 });
  if (operation === "UpdateRoutingControlStates" && traffic?.switch === "routing-control")
    return [all("routing controls")];
  if (operation !== "PutMetricData" || region !== homeOf({ regions })) return [];
  const data = (input.MetricData ?? []) as { MetricName: string; Value?: number; Dimensions?: { Value?: string }[] }[];
  const isSwitch = data.some(
    ({ MetricName, Value, Dimensions }) =>
      MetricName === takeoverMetric.name && Value === 1 && Dimensions?.[0]?.Value === application,
  );
  return isSwitch ? [all("the metric of the switch")] : [];
};

/** The share of a record's sets, by their weight where they have one, that does not lead to the primary's value. */
const awayShare = (world: World, { zone, name, type, primary }: TrafficRecord): number => {
  const all = route53Of(world).zones.get(zone)?.sets.at(-1)?.value ?? [];
  const sets = all.filter((set) => set.Name === dotted(name) && set.Type === type);
  const home =
    "alias" in primary ? dotted(primary.alias.name) : "addresses" in primary ? joined(primary.addresses) : "";
  const weightOf = ({ Weight = 1 }: ResourceRecordSet) => Weight;
  const targetOf = ({ AliasTarget, ResourceRecords = [] }: ResourceRecordSet) =>
    AliasTarget ? dotted(AliasTarget.DNSName ?? "") : joined(ResourceRecords.map(({ Value = "" }) => Value));
  const sum = (some: ResourceRecordSet[]) => some.reduce((total, set) => total + weightOf(set), 0);
  return sum(sets) > 0 ? sum(sets.filter((set) => targetOf(set) !== home)) / sum(sets) : 0;
};
const joined = (values: string[]) => [...values].sort().join();

const changesOf = ({ ChangeBatch }: CallRecord["input"]) =>
  (ChangeBatch as { Changes?: Change[] } | undefined)?.Changes ?? [];
