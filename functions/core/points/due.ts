import { secondsBetween } from "../clock/time.ts";
import type { Resource } from "../model/plan.ts";
import type { Point } from "../model/recovery-point.ts";
import type { Run } from "../model/run.ts";
import { isWakeRun, pointId } from "../names.ts";

/** The scheduler may be early or late by so much. */
const toleranceSeconds = 60;

export type Due = {
  /** `open` a new point; `finish` the open ones. */
  action: "open" | "finish";
  code: "Asked" | "First" | "Due" | "Opened" | "Fresh";
  because: string;
};

/**
 * Must this pass open a recovery point for the resource? `points`: all that are known, in any order; `tickSeconds`: from
 * one scheduled pass to the next. Of two scheduled passes the one that is nearer to the time opens it, so that a point made
 * a little after its pass, because another was discarded or a person asked, delays the next one by half a tick at most.
 */
export const due = (resource: Resource, points: Point[], run: Run, tickSeconds: number): Due => {
  const own = pointId(resource.name, new Date(run.startedAt));
  if (points.some(({ id }) => id === own))
    return { action: "finish", code: "Opened", because: `${own} was opened by this pass` };
  if (run.request.by === "person")
    return { action: "open", code: "Asked", because: "a person asked for a recovery point" };

  const newest = newestOf(points.filter(({ state, damaged }) => state !== "discarded" && !damaged));
  if (!newest) return { action: "open", code: "First", because: `${resource.name} has no recovery point yet` };

  const ageSeconds = Math.round(secondsBetween(newest.openedAt, run.startedAt));
  const age = `${newest.id} was opened ${ageSeconds} s before this pass; one is made every ${resource.everySeconds} s`;
  const earlySeconds = isWakeRun(run.name) ? toleranceSeconds : Math.max(toleranceSeconds, tickSeconds / 2);
  return ageSeconds >= resource.everySeconds - earlySeconds
    ? { action: "open", code: "Due", because: age }
    : { action: "finish", code: "Fresh", because: age };
};

/** The one that was opened last, or null. */
export const newestOf = (points: Point[]): Point | null =>
  points.reduce<Point | null>((newest, point) => (!newest || point.openedAt > newest.openedAt ? point : newest), null);
