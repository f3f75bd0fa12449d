import type { Cron } from "croner";
import { readCron } from "../clock/cron.ts";
import { instantOf, wallOf } from "../clock/time-zone.ts";
import type { Detect } from "../model/plan.ts";

/** The window of maintenance that now is in, and its end (ISO 8601). */
export type Window = { cron: string; until: string };

/**
 * A window begins when its cron fires in its time zone, UTC unless the plan says another, and lasts so long. Where clocks
 * are put forward over its beginning, it begins as long after the change. Of several the last to end; else null.
 */
export const maintenanceAt = (windows: Detect["maintenance"], now: Date): Window | null => {
  const open = windows.flatMap(({ cron, forSeconds, timeZone = "UTC" }) => {
    const begun = begunAt(cron, timeZone, now.getTime());
    const end = begun === null ? 0 : begun + forSeconds * 1_000;
    return end > now.getTime() ? [{ cron, until: new Date(end).toISOString() }] : [];
  });
  return open.sort((a, b) => b.until.localeCompare(a.until))[0] ?? null;
};

const changeMs = 3 * 3_600_000;

/** The last beginning until now. After clocks were put back, they show what is to come a second time. */
const begunAt = (cron: string, zone: string, now: number): number | null => {
  const walls = new Set([wallOf(now, zone), wallOf(now - changeMs, zone) + changeMs]);
  const begun = [...walls]
    // the run at this very instant is no earlier one: look from a millisecond later
    .flatMap((wall) => read(cron).previousRuns(2, new Date(wall + 1)))
    .map((wall) => instantOf(wall.getTime(), zone).at)
    .filter((at) => at <= now);
  return begun.length > 0 ? Math.max(...begun) : null;
};

const known = new Map<string, Cron>();
/** To read an expression takes longer than to ask it: kept for the life of the container. It reads what clocks show. */
const read = (cron: string): Cron => {
  const made = known.get(cron) ?? readCron(cron);
  known.set(cron, made);
  return made;
};
