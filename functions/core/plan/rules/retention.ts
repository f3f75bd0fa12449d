import { type Draft, each, type Rule } from "../schema/draft.ts";
import { keepDefault } from "../schema/resource.ts";
import { scheduleOf } from "../values/schedule.ts";
import { secondsOf } from "../values/values.ts";

type DraftKeep = NonNullable<NonNullable<NonNullable<Draft["protect"]>[number]>["keep"]>;

/** A plan that keeps nothing would have nothing to recover from, and one without sources copies everything again. */
export const somethingIsKept: Rule = ({ protect }, say) => {
  for (const [resource, index] of each(protect))
    for (const side of ["keep", "keepSource"] as const) {
      const keep = resource[side];
      if (keep && Object.values(keep).every((count) => count === 0))
        say.problem(
          ["protect", index, side],
          "at least one class above 0: hourly, daily, weekly, monthly or yearly",
          Object.keys(keep).length ? "0 in all" : "none",
        );
    }
};

/** Shortest length of the calendar periods, finest first. */
const periods = [
  ["hourly", 3_600],
  ["daily", 86_400],
  ["weekly", 7 * 86_400],
  ["monthly", 28 * 86_400],
  ["yearly", 365 * 86_400],
] as const;

/** A locked copy stays, whatever `keep` says, and is paid for. [SDK EC2: LockSnapshotRequest] */
export const lockFitsRetention: Rule = ({ protect, timeZone }, say) => {
  for (const [{ keep, every, lock }, index] of each(protect)) {
    const schedule = every === undefined ? null : scheduleOf(every, timeZone);
    const kept = shortestKept(keep ?? keepDefault, schedule?.ok ? schedule.shortestSeconds : null);
    if (!lock || !kept || secondsOf(lock) <= kept.seconds) continue;
    say.warning(
      ["protect", index, "lock"],
      `${lock}: longer than keep holds every point (${kept.because}), so locked copies outlive their points and cost storage`,
    );
  }
};

/**
 * The shortest time after which rotation may take a point away: as many periods as the finest class counts, or one
 * interval when several points fall into one period, of which only the newest stays.
 */
const shortestKept = (keep: DraftKeep, everySeconds: number | null) => {
  const finest = periods.find(([name]) => (keep[name] ?? 0) > 0);
  if (!finest || everySeconds === null) return null;
  const [name, seconds] = finest;
  if (everySeconds < seconds)
    return { seconds: everySeconds, because: `of the points of one period ${name} keeps the newest` };
  return { seconds: keep[name]! * seconds, because: `${name}: ${keep[name]}` };
};
