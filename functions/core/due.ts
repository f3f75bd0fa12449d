import { pointId } from "./names.ts";
import type { Resource } from "./plan.ts";
import type { Point } from "./point.ts";
import type { Run } from "./run.ts";

/** A pass that starts a little early, by the scheduler's jitter, is not put off for a whole interval. */
const toleranceSeconds = 60;

export type Due = {
  /** `open` a new point; `finish` what stands open. */
  action: "open" | "finish";
  code: "Asked" | "First" | "Due" | "Opened" | "Fresh";
  because: string;
};

/** Must this pass open a recovery point for the resource? `points`: all that are known, in any order. */
export const due = (resource: Resource, points: Point[], run: Run): Due => {
  const own = pointId(resource.name, new Date(run.startedAt));
  if (points.some(({ id }) => id === own))
    return { action: "finish", code: "Opened", because: `${own} was opened by this pass` };
  if (run.request.by === "person")
    return { action: "open", code: "Asked", because: "a person asked for a recovery point" };

  const newest = newestOf(points.filter(({ state }) => state !== "discarded"));
  if (!newest) return { action: "open", code: "First", because: `${resource.name} has no recovery point yet` };

  const ageSeconds = Math.round((Date.parse(run.startedAt) - Date.parse(newest.openedAt)) / 1_000);
  const age = `${newest.id} was opened ${ageSeconds} s before this pass; one is made every ${resource.everySeconds} s`;
  return ageSeconds >= resource.everySeconds - toleranceSeconds
    ? { action: "open", code: "Due", because: age }
    : { action: "finish", code: "Fresh", because: age };
};

/** The one that was opened last, or null. */
export const newestOf = (points: Point[]): Point | null =>
  points.reduce<Point | null>((newest, point) => (!newest || point.openedAt > newest.openedAt ? point : newest), null);
