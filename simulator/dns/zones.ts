/** The stored state of Route 53: zones, record sets, health checks and changes. */

import type { HealthCheckConfig, ResourceRecordSet } from "@aws-sdk/client-route-53";
import { drawn } from "../durations.ts";
import { trafficSeconds } from "../durations-traffic.ts";
import type { Random, World } from "../kernel.ts";
import { evaluationOffset, everyMinute, readStream } from "../services/cloudwatch.ts";

/** A value with all that it was before: name servers see the past, each by its own delay. */
export type History<T> = { since: number; value: T }[];

export type NameServer = {
  /** As in ns-12.awsdns-01.com. */
  name: string;
  address: string;
  /** Seconds until this server answers by a new record, and by a new health status. */
  recordDelay: number;
  healthDelay: number;
};
export type Zone = {
  id: string;
  /** Apex, lower case, with the trailing dot, as all names in here. */
  name: string;
  /** Only the resolver of a VPC knows it. */
  private: boolean;
  /** Of a private zone: the Regions of the VPCs that it is associated with. */
  regions: string[];
  servers: NameServer[];
  sets: History<ResourceRecordSet[]>;
};
export type HealthCheck = { id: string; config: HealthCheckConfig; healthy: History<boolean> };
type Route53 = {
  zones: Map<string, Zone>;
  checks: Map<string, HealthCheck>;
  changes: Map<string, { at: number; zone: string }>;
};

/** Route 53's state is global; only its control plane has a Region. */
export const route53Of = (world: World) =>
  world.region<Route53>("Route 53", "global", () => ({ zones: new Map(), checks: new Map(), changes: new Map() }));

export const valueAt = <T>(history: History<T>, at: number): T =>
  (history.findLast(({ since }) => since <= at) ?? history[0]!).value;

export const append = <T>(history: History<T>, since: number, value: T) => {
  history.push({ since, value });
};

export const dotted = (name: string) => `${name.toLowerCase().replace(/\.$/, "")}.`;

const topLevels = ["com", "net", "org", "co.uk"];

/** Delays of the four name servers of a zone: drawn from the seed alone. */
export const serversOf = (random: Random, zone: string): NameServer[] =>
  topLevels.map((top, index) => {
    const stream = random.fork(`name server ${zone} ${index}`);
    const number = Math.floor(stream.between(1, 512)) + index * 512;
    const part = Math.floor(stream.between(0, 64));
    return {
      name: `ns-${number}.awsdns-${String(part).padStart(2, "0")}.${top}.`,
      address: `205.251.19${2 + index}.${1 + (number % 254)}`,
      recordDelay: drawn(stream, trafficSeconds.recordPropagation),
      healthDelay: drawn(stream, trafficSeconds.healthPropagation),
    };
  });

/** Makes a hosted zone, or adds to the one that another plan has made. */
export const createZone = (
  world: World,
  id: string,
  apex: string,
  sets: ResourceRecordSet[],
  isPrivate = false,
  regions: string[] = [],
) => {
  const { zones } = route53Of(world);
  const known = zones.get(id);
  const servers = known?.servers ?? serversOf(world.random, id);
  const zone: Zone = known ?? { id, name: dotted(apex), private: isPrivate, regions, servers, sets: [] };
  append(zone.sets, world.now(), [...(zone.sets.at(-1)?.value ?? []), ...sets]);
  zones.set(id, zone);
};

/** Seconds from a datapoint until a CLOUDWATCH_METRIC check follows it: drawn from the seed alone. */
export const checkDelay = (world: World, id: string) =>
  drawn(world.random.fork(`health check ${id}`), trafficSeconds.healthCheck);

/** A check whose health something else sets: healthy at first. Its status spreads over the name servers by their delays. */
export const createCheck = (world: World, id: string, config: HealthCheckConfig, healthy = true) => {
  const check: HealthCheck = { id, config, healthy: [{ since: world.now(), value: healthy }] };
  route53Of(world).checks.set(id, check);
  return check;
};

/**
 * A CLOUDWATCH_METRIC check: it reads the metric of the alarm, not the alarm's state, once a minute. New ones are
 * healthy until data arrives. [R53:health-checks-creating-values]
 */
export const createHealthCheck = (world: World, id: string, config: HealthCheckConfig) => {
  const check = createCheck(world, id, config);
  const { Name = "", Region = "" } = config.AlarmIdentifier ?? {};
  everyMinute(world, evaluationOffset(world, Region), () => {
    const healthy = judgeStream(readStream(world, Region, Name), config, valueAt(check.healthy, world.now()));
    world.after(checkDelay(world, id), () => {
      if (healthy !== check.healthy.at(-1)!.value) append(check.healthy, world.now(), healthy);
    });
  });
};

const judgeStream = (stream: "breaching" | "fine" | null, config: HealthCheckConfig, last: boolean): boolean => {
  if (config.Disabled) return true;
  if (stream === null && config.InsufficientDataHealthStatus === "LastKnownStatus") return last;
  const alarmed = stream === null ? config.InsufficientDataHealthStatus === "Unhealthy" : stream === "breaching";
  return config.Inverted ? alarmed : !alarmed;
};
