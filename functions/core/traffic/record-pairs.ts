import type { TrafficRecord } from "../model/plan.ts";
import type { RecordSet } from "./record-changes.ts";

export type Pair = { primary: RecordSet | null; recovery: RecordSet | null };

/** The sets of a record's name and type in its own zone; the same name may be in a private zone too. `existing` by zone. */
export const setsOf = ({ name, type, zone }: TrafficRecord, existing: Record<string, RecordSet[]>) =>
  (existing[zone] ?? []).filter((set) => set.name === name && set.type === type);

/** The two sets of a record: of a failover pair by their roles, otherwise by the plan's set identifiers. */
export const pairOf = (record: TrafficRecord, existing: Record<string, RecordSet[]>): Pair => {
  const own = setsOf(record, existing);
  if (record.policy === "simple") return { primary: own[0] ?? null, recovery: null };
  const role = (failover: string) => own.find((set) => set.failover === failover) ?? null;
  const named = (identifier: string) => own.find(({ setIdentifier }) => setIdentifier === identifier) ?? null;
  return record.policy === "failover"
    ? { primary: role("PRIMARY"), recovery: role("SECONDARY") }
    : { primary: named(record.setIdentifiers.primary), recovery: named(record.setIdentifiers.recovery) };
};

/** PRIMARY is the set that the plan calls the recovery's, and the other way round. */
export const isSwapped = ({ policy, setIdentifiers }: TrafficRecord, { primary, recovery }: Pair) =>
  policy === "failover" &&
  primary?.setIdentifier === setIdentifiers.recovery &&
  recovery?.setIdentifier === setIdentifiers.primary;
