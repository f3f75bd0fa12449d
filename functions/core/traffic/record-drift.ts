import type { Findings } from "../findings.ts";
import type { RecordValue, Traffic, TrafficRecord } from "../model/plan.ts";
import { listed, policyOf, type RecordSet, valuesOfSet } from "./record-changes.ts";
import { isSwapped, type Pair, pairOf, setsOf } from "./record-pairs.ts";

type Side = "primary" | "recovery";

/**
 * Where a zone is not as the plan says: a set that is missing, of another type or policy, other values on either side.
 * One of the two was changed by hand, and it is not known which is right. Another TTL only changes how soon users follow: it
 * is a warning. What a run did before is no drift: with the switch `records` it puts the recovery side's value into the primary's set. Other sets stay as they
 * are: those that lead to the primary side are reported. `serving`: the side that the row says serves; `existing` by zone.
 */
export const judgeDrift = (
  { switch: by, records }: Pick<Traffic, "switch" | "records">,
  existing: Record<string, RecordSet[]>,
  serving: Side,
): Findings => {
  const found: Findings = { problems: [], warnings: [] };
  for (const record of records) {
    const finding = (sentence: string) => `${record.name} ${record.type}: ${sentence}`;
    const pair = pairOf(record, existing);
    const missing = missingOf(record, existing, pair);
    if (missing !== null) found.problems.push(finding(missing));
    if (isSwapped(record, pair)) continue;
    for (const set of setsOf(record, existing))
      if (set !== pair.primary && set !== pair.recovery && set.weight !== 0 && says(set, record.primary))
        found.warnings.push(finding(`${nameOf(set)} also has the primary side's value, and the plan does not move it`));
    for (const side of ["primary", "recovery"] as const) {
      const set = pair[side];
      if (!set) continue;
      const policy = policyOf(set);
      if (policy !== record.policy) {
        found.problems.push(finding(`expected ${nameOf(set)} to be ${record.policy} (got ${policy})`));
        continue;
      }
      const ours = by === "records" && side === "primary" && says(set, record.recovery);
      if (!says(set, record[side]) && !ours)
        found.problems.push(finding(`${nameOf(set)} has ${textOf(set)}, the plan has ${planned(record[side])}`));
      else if (ours && !says(set, record[side]) && serving === "primary")
        found.warnings.push(finding(`${nameOf(set)} has the recovery side's value already`));
      if (set.ttlSeconds !== null && set.ttlSeconds !== record.ttlSeconds)
        found.warnings.push(
          finding(`${nameOf(set)} has a TTL of ${set.ttlSeconds} s, the plan has ${record.ttlSeconds} s`),
        );
    }
  }
  return found;
};

/** Roles that are missing from a failover pair are finding with its health inputs. */
const missingOf = (record: TrafficRecord, existing: Record<string, RecordSet[]>, { primary, recovery }: Pair) => {
  const { policy, setIdentifiers, type, name, zone } = record;
  const own = setsOf(record, existing);
  const others = (existing[zone] ?? []).filter((set) => set.name === name && ["A", "AAAA", "CNAME"].includes(set.type));
  if (own.length === 0 && others.some((set) => set.type === "CNAME" || type === "CNAME"))
    return `expected the type ${type} (got ${[...new Set(others.map((set) => set.type))].join(", ")})`;
  if (policy === "failover") return null;
  if (policy === "simple") return primary ? null : "it is missing from the zone";
  const mayBeMade = "launched" in record.recovery;
  const gone = [primary ? [] : setIdentifiers.primary, recovery || mayBeMade ? [] : setIdentifiers.recovery].flat();
  return gone.length > 0 ? `expected ${gone.map((id) => `a set "${id}"`).join(" and ")} (got ${listed(own)})` : null;
};

const nameOf = ({ setIdentifier }: RecordSet) => (setIdentifier === null ? "the record" : `the set "${setIdentifier}"`);

/** What a load balancer's alias may be called by the console as well. [R53:resource-record-sets-values-alias-common] */
const plainAlias = (name: string) => name.replace(/^dualstack\./, "");

/** Does a set hold a plan's value? Whatever is launched is not known before. */
const says = (set: RecordSet, value: RecordValue) => {
  if ("launched" in value) return true;
  if ("alias" in value)
    return set.alias?.zone === value.alias.zone && plainAlias(set.alias.name) === plainAlias(value.alias.name);
  const plain = (values: string[]) => values.map((one) => one.toLowerCase().replace(/\.$/, "")).sort();
  return plain(set.values).join() === plain(value.addresses).join();
};

const textOf = (set: RecordSet) => valuesOfSet(set).join(", ") || "nothing";
const planned = (value: RecordValue) => {
  if ("addresses" in value) return value.addresses.join(", ");
  return "alias" in value ? `alias ${value.alias.name}` : `servers of ${value.launched}`;
};
