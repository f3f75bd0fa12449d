import { limits } from "../limits.ts";
import type { TrafficRecord } from "../model/plan.ts";

export const publicResolvers = ["1.1.1.1", "8.8.8.8"];
/** Route 53 delegates a zone to four name servers. */
export const nameServersMax = 8;
const labelsMax = 6;

/** The reply of one server; `null` values = no usable answer. */
export type DnsReply = { server: string; name: string; type: string; values: string[] | null; error: string | null };

/**
 * What a record must answer: one of `some` (null = the plan does not know every set of the name, or the values are not known),
 * and `never` one of the other side. An answer need not be known as a whole: a large load balancer gives eight of its addresses
 * at a time. `target`: values of the expected side as far as they are known.
 */
export type Expectation = {
  name: string;
  type: string;
  some: string[] | null;
  never: string[];
  target: string[] | null;
};

/** Names that may own the NS records of a record's zone: the name itself, then its parents. A bare TLD is not asked. */
export const zonesAbove = (name: string): string[] => {
  const labels = name.split(".");
  return labels
    .map((_, from) => labels.slice(from).join("."))
    .slice(0, -1)
    .slice(-labelsMax);
};

export const plainValue = (value: string) => value.toLowerCase().replace(/\.$/, "");

/** What Reroute did to the sets of a name: values before and after. */
export type Changed = {
  zone: string;
  name: string;
  type: string;
  set: string | null;
  before: string[];
  after: string[];
};

/**
 * A name whose answers depend on who asks, or on chance, may have sets
 * that the plan does not know: there only the old side's values are told apart.
 */
export const expectationOf = (
  record: TrafficRecord,
  side: "primary" | "recovery",
  resolved: ObservedAddresses,
  changes: Changed[],
): Expectation => {
  const other = side === "recovery" ? "primary" : "recovery";
  const { name, type, policy, setIdentifiers } = record;
  const own = changesOf(record, changes);
  const values = (of: "primary" | "recovery") => {
    const value = record[of];
    if ("addresses" in value) return value.addresses.map(plainValue);
    if ("alias" in value) return resolved[value.alias.name]?.map(plainValue) ?? null;
    if (of !== side) return null;
    const set = own.find((change) => policy === "weighted" && change.set === setIdentifiers[of]) ?? own[0];
    return set?.after.map(plainValue) ?? null;
  };
  const target = values(side);
  const old = own.flatMap(({ before }) => before.map(plainValue));
  const known = target?.length ? target : null;
  return {
    name,
    type,
    target: known,
    some: policy === "failover" || policy === "simple" ? known : null,
    never: [...new Set([...(values(other) ?? []), ...old])].filter((value) => !target?.includes(value)),
  };
};

/** Addresses by name of a load balancer, as the polls have seen them. */
export type ObservedAddresses = Record<string, string[]>;

/** So many addresses of all load balancers are kept. An answer holds eight at most, so a poll sees a part of them. */
const seenMax = 400;
const answerMax = 8;

export const mergeObserved = (...all: ObservedAddresses[]): ObservedAddresses => {
  const names = [...new Set(all.flatMap(Object.keys))];
  const most = Math.max(answerMax, Math.min(100, Math.floor(seenMax / names.length)));
  const of = (name: string) => [...new Set(all.flatMap((seen) => seen[name] ?? []))].sort().slice(0, most);
  return Object.fromEntries(names.map((name) => [name, of(name)]));
};

/**
 * What the zone's own answers add to it: those for an alias are of one load balancer as a whole, so that one known address in an
 * answer tells whose the others are.
 */
export const observedInReplies = (
  records: TrafficRecord[],
  seen: ObservedAddresses,
  answers: DnsReply[],
): ObservedAddresses => {
  const found = records.flatMap(({ name, type, primary, recovery }) => {
    const balancers = [primary, recovery].flatMap((value) => ("alias" in value ? [value.alias.name] : []));
    const own = answers.filter((answer) => answer.name === name && answer.type === type);
    return own.flatMap(({ values }) => {
      const whose = balancers.filter((balancer) => seen[balancer]?.some((address) => values?.includes(address)));
      return whose.length === 1 ? [{ [whose[0]!]: values ?? [] }] : [];
    });
  });
  return mergeObserved(seen, ...found);
};

/** A name may be in a public and in a private zone. */
export const changesOf = (record: TrafficRecord, changes: Changed[]): Changed[] =>
  changes.filter(({ zone, name, type }) => zone === record.zone && name === record.name && type === record.type);

/** Whether a reply is of the expected side, and holds no value of the other. */
export const agrees = ({ some, never }: Expectation, values: string[]) => {
  const plain = values.map(plainValue);
  if (plain.length === 0 || plain.some((value) => never.includes(value))) return false;
  return some === null || plain.some((value) => some.includes(value));
};

export type DnsDecision = { action: "go-on" | "wait"; code: string; because: string; notes: string[] };

/**
 * Every name server of the zone must agree; then both public resolvers, as far as they answer: a resolver that cannot
 * be reached says nothing about the users' DNS, so it is a note.
 */
export const judgeAnswers = (expectations: Expectation[], zone: DnsReply[], resolvers: DnsReply[]): DnsDecision => {
  const notes: string[] = [];
  const expectedOf = (answer: DnsReply) =>
    expectations.find(({ name, type }) => name === answer.name && type === answer.type);
  const wrong = (answer: DnsReply) => {
    const expected = expectedOf(answer);
    return !expected || !agrees(expected, answer.values ?? []);
  };
  const wait = (code: string, because: string): DnsDecision => ({ action: "wait", code, because, notes });

  for (const { name, type } of expectations)
    if (!zone.some((answer) => answer.name === name && answer.type === type))
      return wait("NoNameServers", `no name server found for ${name}`);
  const stale = zone.filter(wrong);
  if (stale[0])
    return wait("ZoneDisagrees", `${stale.length} of ${zone.length} answers of the zone: ${sentenceOf(stale[0])}`);

  const silent = resolvers.filter(({ values, error }) => values === null && isSilence(error));
  for (const server of new Set(silent.map((answer) => answer.server)))
    notes.push(`public resolver ${server} is unreachable`);
  const cached = resolvers.filter((answer) => !silent.includes(answer) && wrong(answer));
  if (cached[0]) return wait("ResolverDisagrees", `public resolver: ${sentenceOf(cached[0])}`);
  return { action: "go-on", code: "DnsMoved", because: `all ${zone.length} answers of the zone agree`, notes };
};

/** Errors of a resolver that mean "not reached", unlike an answer such as ENOTFOUND. */
const isSilence = (error: string | null) =>
  /^(ETIMEOUT|ETIMEDOUT|ECONNREFUSED|ECANCELLED|EREFUSED|ENETUNREACH|EHOSTUNREACH)$/.test(error ?? "");

const sentenceOf = ({ server, name, type, values, error }: DnsReply) =>
  `${server} answers ${values?.join(", ") || error || "nothing"} for ${name} ${type}`;

const earlySeconds = 45;

/** Once late, the interval is the elapsed time divided by this. */
const patienceShare = 40;
const lateSeconds = 180;

/**
 * Seconds between two polls: 5 at first, as a metric's minute and a TTL cannot be over yet, then 3, and more once it is late;
 * longer where `limits.trafficLooks` must outlast the TTL.
 */
export const trafficWaitSeconds = (records: TrafficRecord[], elapsedSeconds: number) =>
  Math.max(
    elapsedSeconds < earlySeconds ? 5 : limits.pollSecondsMin,
    elapsedSeconds < lateSeconds ? 0 : Math.ceil(elapsedSeconds / patienceShare),
    ...records.map(({ ttlSeconds }) => Math.ceil(ttlSeconds / 100)),
  );
