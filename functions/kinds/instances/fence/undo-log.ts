import { type FenceRecord, newRecords, recordsOf } from "../../../core/fence/undo-log.ts";
import type { Context } from "../../../runtime/context.ts";

/** The Region that is fenced, for which application, and by which run, or `guard`. */
export type FenceTarget = {
  context: Context;
  application: string;
  region: string;
  by: string;
  /** The same for every try at the same fence: ClientTokens derive from it. */
  token: string;
};

/** What Lifeboat changed in a Region. */
export type UndoLog = {
  records: FenceRecord[];
  /** Writes what is about to be done; throws when the table does not take it, and then nothing may be done. */
  write(acts: Partial<Parameters<typeof newRecords>[1]>): Promise<void>;
  /** These were not stopped after all: Unfence does not start them. */
  writeNotStopped(servers: string[]): Promise<void>;
};

/** `onWrite` is given all records, each time some were added. */
export const openUndoLog = async (
  { context, application, region, by }: FenceTarget,
  onWrite: (records: FenceRecord[]) => Promise<void>,
): Promise<UndoLog> => {
  const { store, now } = context;
  const save = async (fresh: FenceRecord[]) => {
    if (fresh.length === 0) return;
    await store.saveFenceRecords(application, region, fresh);
    const isFresh = (one: FenceRecord) => fresh.some(({ kind, id }) => kind === one.kind && id === one.id);
    log.records = [...log.records.filter((one) => !isFresh(one)), ...fresh];
    await onWrite(log.records);
  };
  const log: UndoLog = {
    records: await store.fenceRecords(application, region),
    write: ({ servers = [], groups = [], subnets = [] }) =>
      save(newRecords(log.records, { servers, groups, subnets }, by, now().toISOString())),
    writeNotStopped: (servers) =>
      save(
        recordsOf(log.records, "server").flatMap((one) =>
          one.stopped && servers.includes(one.id) ? [{ ...one, stopped: false }] : [],
        ),
      ),
  };
  return log;
};
