import { type CaptureProgress, shortfallOf } from "../../../core/instances/capture/capture-progress.ts";
import { limits } from "../../../core/limits.ts";
import type { Plan } from "../../../core/model/plan.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import { type Run, resourceOf } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { describePoint } from "./describe-point.ts";
import { discardPoint } from "./discard.ts";
import { enqueuePoint } from "./enqueue.ts";
import { createSetsBudget, findSets, nextSlice, type Slice, takeSlice } from "./snapshot-sets.ts";
import { frozenAtOnceMax, isUnfinished, takeConsistently } from "./take-consistently.ts";

export type CaptureResult = {
  /** Points that a further invocation continues. */
  captures: CaptureProgress[];
  /** Points whose sets are all taken and whose copies are in the queue. */
  queued: Point[];
  started: number;
  waitSeconds: number;
  /** Resource -> why it lacks the recovery point that the plan asks for. */
  problems: Record<string, string>;
};

/** The token bucket of CreateSnapshots gives so many a second. [EC2dev:ec2-api-throttling] */
const createsPerSecond = 5;
/** Beyond the lag of Describe calls, and the 15 s that EBS requires between two snapshots of a volume. */
const pauseSeconds = 15;

/** One invocation's share of the work on these points: describes their servers, takes their sets, queues their copies. */
export const takePoints = async (
  context: Context,
  run: Run,
  plan: Plan,
  captures: CaptureProgress[],
): Promise<CaptureResult> => {
  const result: CaptureResult = {
    captures: [],
    queued: [],
    started: 0,
    problems: {},
    waitSeconds: limits.pollSecondsMin,
  };
  const slices = await slicesOf(context, run, plan, captures, result);
  const sets = await findSets(context, run, slices);
  if (!sets) {
    for (const { progress } of slices) result.problems[progress.resource] = silence(run);
    return result;
  }
  const budget = createSetsBudget(context);
  let paused = false;
  for (const slice of slices) {
    if (paused) {
      result.captures.push(slice.progress);
      continue;
    }
    const documents = resourceOf(plan, slice.progress.resource).consistency;
    const { action, progress, point, started, stopped, because } = documents
      ? await takeConsistently(context, run, documents, slice, sets, budget)
      : await takeSlice(context, run, slice, sets, budget);
    result.started += started;
    paused = stopped;
    if (stopped || progress.waitingSince) result.waitSeconds = pauseSeconds;
    if (action === "again") result.captures.push(progress);
    if (action === "refused") await refuse(context, point, progress, because, result);
    if (action === "whole") await enqueue(context, point, progress, result);
  }
  result.waitSeconds = Math.max(result.waitSeconds, Math.ceil(result.started / createsPerSecond));
  return result;
};

const silence = ({ source }: Run) => `${source} did not respond`;

/** The slices that this invocation may take, of the points that are described completely. */
const slicesOf = async (
  context: Context,
  run: Run,
  plan: Plan,
  captures: CaptureProgress[],
  result: CaptureResult,
): Promise<Slice[]> => {
  const slices: Slice[] = [];
  let room: number = limits.createSnapshotsPerPass;
  let silent = false;
  for (const progress of captures) {
    const { resource } = progress;
    const wanted = resourceOf(plan, resource);
    const described = silent ? ({ action: "silent" } as const) : await describePoint(context, run, wanted, progress);
    if (described.action === "silent") {
      silent = true;
      result.problems[resource] = silence(run);
    } else if (described.action === "refused") result.problems[resource] = described.because;
    else if (described.action === "more" || room <= 0) result.captures.push(described.progress);
    else if (described.point.state === "open") {
      const slice = wanted.consistency
        ? await nextSlice(context, described.progress, described.point, Math.min(room, frozenAtOnceMax), isUnfinished)
        : await nextSlice(context, described.progress, described.point, room);
      slices.push({ ...slice, tags: wanted.tags });
      room -= slice.lacking.length;
    }
  }
  return slices;
};

const enqueue = async (
  context: Context,
  point: Point,
  progress: CaptureProgress,
  result: CaptureResult,
): Promise<void> => {
  const shortfall = shortfallOf(progress, point.servers.length);
  if (point.servers.length === 0) return refuse(context, point, progress, shortfall ?? "no server was left", result);
  if (shortfall) result.problems[progress.resource] = shortfall;
  const { point: queued, lacking } = await enqueuePoint(context, { ...point, because: shortfall });
  if (lacking.length > 0) result.captures.push({ ...progress, after: null });
  else result.queued.push(queued);
};

const refuse = async (
  context: Context,
  point: Point,
  progress: CaptureProgress,
  because: string,
  result: CaptureResult,
) => {
  await discardPoint(context, point, because);
  result.problems[progress.resource] = because;
};
