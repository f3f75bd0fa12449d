import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import { verifyTarget } from "../../functions/core/instances/launch/verify.ts";
import { homeOf, protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan, RecordValue, TrafficRecord } from "../../functions/core/model/plan.ts";
import { takeoverMetric } from "../../functions/core/names.ts";
import { ask } from "../dns/dns.ts";
import { controlCheckId, controlDelay, populateControls } from "../dns/routing-control.ts";
import { checkDelay, createHealthCheck, createZone, dotted, serversOf } from "../dns/zones.ts";
import { trafficSeconds } from "../durations-traffic.ts";
import type { World } from "../kernel.ts";
import { placeOf } from "../locations.ts";
import { evaluationOffset, putAlarm } from "../services/cloudwatch.ts";
import { createLoadBalancer, createTargetGroup } from "../services/elb.ts";
import { balancerNamed } from "../services/load-balancers.ts";
import { createEndpoint, facingResource, hostOf } from "../world/endpoints.ts";
import { notePlan } from "./net.ts";
import { feedWitnesses } from "./witnesses.ts";

export { answersNow } from "../dns/dns.ts";
export { dnsTimeline } from "../dns/timeline.ts";

const regionOf = (arn: string) => arn.split(":")[3] ?? "";

/**
 * Everything between users and servers: load balancers, addresses, zones with their records, the switch, witnesses. May be
 * called for several plans; zones that they share get the sets of all.
 */
export const populateTraffic = (world: World, plan: Plan) => {
  notePlan(world, plan);
  populateBalancers(world, plan);
  populateEndpoints(world, plan);
  if (!world.notes.has("regions of the traffic")) world.notes.set("regions of the traffic", plan.regions);
  const check = populateTakeover(world, plan);
  populateControls(world, plan);
  for (const id of new Set((plan.traffic?.records ?? []).map(({ zone }) => zone))) {
    const records = plan.traffic!.records.filter(({ zone }) => zone === id);
    createZone(
      world,
      id,
      apexOf(records),
      records.flatMap((record) => setsOf(record, plan.regions, check)),
      records.every((record) => record.private),
      // a zone of the same name that the primary's VPC has is not the plan's
      [homeOf(plan)],
    );
  }
  feedWitnesses(world, plan);
};

/** AWS's own durations of the switch in this world, seconds: from the seed alone, whatever a run does. */
export const switchDurations = (world: World, plan: Plan) => {
  const { interval, healthyThreshold } = trafficSeconds.targetCheck;
  const balanced = plan.protect.some(({ launch }) => launch.targetGroups.length > 0);
  /** From the first good answer of a server until its target group calls it healthy, at most. */
  const targetHealthySeconds = balanced ? interval * healthyThreshold : 0;
  const none = { alarmSeconds: 0, healthCheckSeconds: 0, propagationSeconds: 0, ttlSeconds: 0, targetHealthySeconds };
  if (!plan.traffic) return none;
  const { switch: how, records, zone } = plan.traffic;
  const takeover = how === "takeover";
  const controls = how === "routing-control" ? records.flatMap((one) => Object.values(one.routingControls ?? {})) : [];
  const servers = records.flatMap((record) => serversOf(world.random, record.zone ?? zone));
  const delays = servers.map(({ healthDelay, recordDelay }) => (how === "records" ? recordDelay : healthDelay));
  return {
    alarmSeconds: takeover ? trafficSeconds.metricPeriod + evaluationOffset(world, homeOf(plan)) : 0,
    healthCheckSeconds: takeover
      ? checkDelay(world, checkIdOf(plan))
      : Math.max(0, ...controls.map((control) => controlDelay(world, control))),
    propagationSeconds: Math.max(0, ...delays),
    ttlSeconds: Math.max(0, ...records.map(ttlOf)),
    targetHealthySeconds,
  };
};

/** Addresses that a side of a record stands for; none for servers that are yet to be launched. */
export const addressesOf = (world: World, value: RecordValue): string[] => {
  if ("addresses" in value) return [...value.addresses].sort();
  if ("launched" in value) return [];
  const answer = ask(world, { name: value.alias.name, type: "A", server: null });
  return "values" in answer ? answer.values : [];
};

const ttlOf = ({ primary, ttlSeconds }: TrafficRecord) =>
  "alias" in primary ? trafficSeconds.loadBalancerTtl : ttlSeconds;

export const checkIdOf = ({ traffic, application }: Pick<Plan, "traffic" | "application">) =>
  traffic?.healthCheck === "create" || !traffic ? `check-${application}` : traffic.healthCheck;

/** The takeover switch exactly as the stack `switch` makes it. [R53:health-checks-creating-values] */
const populateTakeover = (world: World, plan: Plan): string | null => {
  if (plan.traffic?.switch !== "takeover") return null;
  const name = `lifeboat-takeover-${plan.application}`;
  const topics = plan.notify.topics.filter((topic) => topic.split(":")[3] === homeOf(plan));
  putAlarm(world, homeOf(plan), {
    AlarmName: name,
    Namespace: takeoverMetric.namespace,
    MetricName: takeoverMetric.name,
    Dimensions: [{ Name: takeoverMetric.dimension, Value: plan.application }],
    Statistic: "Maximum",
    Period: trafficSeconds.metricPeriod,
    EvaluationPeriods: 1,
    DatapointsToAlarm: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "ignore",
    AlarmActions: topics,
    OKActions: topics,
  });
  createHealthCheck(world, checkIdOf(plan), {
    Type: "CLOUDWATCH_METRIC",
    AlarmIdentifier: { Name: name, Region: homeOf(plan) as "eu-central-1" },
    InsufficientDataHealthStatus: "LastKnownStatus",
    Inverted: false,
  });
  return checkIdOf(plan);
};

/** The sets of a record as a person makes them by its policy; the recovery's own is left out where it is yet to be launched. */
const setsOf = (record: TrafficRecord, regions: Plan["regions"], check: string | null): ResourceRecordSet[] => {
  const { name, type, policy, setIdentifiers, routingControls } = record;
  const base = { Name: dotted(name), Type: type };
  if (policy === "simple") return [{ ...base, ...targetOf(record, record.primary) }];
  const sides = (["primary", "recovery"] as const).filter((side) => !("launched" in record[side]));
  return sides.map((side): ResourceRecordSet => {
    const id = routingControls ? controlCheckId(routingControls[side]) : side === "primary" && check;
    return {
      ...base,
      SetIdentifier: setIdentifiers[side],
      ...routingOf(policy, regions, side),
      ...(id && { HealthCheckId: id }),
      ...targetOf(record, record[side]),
    };
  });
};

const routingOf = (
  policy: TrafficRecord["policy"],
  regions: Plan["regions"],
  side: "primary" | "recovery",
): Partial<ResourceRecordSet> => {
  const primary = side === "primary";
  if (policy === "weighted") return { Weight: primary ? 100 : 0 };
  if (policy === "latency") return { Region: regions[side] as NonNullable<ResourceRecordSet["Region"]> };
  if (policy === "multivalue") return { MultiValueAnswer: true };
  if (policy === "geolocation")
    return { GeoLocation: { CountryCode: primary ? "*" : placeOf(homeOf({ regions })).country } };
  return { Failover: primary ? "PRIMARY" : "SECONDARY" };
};

const targetOf = ({ ttlSeconds }: TrafficRecord, value: RecordValue): Partial<ResourceRecordSet> => {
  if ("alias" in value)
    return {
      AliasTarget: {
        HostedZoneId: value.alias.zone,
        DNSName: dotted(value.alias.name),
        EvaluateTargetHealth: false,
      },
    };
  const values = "addresses" in value ? value.addresses : [];
  return { TTL: ttlSeconds, ResourceRecords: values.map((Value) => ({ Value })) };
};

/** The longest name that all records share; one level up where that is a record itself. */
const apexOf = (records: TrafficRecord[]) => {
  const [first = [], ...others] = records.map(({ name }) => name.split(".").reverse());
  const shared = first.filter((_, index) => others.every((other) => samePrefix(first, other, index + 1)));
  const isRecord = [first, ...others].some(({ length }) => length === shared.length);
  return (isRecord && shared.length > 2 ? shared.slice(0, -1) : shared).reverse().join(".");
};
const samePrefix = (a: string[], b: string[], length: number) =>
  a.slice(0, length).join() === b.slice(0, length).join();

/** Target groups of the plan behind the load balancers that its records name; the primary ones have their servers in. */
const populateBalancers = (world: World, plan: Plan) => {
  const groups = [...new Set(plan.protect.flatMap(({ launch }) => launch.targetGroups))];
  for (const { launch, verify } of plan.protect)
    for (const arn of launch.targetGroups) {
      const { port = 80, path = null } = (verify && verifyTarget(verify)) ?? {};
      createTargetGroup(world, { arn, region: regionOf(arn), port, path: path ?? "/" });
    }
  const values = (plan.traffic?.records ?? []).flatMap(({ primary, recovery }) => [primary, recovery]);
  for (const value of values) {
    if (!("alias" in value) || balancerNamed(world, value.alias.name)) continue;
    const region = balancerRegion(value.alias.name) ?? homeOf(plan);
    createLoadBalancer(world, {
      name: value.alias.name,
      zone: value.alias.zone,
      region,
      addresses: addressesFor(world, value.alias.name, region === homeOf(plan) ? 198 : 203),
      groups: groups.filter((arn) => regionOf(arn) === region),
    });
  }
};

const balancerRegion = (name: string) => name.match(/\b([a-z]{2}(?:-[a-z]+)+-\d)\b/)?.[1] ?? null;

/** Addresses of the blocks that are kept for documentation. [RFC 5737] */
const addressesFor = (world: World, name: string, block: 198 | 203) => {
  const first = Math.floor(world.random.fork(`addresses ${name}`).between(100, 240));
  return [first, first + 7].map((host) => (block === 198 ? `198.51.100.${host}` : `203.0.113.${host}`)).sort();
};

/** The primary's public addresses are in service; at a private one stands its server itself. */
const populateEndpoints = (world: World, plan: Plan) => {
  const records = (plan.traffic?.records ?? []).filter((record) => !record.private);
  const region = protectedOf(plan);
  const endpoint = { region, resource: facingResource(plan) };
  // what a probe of the primary asks is the primary's, too: an address, or a name that no zone of the plan holds
  const isRecord = (host: string) => (plan.traffic?.records ?? []).some(({ name }) => dotted(name) === dotted(host));
  const probes = plan.detect.witnesses.flatMap((one) => {
    if (one.kind !== "probe" || one.side !== "primary") return [];
    const host = one.connect ?? hostOf(one.url);
    return isRecord(host) ? [] : [host];
  });
  for (const address of [...records.flatMap(({ primary }) => addressesOf(world, primary)), ...probes])
    createEndpoint(world, address, endpoint);
  if (plan.protect.length > 0) return;
  const standby = { region: homeOf(plan), resource: null };
  for (const { recovery: value } of records)
    for (const address of addressesOf(world, value)) createEndpoint(world, address, standby);
};
