import { readCron } from "../../clock/cron.ts";
import { instantOf } from "../../clock/time-zone.ts";

/** A schedule that fires, or the reason why it never could. */
export type Schedule = { ok: true; shortestSeconds: number; longestSeconds: number } | { ok: false; because: string };

const unitSeconds: Record<string, number> = { minute: 60, hour: 3_600, day: 86_400 };
const windowDays = 400;
const runsMax = 1_000;

/**
 * Reads `rate(...)` and `cron(...)` as EventBridge does, in UTC or another time zone: there it leaves out what clocks that
 * are put forward never show, and fires once where they show a time twice. [Scheduler: schedule-types]
 */
export const scheduleOf = (expression: string, timeZone = "UTC"): Schedule => {
  const [, kind, inside] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === "rate") return rateOf(inside!);
  if (kind === "cron") return cronOf(inside!, timeZone);
  return { ok: false, because: "a schedule such as rate(30 minutes) or cron(0 2 * * ? *)" };
};

const rateOf = (inside: string): Schedule => {
  const [, digits, unit, plural] = /^([1-9]\d{0,4}) (minute|hour|day)(s?)$/.exec(inside) ?? [];
  if (!digits || !unit)
    return { ok: false, because: "rate(VALUE UNIT), the unit minute, hour or day in the plural above 1" };
  if ((digits === "1") !== (plural === ""))
    return {
      ok: false,
      because: `rate(${digits} ${digits === "1" ? unit : `${unit}s`}): EventBridge takes the singular for 1 only`,
    };
  const seconds = Number(digits) * unitSeconds[unit]!;
  return { ok: true, shortestSeconds: seconds, longestSeconds: seconds };
};

const cronFields: [name: string, form: RegExp][] = [
  ["minutes (0-59)", /^[\d,*/-]+$/],
  ["hours (0-23)", /^[\d,*/-]+$/],
  ["day of month (1-31)", /^[\d,*?/LW-]+$/],
  ["month (1-12 or JAN-DEC)", /^[\dA-Z,*/-]+$/],
  ["day of week (1-7 or SUN-SAT)", /^[\dA-Z,*?/#-]+$/],
  ["year (1970-2199)", /^[\d,*/-]+$/],
];

/** The six fields of an EventBridge cron expression, without `cron()`. Intervals are measured over 400 days. */
export const cronOf = (inside: string, timeZone = "UTC"): Schedule => {
  const fields = inside.split(" ");
  if (fields.length !== 6)
    return {
      ok: false,
      because: `six cron fields (minutes hours day-of-month month day-of-week year), not ${fields.length}`,
    };
  const wrong = cronFields.findIndex(([, form], index) => !form.test(fields[index]!));
  if (wrong >= 0)
    return { ok: false, because: `a cron field for ${cronFields[wrong]![0]} in place of ${fields[wrong]}` };
  if ((fields[2] === "?") === (fields[4] === "?"))
    return { ok: false, because: "? in one of the cron fields day of month and day of week, and in one only" };
  return measure(inside, timeZone);
};

const measure = (pattern: string, timeZone: string): Schedule => {
  let runs: number[];
  try {
    runs = firesOf(pattern).flatMap((wall) => {
      const { at, exists } = instantOf(wall, timeZone);
      return exists ? at : [];
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : "unreadable";
    return { ok: false, because: `a cron expression that EventBridge reads: ${reason}` };
  }
  if (runs.length === 0) return { ok: false, because: "a cron expression that fires at least once" };
  const gaps = runs.slice(1).map((at, index) => (at - runs[index]!) / 1_000);
  if (gaps.length === 0) gaps.push(windowDays * unitSeconds.day!);
  return { ok: true, shortestSeconds: Math.min(...gaps), longestSeconds: Math.max(...gaps) };
};

/** What clocks show when it fires. A fixed first day: the same plan compiles to the same result at any time. */
const firesOf = (pattern: string) => {
  const from = Date.UTC(2026, 0, 1);
  const cron = readCron(pattern);
  const runs: number[] = [];
  for (let at = cron.nextRun(new Date(from - 1_000)); at && runs.length < runsMax; at = cron.nextRun(at)) {
    runs.push(at.getTime());
    if (at.getTime() - from > windowDays * 86_400_000) break;
  }
  return runs;
};
