import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import type { Settled } from "../../../core/instances/copy/finished-pass.ts";
import { judgePoint, type PointVerdict } from "../../../core/instances/copy/judge-point.ts";
import { hasLeftQueue, settlingOf } from "../../../core/instances/copy/progress.ts";
import type { QueueChunk } from "../../../core/instances/copy/queue.ts";
import { isImageEntry } from "../../../core/instances/copy/startable.ts";
import { limits } from "../../../core/limits.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { discardPoint } from "../capture/discard.ts";
import { manifestsOf } from "../capture/replication.ts";
import { imageCopyStates } from "./copy-images.ts";

type Queue = { chunks: QueueChunk[]; isCut: boolean; startedAt: Date };

/**
 * Discards the `lost` points (id -> why), and settles those whose entries have all ended, until the time of the
 * invocation is used up. `settling`: points that earlier passes left to settle.
 */
export const settlePoints = async (
  context: Context,
  run: Run,
  settling: Settled["settling"],
  lost: ReadonlyMap<string, string>,
  { chunks, isCut, startedAt }: Queue,
): Promise<Settled> => {
  const settled: Settled = {
    completed: [],
    discarded: [],
    problems: {},
    settling: [],
    failed: new Map(),
    requeued: 0,
  };
  const discard = async (point: Point, because: string) => {
    await discardPoint(context, point, because);
    settled.discarded.push(point.id);
    settled.problems[point.resource] = `${point.id} was discarded: ${because}`;
  };
  for (const [id, because] of lost) {
    const point = await context.store.point(run.application, id);
    if (point?.state === "open") await discard(point, because);
  }

  for (const one of settlingOf(settling, chunks)) {
    const isLate = context.now().getTime() - startedAt.getTime() > limits.startingSeconds * 1_000;
    if (lost.has(one.point)) continue;
    if (isLate || !hasLeftQueue(one, chunks, isCut)) {
      settled.settling.push(one);
      continue;
    }
    const point = await context.store.point(run.application, one.point);
    if (point?.state !== "open") continue;
    const verdict = await verdictOn(context, run, point);
    settled.failed.set(point.resource, (settled.failed.get(point.resource) ?? 0) + verdict.failed);
    settled.requeued += verdict.requeued;
    if (verdict.outcome === "discarded") await discard(point, verdict.because);
    if (verdict.outcome === "requeued") await context.store.saveQueue(verdict.chunks);
    if (verdict.outcome === "requeued" && verdict.requeued === 0) settled.settling.push(one);
    if (verdict.outcome !== "complete") continue;
    await complete(context, point, verdict);
    settled.completed.push(point.id);
  }
  return settled;
};

/** Judges a point by one listing of its copies, and one of its images when it has any. */
const verdictOn = async (context: Context, run: Run, point: Point): Promise<PointVerdict> => {
  const { store, clients, now } = context;
  const [chunks, manifests] = await Promise.all([
    store.endedQueue(run.application, point.id),
    manifestsOf(context, point),
  ]);
  const copies = await listSnapshots(clients, run.target, [
    { Name: `tag:${tagKeys.application}`, Values: [run.application] },
    { Name: `tag:${tagKeys.point}`, Values: [point.id] },
  ]);
  const ids = chunks.flatMap(({ entries }) => entries.filter(isImageEntry).flatMap(({ copy }) => copy ?? []));
  const images = ids.length ? await imageCopyStates(context, run.target, ids) : new Map();
  return judgePoint({ chunks, manifests, copies, images }, now());
};

/**
 * Writes which copy each volume is restored from, then the point itself: it counts only once its manifests are complete.
 * Its time is the earliest StartTime of its source snapshots. Safe to run twice.
 */
const complete = async (
  { store, now, log }: Context,
  point: Point,
  { manifests, pointAt }: Extract<PointVerdict, { outcome: "complete" }>,
): Promise<void> => {
  await store.saveManifests(manifests);
  const at = now().toISOString();
  const settled: Point = { ...point, state: "complete", pointAt, completedAt: at, settledAt: at };
  await store.savePoint(settled);
  await store.dropQueue(settled);
  log.info("recovery point complete", { point: point.id, pointAt });
};
