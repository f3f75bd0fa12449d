import { listByZone } from "../aws/route-53.ts";
import type { Run } from "../core/model/run.ts";
import type { Changed } from "../core/traffic/dns.ts";
import {
  type KeptSet,
  planBackChanges,
  type RecordChange,
  type RecordSet,
  valuesOfSet,
} from "../core/traffic/record-changes.ts";
import type { Context } from "../runtime/context.ts";
import { recordStep } from "../runtime/ledger.ts";
import { changeZone } from "./change-zone.ts";

/** What a run did to one set, all of its steps together; `weight` = the one that it has now. */
export type ChangedRecord = Changed & { weight: number | null };
/** Ids by which Route 53 knows the changes, by zone; those of a lost reply are missing. */
export type Moved = { changed: ChangedRecord[]; ids: Record<string, string> };

type OriginalRecord = ChangedRecord & KeptSet;

/**
 * One atomic batch per zone. Before a set is changed for the first time in this run, it goes into the ledger as it was.
 * `replan` reads the zones again and plans anew.
 */
export const moveRecords = async (
  context: Context,
  run: Run,
  changes: RecordChange[],
  { startedAt, replan }: { startedAt: Date; replan: () => Promise<RecordChange[]> },
): Promise<Moved> => {
  const known = new Map(
    (await originalsOf(context, run)).map(({ oldSet: _, ...record }) => [subjectOf(record), record]),
  );
  const ids: Record<string, string> = {};
  for (const zone of new Set(changes.map((change) => change.zone))) {
    const inZone = changes.filter((change) => change.zone === zone);
    for (const { before, after } of inZone) {
      const record = changedRecord(zone, before, after);
      const subject = subjectOf(record);
      const first = known.get(subject);
      known.set(subject, first ? { ...record, before: first.before } : record);
      if (!first)
        await recordStep(context, run, {
          state: "Reroute",
          subject,
          startedAt,
          outcome: "Changing",
          detail: { ...record, oldSet: before },
        });
    }
    const again = async () => (await replan()).filter((change) => change.zone === zone);
    const comment = `lifeboat ${run.name}`;
    const id = await changeZone(context, { zone, changes: inZone, again, startedAt, comment });
    if (id) ids[zone] = id;
  }
  return { changed: [...known.values()], ids };
};

export type ChangesMade = { changes: Changed[]; changeIds: Record<string, string> };

/** What a run did to all sets by now, from its ledger: too long a list or map is not in the payload. */
export const changesMade = async (context: Context, { application, name }: Run): Promise<ChangesMade> => {
  const { changes = [], changeIds = {} } = ((await context.store.ledgerStep(application, name, "Reroute"))?.detail ??
    {}) as Partial<ChangesMade>;
  return { changes, changeIds };
};

/** Puts back every set that this run changed, as the ledger kept it. Safe to run twice. */
export const moveBack = async (context: Context, run: Run, startedAt: Date): Promise<void> => {
  const originals = await originalsOf(context, run);
  const replan = async () => planBackChanges(originals, await listByZone(context.clients, originals, "once"));
  const changes = await replan();
  for (const zone of new Set(changes.map((change) => change.zone))) {
    const inZone = (all: RecordChange[]) => all.filter((change) => change.zone === zone);
    const again = async () => inZone(await replan());
    const comment = `lifeboat ${run.name}: back`;
    await changeZone(context, { zone, changes: inZone(changes), again, startedAt, comment });
  }
};

/** The sets that a run changed, each as it was before. */
const originalsOf = async ({ store }: Context, run: Run): Promise<OriginalRecord[]> => {
  const ledger = await store.ledger(run.application, run.name);
  const steps = ledger.filter(
    ({ state, subject, outcome }) => state === "Reroute" && subject && outcome === "Changing",
  );
  return steps.map(({ detail }) => {
    const { zone, name, type, set, before, after, weight, oldSet } = detail as OriginalRecord;
    return { zone, name, type, set, before, after, weight, oldSet };
  });
};

/** A name may be in a public and in a private zone. */
const subjectOf = ({ zone, name, type, set }: ChangedRecord) => [zone, name, type, set ?? ""].join(" ").trim();

const changedRecord = (zone: string, before: RecordSet | null, after: RecordSet | null): ChangedRecord => {
  const { name, type, setIdentifier } = (after ?? before)!;
  const values = (set: RecordSet | null) => (set ? valuesOfSet(set) : []);
  return {
    zone,
    name,
    type,
    set: setIdentifier,
    before: values(before),
    after: values(after),
    weight: after?.weight ?? null,
  };
};
