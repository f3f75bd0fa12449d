import { readChunk, saveChunks } from "../../../aws/store/pending-deletion-items.ts";
import { createBudget } from "../../../core/budget.ts";
import { limits } from "../../../core/limits.ts";
import type { Run } from "../../../core/model/run.ts";
import {
  countIds,
  type PendingDeletion,
  type Queues,
  type RegionRole,
  regionRoles,
} from "../../../core/points/pending-deletions.ts";
import { countedMany, type RotationTally } from "../../../core/points/rotation-tally.ts";
import { counted } from "../../../core/tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { deleteSome } from "./deletes.ts";

/** Progress of a rotation: small enough for the machine's state. */
export type RotationState = {
  /** decide: list again, as not all points were listed · delete · forget: remove the records · done. */
  next: "decide" | "delete" | "forget" | "done";
  /** The rest of the present chunk; the further ones, up to `chunks`, are in the table. */
  queues: Queues;
  chunk: number;
  chunks: number;
  /** Points whose record goes, and those that lose only their sources, unless some of their snapshots are kept back. */
  forget: string[];
  sourceless: string[];
  keptBack: string[];
  /** Passes in a row in which the Region did not respond. */
  silent: Record<RegionRole, number>;
  tally: RotationTally;
};

/** After so many passes without a response, the snapshots of a Region are left to the next rotation. */
const silentPassesMax = 3;
/** Records that one pass removes. */
const forgottenPerPass = 50;

/** One pass of deletions; the last one removes the records of the deleted points. Safe to run twice. */
export const continueRotation = async (context: Context, run: Run, before: RotationState): Promise<RotationState> => {
  const rotating = await nextChunk(context, run, before);
  const deleted = await deleteFromBoth(context, run, rotating);
  const { queues, chunk, chunks } = deleted;
  if (countIds([...queues.target, ...queues.source]) > 0 || chunk + 1 < chunks) return { ...deleted, next: "delete" };
  return forget(context, run, deleted);
};

const nextChunk = async ({ table }: Context, run: Run, rotating: RotationState): Promise<RotationState> => {
  const { queues, chunk, chunks } = rotating;
  if (countIds([...queues.target, ...queues.source]) > 0 || chunk + 1 >= chunks) return rotating;
  const next = await readChunk(table, run.application, chunk + 1);
  return { ...rotating, chunk: chunk + 1, queues: next ?? { target: [], source: [] } };
};

const deleteFromBoth = async (context: Context, run: Run, rotating: RotationState): Promise<RotationState> => {
  const found = await Promise.all(
    regionRoles.map((role) =>
      rotating.silent[role] < silentPassesMax ? deleteSome(context, run[role], rotating.queues[role]) : null,
    ),
  );
  const after = structuredClone(rotating);
  for (const [index, role] of regionRoles.entries()) {
    const one = found[index];
    if (!one) {
      giveUp(after, run, role);
      continue;
    }
    after.queues[role] = one.left;
    after.silent[role] = one.silent ? after.silent[role] + 1 : 0;
    after.tally.images += one.images;
    after.tally[role === "target" ? "copies" : "sources"] += one.snapshots;
    for (const { point, id, because } of one.refused) {
      after.tally.refused = counted(after.tally.refused, `${id}: ${because}`);
      keepBack(after, [point]);
    }
  }
  return after;
};

const giveUp = (rotating: RotationState, run: Run, role: RegionRole) => {
  const queue: PendingDeletion[] = rotating.queues[role];
  const { tally } = rotating;
  tally.unanswered = countedMany(tally.unanswered, countIds(queue), `${run[role]} did not respond`);
  keepBack(
    rotating,
    queue.map(({ point }) => point),
  );
  rotating.queues[role] = [];
};

const keepBack = (rotating: RotationState, points: string[]) => {
  rotating.keptBack = [...new Set([...rotating.keptBack, ...points])];
};

/** Removes the record of a point last, when all its snapshots and images are gone. */
const forget = async (context: Context, run: Run, rotating: RotationState): Promise<RotationState> => {
  const { store, table, now } = context;
  const isGone = (point: string) => !rotating.keptBack.includes(point);
  const budget = createBudget(forgottenPerPass, limits.startingSeconds, now);
  const records = rotating.forget.filter(isGone);
  while (records[0] && budget.take())
    await store.removePoint({ application: run.application, id: records.shift() ?? "" });

  const marks = rotating.sourceless.filter(isGone);
  while (records.length === 0 && marks[0] && budget.take()) {
    const point = await store.point(run.application, marks.shift() ?? "");
    if (point) await store.markPoint(point, { sourcesGone: true });
  }
  const left = { ...rotating, forget: records, sourceless: marks };
  if (records.length + marks.length > 0) return { ...left, next: "forget" };
  if (rotating.chunks > 1) await saveChunks(table, run.application, [], 1);
  return { ...left, next: rotating.tally.left > 0 ? "decide" : "done" };
};
