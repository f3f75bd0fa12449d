import type { RecordValue, TrafficRecord } from "../model/plan.ts";
import { own } from "../own.ts";
import { percentAt, stepCount, type Weights, weightsFor } from "./weights.ts";

/** One record set of a hosted zone, as Route 53 has it now: every routing field, so that an UPSERT loses none. */
export type RecordSet = {
  /** Fully qualified, lower case, without the trailing dot. */
  name: string;
  type: string;
  setIdentifier: string | null;
  failover: "PRIMARY" | "SECONDARY" | null;
  weight: number | null;
  /** Latency. */
  region: string | null;
  geoLocation: Record<string, string> | null;
  multivalue: boolean | null;
  /** Kept as they are, never switched; a traffic policy owns its sets. */
  geoProximity: Record<string, unknown> | null;
  cidr: Record<string, string> | null;
  trafficPolicy: string | null;
  /** Null on an alias. */
  ttlSeconds: number | null;
  values: string[];
  alias: { zone: string; name: string; evaluateTargetHealth: boolean } | null;
  healthCheck: string | null;
};

/** `before` is null when the record is made anew, `after` when it is removed again. */
export type RecordChange = { zone: string; before: RecordSet | null; after: RecordSet | null };

export type RecordPlan = { changes: RecordChange[]; problems: string[] };

/** Addresses of launched servers: resource -> record type, `private A` in a private zone -> addresses. */
export type LaunchedAddresses = Record<string, Record<string, string[]>>;

type Side = "primary" | "recovery";

/**
 * The sets that have to change so that every record answers `side`, as far as `step` of the weights goes (default: all
 * the way). Only values change, and the weights of a weighted pair: identifier, role, Region, place and health check
 * stay, since Route 53 refuses to swap PRIMARY and SECONDARY by UPSERT. A set that already answers so is left alone,
 * and so is every set that the plan does not name. `existing` by zone.
 */
export const planRecordChanges = (
  records: TrafficRecord[],
  side: Side,
  existing: Record<string, RecordSet[]>,
  launched: LaunchedAddresses,
  step = Number.POSITIVE_INFINITY,
): RecordPlan => {
  const plan: RecordPlan = { changes: [], problems: [] };
  const count = stepCount(records);
  for (const record of records) {
    const sets = (existing[record.zone] ?? []).filter(({ name, type }) => name === record.name && type === record.type);
    const percent = percentAt(record, step, count);
    const wanted = wantedSets(record, side, sets, launched, percent);
    if (typeof wanted === "string") {
      plan.problems.push(`${record.name} ${record.type}: ${wanted}`);
      continue;
    }
    if (percent === 0) continue;
    for (const { before, after } of wanted)
      if (!before || textOf(before) !== textOf(after)) plan.changes.push({ zone: record.zone, before, after });
  }
  plan.problems.push(...batchProblems(plan.changes));
  return plan;
};

/** Values of a set, in one form for aliases and for others. */
export const valuesOfSet = ({ values, alias }: RecordSet) => (alias ? [`alias ${alias.name}`] : [...values].sort());

export type Policy = TrafficRecord["policy"] | "geoproximity" | "IP-based" | "traffic policy";

export const policyOf = (set: RecordSet): Policy => {
  if (set.trafficPolicy !== null) return "traffic policy";
  if (set.failover !== null) return "failover";
  if (set.weight !== null) return "weighted";
  if (set.region !== null) return "latency";
  if (set.geoLocation !== null) return "geolocation";
  if (set.geoProximity !== null) return "geoproximity";
  if (set.cidr !== null) return "IP-based";
  return set.multivalue === true ? "multivalue" : "simple";
};

/** What names the sets of a name in a sentence. */
export const listed = (sets: RecordSet[]) =>
  sets.map(({ setIdentifier }) => `"${setIdentifier ?? "a simple record"}"`).join(", ") || "none";

type Wanted = { before: RecordSet | null; after: RecordSet };

const wantedSets = (
  record: TrafficRecord,
  side: Side,
  sets: RecordSet[],
  launched: LaunchedAddresses,
  percent: number,
): Wanted[] | string => {
  const found = record.policy === "simple" ? findSimple(sets) : findSet(record, "primary", sets);
  if (typeof found === "string") return found;
  const value = wantedValue(record[side], record, launched);
  if (!value) return `no launched server of ${launchedOf(record[side])} has an address`;
  if (record.policy === "weighted") return weightedPair(record, side, sets, value, percent);
  const ttlSeconds = value.alias ? null : record.ttlSeconds;
  return [{ before: found, after: { ...(found ?? blankSet(record)), ttlSeconds, ...value } }];
};

const findSimple = (sets: RecordSet[]): RecordSet | null | string => {
  const other = sets.find((set) => set.setIdentifier || policyOf(set) !== "simple");
  return other ? `expected one simple record (got ${listed(sets)})` : (sets[0] ?? null);
};

const findSet = (record: TrafficRecord, side: Side, sets: RecordSet[]): RecordSet | string => {
  const identifier = record.setIdentifiers[side];
  const found = sets.find(({ setIdentifier }) => setIdentifier === identifier);
  if (!found) return `expected a set "${identifier}" (got ${listed(sets)})`;
  if (record.policy === "failover" && found.failover !== "PRIMARY")
    return found.failover ? swapNeeded(record) : `expected "${identifier}" to be the PRIMARY set`;
  const policy = policyOf(found);
  if (policy === record.policy) return found;
  const left = ["geoproximity", "IP-based", "traffic policy"].includes(policy) ? ", which is never switched" : "";
  return `expected "${identifier}" to be ${record.policy} (got ${policy}${left})`;
};

/** The roles of the pair are the other way round: Preflight and Reroute both report it. */
export const swapNeeded = ({ setIdentifiers: { primary } }: TrafficRecord) =>
  `expected "${primary}" to be the PRIMARY set (got SECONDARY): no UPSERT can swap PRIMARY and SECONDARY`;

/** The target's set gets its value and the step's weight, the source's only its weight. All sets of a name share a TTL. */
const weightedPair = (
  record: TrafficRecord,
  side: Side,
  sets: RecordSet[],
  value: Pick<RecordSet, "values" | "alias">,
  percent: number,
): Wanted[] | string => {
  const other: Side = side === "recovery" ? "primary" : "recovery";
  const source = findSet(record, other, sets);
  if (typeof source === "string") return source;
  const known = findSet(record, side, sets);
  const mayBeMade = "launched" in record[side] && !sets.some((set) => isSet(set, record.setIdentifiers[side]));
  if (typeof known === "string" && !mayBeMade) return known;
  const target = typeof known === "string" ? null : known;
  const now: Weights = { source: source.weight ?? 0, target: target?.weight ?? 0 };
  const hasOthers = sets.some((set) => set !== source && set !== target && (set.weight ?? 0) > 0);
  const weights = weightsFor(percent, now, hasOthers);
  if (!weights) return `its weights add up to ${now.source + now.target}, too few to give the target ${percent} %`;
  const ttl = sets.find(({ ttlSeconds }) => ttlSeconds !== null)?.ttlSeconds ?? record.ttlSeconds;
  const blank = { ...blankSet(record), setIdentifier: record.setIdentifiers[side] };
  const after = { ...(target ?? blank), weight: weights.target, ttlSeconds: value.alias ? null : ttl, ...value };
  return [
    { before: target, after },
    { before: source, after: { ...source, weight: weights.source } },
  ];
};
const isSet = ({ setIdentifier }: RecordSet, identifier: string) => setIdentifier === identifier;

const wantedValue = (value: RecordValue, { type, private: isPrivate }: TrafficRecord, launched: LaunchedAddresses) => {
  if ("alias" in value) return { values: [], alias: { ...value.alias, evaluateTargetHealth: false } };
  const values =
    "addresses" in value
      ? value.addresses
      : (own(launched, value.launched)?.[isPrivate ? `private ${type}` : type] ?? []);
  return values.length ? { values: [...values].sort(), alias: null } : null;
};

const launchedOf = (value: RecordValue) => ("launched" in value ? value.launched : "the plan");

/** A simple record set without values. */
export const blankSet = ({
  name,
  type,
  ttlSeconds,
}: {
  name: string;
  type: string;
  ttlSeconds: number;
}): RecordSet => ({
  name,
  type,
  ttlSeconds,
  setIdentifier: null,
  failover: null,
  weight: null,
  region: null,
  geoLocation: null,
  multivalue: null,
  geoProximity: null,
  cidr: null,
  trafficPolicy: null,
  values: [],
  alias: null,
  healthCheck: null,
});

const textOf = (set: RecordSet) =>
  JSON.stringify([valuesOfSet(set), set.alias?.zone, set.alias?.evaluateTargetHealth, set.ttlSeconds, set.weight]);

/** Of one batch, which is all or nothing; an UPSERT counts twice. [SDK Route53: ChangeResourceRecordSets] */
const elementsMax = 1_000;
const charactersMax = 32_000;

const batchProblems = (changes: RecordChange[]): string[] =>
  [...new Set(changes.map(({ zone }) => zone))].flatMap((zone) => {
    const sets = changes.flatMap((change) => (change.zone === zone && change.after ? [change.after] : []));
    const elements = sets.reduce((sum, { values }) => sum + 2 * Math.max(1, values.length), 0);
    const characters = sets.reduce((sum, { values }) => sum + 2 * values.join("").length, 0);
    if (elements <= elementsMax && characters <= charactersMax) return [];
    const size = `${elements} values and ${characters} characters, of at most ${elementsMax} and ${charactersMax}`;
    return [`zone ${zone}: one atomic batch cannot hold the changes (${size})`];
  });

/** A set that a run changed, as it was before; null = the run made it. */
export type KeptSet = { zone: string; name: string; type: string; set: string | null; oldSet: RecordSet | null };

/** The way back: what already is as it was stays, what the run made is removed. `existing` by zone. */
export const planBackChanges = (kept: KeptSet[], existing: Record<string, RecordSet[]>): RecordChange[] =>
  kept.flatMap(({ zone, name, type, set, oldSet }): RecordChange[] => {
    const own = existing[zone]?.filter((one) => one.name === name && one.type === type);
    const now = own?.find(({ setIdentifier }) => setIdentifier === set) ?? null;
    if (!oldSet) return now ? [{ zone, before: now, after: null }] : [];
    return now && textOf(now) === textOf(oldSet) ? [] : [{ zone, before: now, after: oldSet }];
  });
