import type { Keep } from "../model/plan.ts";

/** Something that is kept or not, and its time in ms since 1970, UTC. */
export type Aged = { id: string; atMs: number };

export type KeepClass = keyof Keep;

/**
 * Grandfather, father, son: of each class the newest one of each of the latest so many periods (UTC hour, UTC day, ISO
 * week, month, year) that have any, and always the newest of all. Returns the items that stay, with the classes that keep them; the
 * order of `aged` does not matter.
 */
export const retain = (aged: readonly Aged[], keep: Keep): Map<string, KeepClass[]> => {
  const times = new Float64Array(aged.length);
  aged.forEach(({ atMs }, index) => {
    times[index] = atMs;
  });
  const chosen = choose(times.sort(), keep);
  const ids = new Map<number, string>();
  for (const { id, atMs } of aged) {
    if (!chosen.has(atMs)) continue;
    const known = ids.get(atMs);
    // the id decides between equals, so that every rotation chooses the same one
    if (known === undefined || id > known) ids.set(atMs, id);
  }
  return new Map([...chosen].map(([ms, classes]) => [ids.get(ms) ?? "", classes]));
};

/** Times that stay, given all of them in ascending order. */
const choose = (ascending: Float64Array, keep: Keep): Map<number, KeepClass[]> => {
  const newest = ascending.at(-1);
  const chosen = new Map<number, KeepClass[]>(newest === undefined ? [] : [[newest, []]]);
  const left = { ...keep };
  const last: Partial<Record<KeepClass, number>> = {};
  const offer = (name: KeepClass, ms: number) => {
    const period = periodOf[name](ms);
    if (left[name] <= 0 || period === last[name]) return;
    last[name] = period;
    left[name] -= 1;
    chosen.set(ms, [...(chosen.get(ms) ?? []), name]);
  };
  let [hour, day] = [Number.NaN, Number.NaN];
  for (let index = ascending.length - 1; index >= 0; index -= 1) {
    const ms = ascending[index] ?? 0;
    if (hourOf(ms) === hour) continue;
    hour = hourOf(ms);
    offer("hourly", ms);
    // all longer periods end with the end of a day
    if (dayOf(ms) === day) continue;
    day = dayOf(ms);
    for (const name of longer) offer(name, ms);
  }
  return chosen;
};

const longer = ["daily", "weekly", "monthly", "yearly"] as const;

const hourMs = 3_600_000;
const hourOf = (ms: number) => Math.floor(ms / hourMs);
const dayOf = (ms: number) => Math.floor(ms / (24 * hourMs));
const yearOf = (ms: number) => new Date(ms).getUTCFullYear();

/** Number of the period that a time lies in. ISO weeks begin on Monday; 1970-01-01 was a Thursday. */
const periodOf: Record<KeepClass, (ms: number) => number> = {
  hourly: hourOf,
  daily: dayOf,
  weekly: (ms) => Math.floor((dayOf(ms) + 3) / 7),
  monthly: (ms) => yearOf(ms) * 12 + new Date(ms).getUTCMonth(),
  yearly: yearOf,
};
