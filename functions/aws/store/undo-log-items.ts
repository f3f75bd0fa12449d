import type { FenceRecord } from "../../core/fence/undo-log.ts";
import type { Table } from "./table.ts";

const keyOf = (application: string, region: string, { kind, id }: Pick<FenceRecord, "kind" | "id">) => ({
  pk: application,
  sk: `held#${region}#${kind}#${id}`,
});

/** The undo log of a fence: what Lifeboat changed in a Region. */
export const fenceRecordItems = (table: Table) => ({
  fenceRecords: (application: string, region: string) => table.query<FenceRecord>(application, `held#${region}#`),
  saveFenceRecords: (application: string, region: string, records: FenceRecord[]) =>
    table.write(records.map((one) => ({ key: keyOf(application, region, one), item: one }))),
  forgetFenceRecords: (application: string, region: string, records: FenceRecord[]) =>
    table.write(
      [],
      records.map((one) => keyOf(application, region, one)),
    ),
});
