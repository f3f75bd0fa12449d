import type { Keep } from "../../functions/core/model/plan.ts";

type Taken = { id: string; pointAt: string };

/**
 * What retention promises, written as slowly as it reads (docs/plan.md): of each class, look back from the newest point
 * to the oldest; the first that is met of a period is that period's, and so many periods are wanted. Always the newest.
 * Knows nothing of how the controller does it, and is given every complete point there ever was.
 */
export const keptOf = (points: Taken[], keep: Keep): Set<string> => {
  const newestFirst = [...points].sort((a, b) => Date.parse(b.pointAt) - Date.parse(a.pointAt));
  const kept = new Set<string>(newestFirst.slice(0, 1).map(({ id }) => id));
  for (const [name, periodOf] of Object.entries(periods) as [keyof Keep, (at: Date) => string][]) {
    const met: string[] = [];
    for (const { id, pointAt } of newestFirst) {
      const period = periodOf(new Date(pointAt));
      if (met.includes(period)) continue;
      met.push(period);
      if (met.length <= keep[name]) kept.add(id);
    }
  }
  return kept;
};

const part = (at: Date, length: number) => at.toISOString().slice(0, length);

const periods: Record<keyof Keep, (at: Date) => string> = {
  hourly: (at) => part(at, "2026-01-05T00".length),
  daily: (at) => part(at, "2026-01-05".length),
  weekly: (at) => mondayOf(at),
  monthly: (at) => part(at, "2026-01".length),
  yearly: (at) => part(at, "2026".length),
};

/** ISO weeks begin on Monday, 00:00 UTC: the week is named by that day. */
const mondayOf = (at: Date) => {
  const day = new Date(`${part(at, 10)}T00:00:00Z`);
  while (day.getUTCDay() !== 1) day.setUTCDate(day.getUTCDate() - 1);
  return part(day, 10);
};
