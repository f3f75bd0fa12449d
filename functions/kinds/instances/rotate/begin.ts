import { readRow } from "../../../aws/store/lease.ts";
import { saveChunks, savePoints } from "../../../aws/store/pending-deletion-items.ts";
import { RefusedError } from "../../../core/errors.ts";
import type { Run } from "../../../core/model/run.ts";
import { countIds, inChunks, type Queues } from "../../../core/points/pending-deletions.ts";
import {
  countedMany,
  listedMax,
  nothingYet,
  pointsListedMax,
  type RotationTally,
} from "../../../core/points/rotation-tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { continueRotation, type RotationState } from "./pass.ts";
import { type PointRemoval, planRotation, type RotationPlan } from "./rotation.ts";

/** Decides which points go, and marks them: then no run may use them. `before`: tally of an earlier round, or null. */
export const beginRotation = async (
  context: Context,
  run: Run,
  before: RotationTally | null,
): Promise<RotationState> => {
  const plan = await planRotation(context, run, await context.store.plan(run.application, run.planVersion));
  if (!before && plan.asks && run.request.by === "person" && !run.request.approve)
    throw new RefusedError(
      plan.asks,
      'Check the plan (lifeboat rotate --dry-run), then start it with "approve": true.',
    );

  const going = await mark(context, run, plan.going);
  const queues: Queues = {
    target: going.map(({ point, target }) => ({ point: point.id, ids: target })).filter(hasIds),
    source: going.map(({ point, source }) => ({ point: point.id, ids: source ?? [] })).filter(hasIds),
  };
  const [first = { target: [], source: [] }, ...further] = inChunks(queues);
  if (going.length > 0) await saveChunks(context.table, run.application, further, 1);

  const rotating: RotationState = {
    next: "delete",
    queues: first,
    chunk: 0,
    chunks: 1 + further.length,
    forget: going.filter(isWhole).map(({ point }) => point.id),
    sourceless: going.filter(({ action, source }) => action === "sources" && source).map(({ point }) => point.id),
    keptBack: [],
    silent: { target: 0, source: 0 },
    tally: tallied(before ?? nothingYet, run, plan, going),
  };
  return countIds([...first.target, ...first.source]) > 0 ? rotating : continueRotation(context, run, rotating);
};

const hasIds = ({ ids }: { ids: string[] }) => ids.length > 0;
/** All of the point goes: nothing stays in a Region that did not respond, or as the newest copy of a volume. */
const isWhole = ({ action, source, lineage }: PointRemoval) => action !== "sources" && source !== null && lineage === 0;

/**
 * Records first that no run may use these points. A run that pinned one in the same moment keeps it: it took its lease
 * before, so that its pin is visible here, and nothing is deleted yet.
 */
const mark = async (context: Context, run: Run, going: PointRemoval[]): Promise<PointRemoval[]> => {
  const rotated = going.filter(({ action }) => action === "rotate");
  if (rotated.length === 0) return going;
  const settledAt = context.now().toISOString();
  await savePoints(
    context.table,
    rotated.map(({ point, because }) => ({ ...point, state: "discarded", rotated: true, because, settledAt })),
  );
  const { run: moving } = await readRow(context, run.application);
  const pinned = new Set(Object.values(moving?.points ?? {}));
  const back = rotated.filter(({ point }) => pinned.has(point.id));
  if (back.length > 0)
    await savePoints(
      context.table,
      back.map(({ point }) => point),
    );
  context.log.info("recovery points rotated", { points: rotated.map(({ point }) => point.id) });
  return going.filter((one) => !back.includes(one));
};

const tallied = (before: RotationTally, run: Run, plan: RotationPlan, going: PointRemoval[]): RotationTally => {
  const count = (action: PointRemoval["action"]) => going.filter((one) => one.action === action).length;
  const points = going.map(({ point: { id, pointAt }, because, target, source }) => ({
    id,
    pointAt,
    because,
    copies: target.length,
    sources: source?.length ?? null,
  }));
  const silent = going.filter(({ source }) => source === null).length;
  return {
    ...before,
    complete: before.complete || plan.complete,
    kept: plan.kept + plan.going.length - going.length,
    rotated: before.rotated + count("rotate"),
    finished: before.finished + count("finish"),
    sourceless: before.sourceless + count("sources"),
    points: [...before.points, ...points].slice(0, pointsListedMax),
    waiting: plan.waiting.slice(0, listedMax),
    lineage: before.lineage + going.reduce((sum, { lineage }) => sum + lineage, 0),
    unanswered: countedMany(before.unanswered, silent, `${run.source} did not respond: its side of ${silent} points`),
    left: plan.left,
    strays: plan.strays,
  };
};
