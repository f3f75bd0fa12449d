/** DNS as resolvers see it: recursive answers with TTLs, from name servers that may still have the old zone. */

import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import { publicResolvers } from "../../functions/core/traffic/dns.ts";
import type { DnsAnswer, RecordType } from "../../functions/runtime/context.ts";
import { trafficSeconds } from "../durations-traffic.ts";
import type { World } from "../kernel.ts";
import { hash } from "../random.ts";
import { balancerNamed } from "../services/load-balancers.ts";
import { type Asker, choose } from "./choose.ts";
import { dotted, type NameServer, route53Of, valueAt, type Zone } from "./zones.ts";

export type Question = { name: string; type: string };
/** TTL in seconds; the error is a code of node:dns. */
type Answer = { values: string[]; ttl: number } | { error: string };

/** The resolver inside the VPC of the recovery Region: it alone knows the private zones. */
export const vpcResolver = "vpc";
const cnamesMax = 8;

/**
 * What a server says now: a name server of a zone, a public resolver, the resolver of a VPC, or (null) the one of a Lambda,
 * which stands outside of every VPC.
 */
export const ask = (world: World, { name, type, server }: Question & { server: string | null }): DnsAnswer => {
  const question = { name: dotted(name), type };
  const answer =
    server === null || server === vpcResolver || publicResolvers.includes(server)
      ? recursive(world, server ?? "lambda", question)
      : fromNameServer(world, server, question);
  return "error" in answer ? answer : { values: [...answer.values].sort() };
};

/** Every distinct answer that the name servers of a zone give anybody for a name now, sorted. */
export const answersNow = (world: World, name: string, type: RecordType = "A"): string[] =>
  answersAt(world, dotted(name), type, world.now());

/** Union of what the name servers of the zone answered anybody at an instant (ms). */
export const answersAt = (world: World, name: string, type: string, at: number): string[] => {
  const zone = zoneOf(world, name, false) ?? zoneOf(world, name, true);
  const answers = (zone?.servers ?? []).map((server) => authoritative(world, zone!, server, { name, type }, at, null));
  return [...new Set(answers.flatMap((answer) => ("error" in answer ? [] : answer.values)))].sort();
};

/** Where who asks is, as the choice of a set by place or latency needs it: Lifeboat in the recovery Region, users at home. */
const askerOf = (world: World, resolver: string, turn: string): Asker => {
  const regions = world.notes.get("regions of the traffic") as { primary: string; recovery: string } | undefined;
  const { primary = "us-east-1", recovery = primary } = regions ?? {};
  return { region: resolver === publicResolvers[0] ? primary : recovery, turn };
};

const fromNameServer = (world: World, address: string, question: Question): Answer => {
  for (const zone of publicZones(world)) {
    const server = zone.servers.find((one) => one.address === address);
    if (!server) continue;
    if (!isIn(zone, question.name)) return { error: "EREFUSED" };
    const turn = `${world.seed}/${address}/${question.name}/${question.type}/${world.now()}`;
    return authoritative(world, zone, server, question, world.now(), askerOf(world, address, turn));
  }
  return { error: "ETIMEOUT" };
};

/**
 * A resolver under steady load: it asks one of the name servers anew each time that its cached answer has run out.
 * So its answer depends on the time alone, not on who asked before.
 */
const recursive = (world: World, resolver: string, question: Question, depth = 0): Answer => {
  const fixed = fixedAnswer(
    world,
    question,
    `${resolver}/${Math.floor(world.now() / (trafficSeconds.loadBalancerTtl * 1_000))}`,
  );
  if (fixed) return fixed;
  const inside = resolver === vpcResolver;
  const zone = (inside ? zoneOf(world, question.name, true) : null) ?? zoneOf(world, question.name, false);
  if (!zone) return { error: "ENOTFOUND" };
  const { server, at, draw } = fetchOf(world, zone, resolver, question, world.now());
  const answer = authoritative(world, zone, server, question, at, askerOf(world, resolver, draw));
  if (!("error" in answer) || answer.error !== "ENODATA" || question.type === "CNAME" || depth > cnamesMax)
    return answer;
  const cname = recursive(world, resolver, { name: question.name, type: "CNAME" }, cnamesMax);
  const target = "error" in cname ? undefined : cname.values[0];
  return target ? recursive(world, resolver, { name: dotted(target), type: question.type }, depth + 1) : answer;
};

/** Where the answer that a resolver has at `now` (ms) comes from: fetched `at` from that name server, kept `until`. */
export const fetchOf = (world: World, zone: Zone, resolver: string, question: Question, now: number) => {
  const key = `${world.seed}/${resolver}/${question.name}/${question.type}`;
  const ttlMs = shortestTtl(zone, question) * 1_000;
  const phaseMs = hash(key) % ttlMs;
  const turn = Math.floor((now - phaseMs) / ttlMs);
  const at = phaseMs + turn * ttlMs;
  const server = zone.servers[hash(`${key}/${turn}`) % zone.servers.length]!;
  return { server, at, until: at + ttlMs, draw: `${key}/${turn}/draw` };
};

/** Of all the answers that a name may have: the cached one may be any of them. Nothing found is not cached. */
const shortestTtl = (zone: Zone, { name, type }: Question) => {
  const sets = zone.sets.at(-1)!.value.filter((set) => set.Name === name && set.Type === type);
  const ttls = sets.map(({ TTL, AliasTarget }) => (AliasTarget ? trafficSeconds.loadBalancerTtl : (TTL ?? 0)));
  return ttls.length ? Math.max(1, Math.min(...ttls)) : 1;
};

/** Of a load balancer one answer holds so many addresses. [https://iret.media/476: eight of a busy one] */
const balancerAddressesMax = 8;

/** Names that no zone of the world holds: load balancers and name servers. `turn`: what the draw of this answer is made of. */
const fixedAnswer = (world: World, { name, type }: Question, turn: string): Answer | null => {
  const balancer = balancerNamed(world, name);
  const servers = [...route53Of(world).zones.values()].flatMap((zone) => zone.servers);
  const host = servers.find((server) => server.name === name);
  if (!balancer && !host) return null;
  const values = balancer ? drawn(balancer.addresses, `${world.seed}/${name}/${turn}`) : [host!.address];
  return type === "A" ? { values, ttl: trafficSeconds.loadBalancerTtl } : { error: "ENODATA" };
};

const drawn = (addresses: string[], turn: string) =>
  [...addresses].sort((a, b) => hash(`${turn}/${a}`) - hash(`${turn}/${b}`)).slice(0, balancerAddressesMax);

const isIn = (zone: Zone, name: string) => name === zone.name || name.endsWith(`.${zone.name}`);

const publicZones = (world: World) => [...route53Of(world).zones.values()].filter((zone) => !zone.private);

/** Does a VPC of the Region see the private zone of this name? */
export const isSeenFrom = (world: World, region: string, name: string): boolean =>
  zoneOf(world, dotted(name), true)?.regions.includes(region) ?? false;

/** The addresses that a name of a private zone had in the beginning. */
export const atFirst = (world: World, name: string): string[] => {
  const sets = zoneOf(world, dotted(name), true)?.sets[0]?.value ?? [];
  return sets
    .filter((set) => set.Name === dotted(name) && set.Type === "A")
    .flatMap(({ ResourceRecords = [] }) => ResourceRecords.flatMap(({ Value }) => Value ?? []));
};

const zoneOf = (world: World, name: string, isPrivate: boolean): Zone | null =>
  [...route53Of(world).zones.values()]
    .filter((zone) => zone.private === isPrivate && isIn(zone, name))
    .sort((a, b) => b.name.length - a.name.length)[0] ?? null;

/** One name server at an instant: it knows records and health as they were its delay ago. */
const authoritative = (
  world: World,
  zone: Zone,
  server: NameServer,
  question: Question,
  at: number,
  asker: Asker,
): Answer => {
  if (question.type === "NS" && question.name === zone.name)
    return { values: zone.servers.map(({ name }) => name.slice(0, -1)), ttl: 172_800 };
  const all = valueAt(zone.sets, at - server.recordDelay * 1_000);
  const own = all.filter(({ Name, Type }) => Name === question.name && Type === question.type);
  const healthAt = at - server.healthDelay * 1_000;
  const found = choose(own, (set) => isHealthy(world, set, healthAt), asker);
  const answers = found.map((set) => tryCall(world, zone, server, set, at, asker));
  const good = answers.flatMap((answer) => ("error" in answer ? [] : [answer]));
  if (good.length > 0)
    return {
      values: [...new Set(good.flatMap(({ values }) => values))],
      ttl: Math.min(...good.map(({ ttl }) => ttl)),
    };
  if (answers[0]) return answers[0];
  const exists =
    question.name === zone.name || all.some(({ Name = "" }) => isIn({ ...zone, name: question.name }, Name));
  return { error: exists ? "ENODATA" : "ENOTFOUND" };
};

const isHealthy = (world: World, { HealthCheckId, AliasTarget }: ResourceRecordSet, at: number) => {
  const check = HealthCheckId && route53Of(world).checks.get(HealthCheckId);
  if (check && !valueAt(check.healthy, at)) return false;
  const balancer = AliasTarget?.EvaluateTargetHealth ? balancerNamed(world, AliasTarget.DNSName ?? "") : null;
  return balancer?.status() !== 503;
};

/** A TXT value stands in quotation marks in its record; what resolvers give has none. */
const textOf = ({ Type }: ResourceRecordSet, value: string) =>
  Type === "TXT" ? value.replaceAll('"', "") : value.replace(/\.$/, "");

const tryCall = (
  world: World,
  zone: Zone,
  server: NameServer,
  set: ResourceRecordSet,
  at: number,
  asker: Asker,
): Answer => {
  if (!set.AliasTarget)
    return { values: (set.ResourceRecords ?? []).map(({ Value = "" }) => textOf(set, Value)), ttl: set.TTL ?? 0 };
  const target = { name: dotted(set.AliasTarget.DNSName ?? ""), type: set.Type ?? "A" };
  return fixedAnswer(world, target, `${server.address}/${at}`) ?? authoritative(world, zone, server, target, at, asker);
};
