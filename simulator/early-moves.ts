import type { Change } from "@aws-sdk/client-route-53";
import { takeoverMetric } from "../functions/core/names.ts";
import type { Plan, TrafficRecord } from "../functions/core/plan.ts";
import { isSeenFrom } from "./dns.ts";
import type { CallRecord, World } from "./kernel.ts";
import { stateOf } from "./state-of.ts";
import { dotted } from "./zones.ts";

/** Traffic that a call of ours moved while the row still said that the primary Region serves. */
export type EarlyMove = { application: string; because: string };

/** Judges each call that can move traffic at its instant (law 2): the row moves first. */
export const createEarlyMoves = (world: World, plans: Plan[]): EarlyMove[] => {
  const moves: EarlyMove[] = [];
  world.onChange((call) => () => {
    for (const plan of plans) {
      const moved = movedBy(world, plan, call);
      if (moved.length === 0) continue;
      const { application, regions } = plan;
      const active = stateOf(world, regions.recovery, application).row?.active ?? regions.primary;
      if (active === regions.recovery) continue;
      moves.push({ application, because: `${call.step} moved ${moved.join(", ")} while the row said ${active}` });
    }
  });
  return moves;
};

/** A name that no VPC of the primary Region sees is no traffic of its servers: it moves between the waves, before the row. */
export const isApart = (world: World, { regions }: Plan, { private: hidden, name }: TrafficRecord) =>
  hidden && !isSeenFrom(world, regions.primary, name);

const movedBy = (world: World, plan: Plan, { operation, region, input, machine }: CallRecord): string[] => {
  const { application, traffic, regions } = plan;
  if (operation === "ChangeResourceRecordSets" && machine === "failover") {
    const changed = new Set(changesOf(input).map(({ ResourceRecordSet }) => ResourceRecordSet?.Name ?? ""));
    const own = traffic?.records.filter(({ name }) => changed.has(dotted(name)) || changed.has(name)) ?? [];
    return own.filter((record) => !isApart(world, plan, record)).map(({ name }) => name);
  }
  if (operation === "UpdateRoutingControlStates" && traffic?.switch === "routing-control") return ["routing controls"];
  if (operation !== "PutMetricData" || region !== regions.recovery) return [];
  const data = (input.MetricData ?? []) as { MetricName: string; Value?: number; Dimensions?: { Value?: string }[] }[];
  const isSwitch = data.some(
    ({ MetricName, Value, Dimensions }) =>
      MetricName === takeoverMetric.name && Value === 1 && Dimensions?.[0]?.Value === application,
  );
  return isSwitch ? ["the metric of the switch"] : [];
};

const changesOf = ({ ChangeBatch }: CallRecord["input"]) =>
  (ChangeBatch as { Changes?: Change[] } | undefined)?.Changes ?? [];
