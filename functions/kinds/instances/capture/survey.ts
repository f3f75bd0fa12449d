import { type CaptureProgress, newCaptureProgress } from "../../../core/instances/capture/capture-progress.ts";
import { ageSecondsOf, exposureOfPoint } from "../../../core/model/exposure.ts";
import type { Plan, Resource } from "../../../core/model/plan.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { pointId } from "../../../core/names.ts";
import { catalogWork, hasWork } from "../../../core/points/catalog-work.ts";
import { choosePoint } from "../../../core/points/choose-point.ts";
import { due, newestOf } from "../../../core/points/due.ts";
import { deadlineOf, stalePoint } from "../../../core/points/stale-point.ts";
import type { Context } from "../../../runtime/context.ts";
import { thawAll } from "./consistency.ts";
import { discardPoint } from "./discard.ts";
import { enqueuePoint } from "./enqueue.ts";
import { pointsOf } from "./replication.ts";

/** The work of a pass when it begins. */
export type Survey = {
  /** Points that this pass takes snapshots for: one that is due, else the newest if it still lacks some. */
  captures: CaptureProgress[];
  /** The next state even if nothing is taken: copies to follow, points to catalogue, or none. */
  then: "copy" | "catalog" | "rest";
  /** Age of the newest complete point of each resource that has one, seconds. */
  ages: Record<string, number>;
};

/** Reads every known point, and discards those that cannot become complete any more. Safe to run twice. */
export const survey = async (context: Context, run: Run, plan: Plan): Promise<Survey> => {
  const found: Survey = { captures: [], then: "rest", ages: {} };
  const tickSeconds = Math.min(...plan.protect.map(({ everySeconds }) => everySeconds));
  for (const resource of plan.protect) {
    const known = await pointsOf(context, run, resource);
    const newest = choosePoint(known, resource.name, { kind: "latest" }, run);
    const isDue = due(resource, known, run, tickSeconds).action === "open";
    const points = await settleOpen(context, run, resource, known, isDue);

    const own = isDue ? pointId(resource.name, new Date(run.startedAt)) : null;
    const open = points.filter(({ state }) => state === "open");
    const unfinished = own ?? open.find(({ queued }) => !queued)?.id;
    if (unfinished)
      found.captures.push(
        newCaptureProgress({
          resource: resource.name,
          point: unfinished,
          deadline: deadlineOf(run.startedAt, newest, plan.objectives.rpoSeconds),
          earlier: newestOf(points.filter(({ id, servers }) => id !== unfinished && servers.length > 0))?.id ?? null,
        }),
      );
    const age = ageSecondsOf(exposureOfPoint(resource.name, newest), context.now());
    if (age !== null) found.ages[resource.name] = age;
    const isLate = age === null || age > plan.objectives.rpoSeconds;
    if (open.some(({ queued }) => queued)) found.then = "copy";
    else if (found.then === "rest" && (isLate || hasWork(catalogWork(resource, points, newest, run.startedAt))))
      found.then = "catalog";
  }
  return found;
};

/**
 * Discards open points that are stale, or that lack snapshots while a newer one is there or due; queues the copies of
 * those that a dead pass left without. The points as they are then.
 */
const settleOpen = async (
  context: Context,
  run: Run,
  resource: Resource,
  points: Point[],
  isDue: boolean,
): Promise<Point[]> => {
  const settled = new Map(points.map((point) => [point.id, point]));
  const newest = newestOf(points.filter(({ state }) => state !== "discarded"));
  for (const point of points.filter(({ state }) => state === "open")) {
    const others = [...settled.values()].filter(({ id }) => id !== point.id);
    const stale = stalePoint(point, others, resource.everySeconds, context.now());
    const isOver = stale !== null || (!point.queued && (isDue || point.id !== newest?.id));
    if (isOver && !point.queued && resource.consistency) await thawAll(context, run, resource.consistency, point);
    if (stale) settled.set(point.id, await discardPoint(context, point, stale));
    else if (isOver) settled.set(point.id, await finish(context, point));
  }
  return [...settled.values()];
};

const finish = async (context: Context, point: Point): Promise<Point> => {
  if (point.opening !== undefined) return discardPoint(context, point, "its servers were never all described");
  const { point: queued, lacking } = await enqueuePoint(context, point);
  const because = `${lacking.length} of its servers were never snapshotted, and a newer point is due`;
  return lacking.length > 0 ? discardPoint(context, point, because) : queued;
};
