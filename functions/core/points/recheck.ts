import type { Point } from "../model/recovery-point.ts";
import { newestFirst } from "./choose-point.ts";

/** Points of a resource that one execution checks, and how many of them are the newest: a failover takes those. */
const checksMax = 4;
const newestChecked = 2;

/**
 * Complete points whose copies are to be checked again in this execution: the newest first, then those whose last check
 * is oldest, so that each has its turn. Points that this execution completed were checked just now.
 */
export const pointsToRecheck = (points: Point[], startedAt: string): Point[] => {
  const complete = newestFirst(points.filter(({ state }) => state === "complete"));
  const checked = complete.filter(({ lookedAt = "" }) => lookedAt >= startedAt).length;
  const newest = complete.slice(0, newestChecked);
  const others = complete
    .slice(newestChecked)
    .sort((a, b) => (a.lookedAt ?? "").localeCompare(b.lookedAt ?? "") || a.openedAt.localeCompare(b.openedAt));
  return [...newest, ...others]
    .filter(({ lookedAt = "", settledAt = "" }) => lookedAt < startedAt && settledAt < startedAt)
    .slice(0, Math.max(0, checksMax - checked));
};

/**
 * The notice about damaged points, or null: those that this execution found damaged, and the newest ones as long as they
 * are. Nothing is copied again: a damaged point does not count, so that the next pass makes a new one at once.
 */
export const damageNotice = (points: Point[], startedAt: string): string | null => {
  const complete = newestFirst(points.filter(({ state }) => state === "complete"));
  const sentences = complete.flatMap(({ id, damaged }, at) =>
    damaged && (at < newestChecked || damaged.at >= startedAt)
      ? `${id} cannot be recovered any more: ${damaged.because}`
      : [],
  );
  if (sentences.length === 0) return null;
  const newest = complete.find(({ damaged }) => !damaged)?.id;
  return `${sentences.join("; ")}; ${newest ? `${newest} is the newest that can` : "no other can"}, and the next pass makes a new one`;
};
