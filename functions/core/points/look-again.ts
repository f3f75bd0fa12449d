import type { Point } from "../model/recovery-point.ts";
import { newestFirst } from "./choose-point.ts";

/** Points of a resource that one execution looks at, and how many of them are the newest: a failover takes those. */
const looksMax = 4;
const newestLooked = 2;

/**
 * Complete points whose copies are to be looked at once more in this execution, the newest first, then those that were not
 * looked at for longest, so that all of them are in time. What this execution completed was seen just now.
 */
export const pointsToLookAt = (points: Point[], startedAt: string): Point[] => {
  const complete = newestFirst(points.filter(({ state }) => state === "complete"));
  const looked = complete.filter(({ lookedAt = "" }) => lookedAt >= startedAt).length;
  const newest = complete.slice(0, newestLooked);
  const others = complete
    .slice(newestLooked)
    .sort((a, b) => (a.lookedAt ?? "").localeCompare(b.lookedAt ?? "") || a.openedAt.localeCompare(b.openedAt));
  return [...newest, ...others]
    .filter(({ lookedAt = "", settledAt = "" }) => lookedAt < startedAt && settledAt < startedAt)
    .slice(0, Math.max(0, looksMax - looked));
};

/**
 * What a person is to know of damaged points, or null: those that were found so in this execution, and the newest ones for
 * as long as they are. Nothing is copied anew: the next pass makes a new point, at once as the damaged one does not count.
 */
export const tellDamage = (points: Point[], startedAt: string): string | null => {
  const complete = newestFirst(points.filter(({ state }) => state === "complete"));
  const damages = complete.flatMap(({ id, damaged }, at) =>
    damaged && (at < newestLooked || damaged.at >= startedAt)
      ? `${id} cannot be recovered any more: ${damaged.because}`
      : [],
  );
  if (damages.length === 0) return null;
  const newest = complete.find(({ damaged }) => !damaged)?.id;
  return `${damages.join("; ")}; ${newest ? `${newest} is the newest that can` : "no other can"}, and the next pass makes a new one`;
};
