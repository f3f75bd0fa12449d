import type { Keep } from "./plan.ts";

/** Something that is kept or not, and its time, ISO 8601. */
export type Aged = { id: string; at: string };

export type KeepClass = keyof Keep;

/**
 * Grandfather, father, son: of each class the newest one of each of the latest so many periods (UTC hour, UTC day, ISO
 * week, month, year) that have any, and always the newest of all. Gives what stays, with the classes that keep it; the
 * order of `aged` does not matter.
 */
export const retain = (aged: Iterable<Aged>, keep: Keep): Map<string, KeepClass[]> => {
  const hours = newestOfEach(seen(aged), hourOf);
  // the newest of a longer period is the newest of one of its days, and of one of its hours
  const days = newestOfEach(hours.values(), dayOf);
  const periods: Record<KeepClass, Map<number, Seen>> = {
    hourly: hours,
    daily: days,
    weekly: newestOfEach(days.values(), weekOf),
    monthly: newestOfEach(days.values(), monthOf),
    yearly: newestOfEach(days.values(), yearOf),
  };
  const kept = new Map<string, KeepClass[]>();
  for (const { id } of latest(periods.hourly, 1)) kept.set(id, []);
  for (const [name, period] of Object.entries(periods) as [KeepClass, Map<number, Seen>][])
    for (const { id } of latest(period, keep[name])) kept.set(id, [...(kept.get(id) ?? []), name]);
  return kept;
};

type Seen = { id: string; ms: number };

function* seen(aged: Iterable<Aged>): Iterable<Seen> {
  for (const { id, at } of aged) yield { id, ms: Date.parse(at) };
}

const newestOfEach = (from: Iterable<Seen>, periodOf: (ms: number) => number): Map<number, Seen> => {
  const newest = new Map<number, Seen>();
  for (const one of from) {
    const period = periodOf(one.ms);
    const known = newest.get(period);
    if (!known || isNewer(one, known)) newest.set(period, one);
  }
  return newest;
};

/** The id decides between equals, so that every rotation chooses the same one. */
const isNewer = (one: Seen, other: Seen) => one.ms > other.ms || (one.ms === other.ms && one.id > other.id);

const latest = (newest: Map<number, Seen>, count: number): Seen[] => {
  if (count <= 0) return [];
  const periods = Float64Array.from(newest.keys()).sort();
  return [...periods.slice(-count)].flatMap((period) => newest.get(period) ?? []);
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const hourOf = (ms: number) => Math.floor(ms / hourMs);
const dayOf = (ms: number) => Math.floor(ms / dayMs);
/** ISO weeks begin on Monday; 1970-01-01 was a Thursday. */
const weekOf = (ms: number) => Math.floor((dayOf(ms) + 3) / 7);
const yearOf = (ms: number) => new Date(ms).getUTCFullYear();
const monthOf = (ms: number) => yearOf(ms) * 12 + new Date(ms).getUTCMonth();
