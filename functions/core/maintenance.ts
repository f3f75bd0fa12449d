import type { Cron } from "croner";
import { readCron } from "./cron.ts";
import type { Detect } from "./plan.ts";

/** The window of maintenance that now is in, and its end (ISO 8601). */
export type Window = { cron: string; until: string };

/** A window begins when its cron fires, in UTC as EventBridge reads it, and lasts so long. Of several the last to end; else null. */
export const maintenanceAt = (windows: Detect["maintenance"], now: Date): Window | null => {
  const open = windows.flatMap(({ cron, forSeconds }) => {
    // the run at this very instant is no earlier one: look from a millisecond later
    const [begun] = read(cron).previousRuns(1, new Date(now.getTime() + 1));
    const end = begun ? begun.getTime() + forSeconds * 1_000 : 0;
    return end > now.getTime() ? [{ cron, until: new Date(end).toISOString() }] : [];
  });
  return open.sort((a, b) => b.until.localeCompare(a.until))[0] ?? null;
};

const known = new Map<string, Cron>();
/** To read an expression takes longer than to ask it: kept for the life of the container. */
const read = (cron: string): Cron => {
  const made = known.get(cron) ?? readCron(cron);
  known.set(cron, made);
  return made;
};
