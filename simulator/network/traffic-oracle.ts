import { homeOf } from "../../functions/core/model/direction.ts";
import type { Plan, Traffic, TrafficRecord } from "../../functions/core/model/plan.ts";
import { publicResolvers } from "../../functions/core/traffic/dns.ts";
import { fetchOf, vpcResolver } from "../dns/dns.ts";
import { controlDelay } from "../dns/routing-control.ts";
import { checkDelay, dotted, route53Of } from "../dns/zones.ts";
import { trafficSeconds } from "../durations-traffic.ts";
import type { World } from "../kernel.ts";
import { evaluationOffset } from "../services/cloudwatch.ts";
import { checkIdOf } from "./traffic.ts";

/**
 * When users are at the other side (ms), if the switch is turned at `at` (ms): every name server of each record's zone
 * answers by it, and so does every resolver, at its next fetch. By the real clocks of this world.
 */
export const movedAt = (world: World, { traffic, application, regions }: Plan, at: number): number => {
  if (!traffic) return at;
  const plan = { traffic, application, regions };
  return Math.max(at, ...traffic.records.map((record) => recordMovedAt(world, plan, record, at)));
};

type Moving = Pick<Plan, "application" | "regions"> & { traffic: Traffic };

const recordMovedAt = (world: World, plan: Moving, record: TrafficRecord, at: number): number => {
  const zone = route53Of(world).zones.get(record.zone);
  if (!zone) return at;
  const turned = turnedAt(world, plan, record, at);
  const knows = zone.servers.map(({ recordDelay, healthDelay }) =>
    Math.ceil(turned + (plan.traffic.switch === "records" ? recordDelay : healthDelay) * 1_000),
  );
  const known = Math.max(...knows);
  const question = { name: dotted(record.name), type: record.type };
  const resolvers = record.private ? [vpcResolver] : publicResolvers;
  const fetched = resolvers.map((resolver) => {
    // a fetch before all servers know may meet one that does
    for (let now = Math.floor(turned); ; ) {
      const fetch = fetchOf(world, zone, resolver, question, now);
      if (fetch.at >= knows[zone.servers.indexOf(fetch.server)]!) return Math.max(fetch.at, now);
      now = fetch.until;
    }
  });
  return Math.max(known, ...fetched);
};

/** When Route 53 has the new status, or the new record: the name servers answer by it, each after its delay. */
const turnedAt = (world: World, { traffic, application, regions }: Moving, record: TrafficRecord, at: number) => {
  if (traffic.switch === "records") return at + (record.steps.length - 1) * record.gateSeconds * 1_000;
  if (traffic.switch === "routing-control") return at + controlDelay(world, record.routingControls!.primary) * 1_000;
  const minute = trafficSeconds.metricPeriod * 1_000;
  const ended = (Math.floor(at / minute) + 1) * minute;
  const delay = evaluationOffset(world, homeOf({ regions })) + checkDelay(world, checkIdOf({ traffic, application }));
  return ended + delay * 1_000;
};
