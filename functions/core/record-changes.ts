import type { RecordValue, TrafficRecord } from "./plan.ts";

/** One record set of a hosted zone, as Route 53 has it now. */
export type RecordSet = {
  /** Fully qualified, lower case, without the trailing dot. */
  name: string;
  type: string;
  setIdentifier: string | null;
  failover: "PRIMARY" | "SECONDARY" | null;
  /** Weighted, latency, geographic, multivalue or CIDR: a policy that no change of ours may touch. */
  otherPolicy: boolean;
  /** Null on an alias. */
  ttlSeconds: number | null;
  values: string[];
  alias: { zone: string; name: string; evaluateTargetHealth: boolean } | null;
  healthCheck: string | null;
};

/** `before` is null when the record is made anew. */
export type RecordChange = { zone: string; before: RecordSet | null; after: RecordSet };

export type RecordPlan = { changes: RecordChange[]; problems: string[] };

/**
 * The sets that have to change so that every record answers `side`. Only values change: the PRIMARY record keeps its
 * identifier, role and health check, since Route 53 refuses to swap PRIMARY and SECONDARY by UPSERT. A set that
 * already answers so is left alone. `existing` by zone; `launched`: resource -> addresses by record type.
 */
export const planRecordChanges = (
  records: TrafficRecord[],
  side: "primary" | "recovery",
  existing: Record<string, RecordSet[]>,
  launched: Record<string, Record<string, string[]>>,
): RecordPlan => {
  const plan: RecordPlan = { changes: [], problems: [] };
  for (const record of records) {
    const found = findSet(record, existing[record.zone] ?? []);
    if (typeof found === "string") {
      plan.problems.push(`${record.name} ${record.type}: ${found}`);
      continue;
    }
    const wanted = wantedValue(record[side], record.type, launched);
    if (!wanted) {
      plan.problems.push(
        `${record.name} ${record.type}: no launched server of ${launchedOf(record[side])} has an address`,
      );
      continue;
    }
    const after: RecordSet = {
      ...(found ?? blank(record)),
      ttlSeconds: wanted.alias ? null : record.ttlSeconds,
      ...wanted,
    };
    if (!found || textOf(found) !== textOf(after)) plan.changes.push({ zone: record.zone, before: found, after });
  }
  return plan;
};

/** Values of a set, in one form for aliases and for others. */
export const valuesOfSet = ({ values, alias }: RecordSet) => (alias ? [`alias ${alias.name}`] : [...values].sort());

const findSet = (record: TrafficRecord, sets: RecordSet[]): RecordSet | null | string => {
  const ours = sets.filter(({ name, type }) => name === record.name && type === record.type);
  if (record.policy === "failover") {
    const primary = ours.find(({ setIdentifier }) => setIdentifier === record.setIdentifiers.primary);
    if (!primary) return `expected a set "${record.setIdentifiers.primary}" (got ${listed(ours)})`;
    return primary.failover === "PRIMARY" ? primary : `expected "${primary.setIdentifier}" to be the PRIMARY set`;
  }
  const other = ours.find(({ setIdentifier, otherPolicy, failover }) => setIdentifier || otherPolicy || failover);
  return other ? `expected one simple record (got ${listed(ours)})` : (ours[0] ?? null);
};

const listed = (sets: RecordSet[]) =>
  sets.map(({ setIdentifier }) => `"${setIdentifier ?? "a simple record"}"`).join(", ") || "none";

const wantedValue = (value: RecordValue, type: string, launched: Record<string, Record<string, string[]>>) => {
  if ("alias" in value) return { values: [], alias: { ...value.alias, evaluateTargetHealth: false } };
  const values = "addresses" in value ? value.addresses : (launched[value.launched]?.[type] ?? []);
  return values.length ? { values: [...values].sort(), alias: null } : null;
};

const launchedOf = (value: RecordValue) => ("launched" in value ? value.launched : "the plan");

const blank = (record: TrafficRecord): RecordSet => ({
  name: record.name,
  type: record.type,
  setIdentifier: null,
  failover: null,
  otherPolicy: false,
  ttlSeconds: record.ttlSeconds,
  values: [],
  alias: null,
  healthCheck: null,
});

const textOf = (set: RecordSet) =>
  JSON.stringify([valuesOfSet(set), set.alias?.zone, set.alias?.evaluateTargetHealth, set.ttlSeconds]);
