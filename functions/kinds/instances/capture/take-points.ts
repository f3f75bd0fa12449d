import { shortfallOf, type Taking } from "../../../core/instances/capture/capture-progress.ts";
import { limits } from "../../../core/limits.ts";
import type { Plan } from "../../../core/model/plan.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import { type Run, resourceOf } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { describePoint } from "./describe-point.ts";
import { discardPoint } from "./discard.ts";
import { enqueuePoint } from "./enqueue.ts";
import { createSetsBudget, findSets, nextSlice, type Slice, takeSlice } from "./snapshot-sets.ts";
import { heldAtOnceMax, isUnfinished, takeConsistently } from "./take-consistently.ts";

export type PointsTaken = {
  /** What a further invocation goes on with. */
  taking: Taking[];
  /** Points whose sets are all taken and whose copies stand in the queue. */
  queued: Point[];
  started: number;
  waitSeconds: number;
  /** Resource -> what keeps it from the recovery point that the plan asks for. */
  problems: Record<string, string>;
};

/** The token bucket of CreateSnapshots gives so many a second. [EC2dev:ec2-api-throttling] */
const createsPerSecond = 5;
/** Beyond the lag of Describe calls, and the 15 s that EBS wants between two snapshots of a volume. */
const pauseSeconds = 15;

/** One invocation's share of the work on these points: describes their servers, takes their sets, queues their copies. */
export const takePoints = async (context: Context, run: Run, plan: Plan, takings: Taking[]): Promise<PointsTaken> => {
  const result: PointsTaken = {
    taking: [],
    queued: [],
    started: 0,
    problems: {},
    waitSeconds: limits.pollSecondsMin,
  };
  const slices = await slicesOf(context, run, plan, takings, result);
  const sets = await findSets(context, run, slices);
  if (!sets) {
    for (const { taking } of slices) result.problems[taking.resource] = silence(run);
    return result;
  }
  const budget = createSetsBudget(context);
  let paused = false;
  for (const slice of slices) {
    if (paused) {
      result.taking.push(slice.taking);
      continue;
    }
    const documents = resourceOf(plan, slice.taking.resource).consistency;
    const { action, taking, point, started, stopped, because } = documents
      ? await takeConsistently(context, run, documents, slice, sets, budget)
      : await takeSlice(context, run, slice, sets, budget);
    result.started += started;
    paused = stopped;
    if (stopped || taking.waitingSince) result.waitSeconds = pauseSeconds;
    if (action === "again") result.taking.push(taking);
    if (action === "refused") await refuse(context, point, taking, because, result);
    if (action === "whole") await enqueue(context, point, taking, result);
  }
  result.waitSeconds = Math.max(result.waitSeconds, Math.ceil(result.started / createsPerSecond));
  return result;
};

const silence = ({ source }: Run) => `${source} gave no answer`;

/** What this invocation may start, of the points that are described wholly. */
const slicesOf = async (
  context: Context,
  run: Run,
  plan: Plan,
  takings: Taking[],
  result: PointsTaken,
): Promise<Slice[]> => {
  const slices: Slice[] = [];
  let room: number = limits.createSnapshotsPerPass;
  let silent = false;
  for (const taking of takings) {
    const { resource } = taking;
    const wanted = resourceOf(plan, resource);
    const described = silent ? ({ action: "silent" } as const) : await describePoint(context, run, wanted, taking);
    if (described.action === "silent") {
      silent = true;
      result.problems[resource] = silence(run);
    } else if (described.action === "refused") result.problems[resource] = described.because;
    else if (described.action === "more" || room <= 0) result.taking.push(described.taking);
    else if (described.point.state === "open") {
      const slice = wanted.consistency
        ? await nextSlice(context, described.taking, described.point, Math.min(room, heldAtOnceMax), isUnfinished)
        : await nextSlice(context, described.taking, described.point, room);
      slices.push({ ...slice, tags: wanted.tags });
      room -= slice.lacking.length;
    }
  }
  return slices;
};

const enqueue = async (context: Context, point: Point, taking: Taking, result: PointsTaken): Promise<void> => {
  const shortfall = shortfallOf(taking, point.servers.length);
  if (point.servers.length === 0) return refuse(context, point, taking, shortfall ?? "no server was left", result);
  if (shortfall) result.problems[taking.resource] = shortfall;
  const { point: queued, lacking } = await enqueuePoint(context, { ...point, because: shortfall });
  if (lacking.length > 0) result.taking.push({ ...taking, after: null });
  else result.queued.push(queued);
};

const refuse = async (context: Context, point: Point, taking: Taking, because: string, result: PointsTaken) => {
  await discardPoint(context, point, because);
  result.problems[taking.resource] = because;
};
