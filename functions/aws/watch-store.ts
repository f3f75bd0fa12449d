import { type Controls, noControls } from "../core/controls.ts";
import type { Evidence } from "../core/evidence.ts";
import type { Row } from "../core/row.ts";
import type { SensorReport } from "../core/sensor-report.ts";
import type { StormEntry } from "../core/storm.ts";
import { questionItems } from "./question-store.ts";
import type { Table } from "./table.ts";

/** All that one look at an application begins with. */
export type Watched = {
  planVersion: string | null;
  row: Row | null;
  evidence: Evidence | null;
  controls: Controls;
  sensors: SensorReport[];
  storm: StormEntry[];
};

const stormKey = { pk: "#storm", sk: "list" };
const key = (application: string, sk: string) => ({ pk: application, sk });

/** Items of the table that watching and the people on call need. */
export const watchItems = (table: Table) => ({
  /** One call, whatever there is to read. */
  async watched(application: string): Promise<Watched> {
    const items = ["plan", "row", "evidence", "controls", "sensors"].map((sk) => key(application, sk));
    const [plan, row, evidence, controls, sensors, storm] = await table.getMany([...items, stormKey]);
    return {
      planVersion: (plan as { version: string } | null)?.version ?? null,
      row: row ? ({ run: null, protect: null, lastRun: null, ...row } as Row) : null,
      evidence: (evidence ?? null) as Evidence | null,
      controls: { ...noControls, ...controls },
      sensors: Object.values(sensors ?? {}) as SensorReport[],
      storm: (storm as { entries: StormEntry[] } | null)?.entries ?? [],
    };
  },

  async controls(application: string): Promise<Controls> {
    return { ...noControls, ...(await table.get<Controls>(key(application, "controls"))) };
  },
  /** Sets some of them; the others stay. */
  setControls: (application: string, set: Partial<Controls>) => table.update(key(application, "controls"), { set }),

  /** The sensors of several Regions write one item, each its own attribute. */
  saveSensorReport: (application: string, report: SensorReport) =>
    table.update(key(application, "sensors"), { set: { [report.region.replaceAll("-", "_")]: report } }),

  /** Replaces the list if it is still the one that was read. */
  async saveStorm(entries: StormEntry[], before: StormEntry[]): Promise<boolean> {
    const count = (list: StormEntry[]) => list.map(({ application, at }) => `${application} ${at}`).join();
    const unchanged = before.length ? { equal: ["mark", count(before)] as [string, unknown] } : { absent: "mark" };
    return table.put(stormKey, { entries, ...(entries.length && { mark: count(entries) }) }, unchanged);
  },

  ...questionItems(table),
});
