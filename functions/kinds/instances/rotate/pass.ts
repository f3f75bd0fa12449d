import { readChunk, saveChunks } from "../../../aws/store/pending-deletion-items.ts";
import { createBudget } from "../../../core/budget.ts";
import { limits } from "../../../core/limits.ts";
import type { Run } from "../../../core/model/run.ts";
import { countIds, type Doomed, type Queues, type Side, sides } from "../../../core/points/pending-deletions.ts";
import { countedMany, type RotationTally } from "../../../core/points/rotation-tally.ts";
import { counted } from "../../../core/tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { deleteSome } from "./deletes.ts";

/** How far a rotation is: small enough to stand in the machine's state. */
export type Rotating = {
  /** decide: look again, as not everything was looked at · delete · forget: take away the records · done. */
  next: "decide" | "delete" | "forget" | "done";
  /** What is left of the present chunk; the further ones, up to `chunks`, stand in the table. */
  queues: Queues;
  chunk: number;
  chunks: number;
  /** Points whose record goes, and those that lose only their sources, unless something of them is kept back. */
  forget: string[];
  sourceless: string[];
  keptBack: string[];
  /** Passes in a row in which the Region gave no answer. */
  silent: Record<Side, number>;
  tally: RotationTally;
};

/** After so many passes without an answer what a Region has is left to the next rotation. */
const silentPassesMax = 3;
/** Points whose records one pass takes away. */
const forgottenPerPass = 50;

/** One pass of deletions; with the last one, the records of what is gone. Safe to run twice. */
export const goOnRotating = async (context: Context, run: Run, before: Rotating): Promise<Rotating> => {
  const rotating = await nextChunk(context, run, before);
  const deleted = await deleteFromBoth(context, run, rotating);
  const { queues, chunk, chunks } = deleted;
  if (countIds([...queues.target, ...queues.source]) > 0 || chunk + 1 < chunks) return { ...deleted, next: "delete" };
  return forget(context, run, deleted);
};

const nextChunk = async ({ table }: Context, run: Run, rotating: Rotating): Promise<Rotating> => {
  const { queues, chunk, chunks } = rotating;
  if (countIds([...queues.target, ...queues.source]) > 0 || chunk + 1 >= chunks) return rotating;
  const next = await readChunk(table, run.application, chunk + 1);
  return { ...rotating, chunk: chunk + 1, queues: next ?? { target: [], source: [] } };
};

const deleteFromBoth = async (context: Context, run: Run, rotating: Rotating): Promise<Rotating> => {
  const found = await Promise.all(
    sides.map((side) =>
      rotating.silent[side] < silentPassesMax ? deleteSome(context, run[side], rotating.queues[side]) : null,
    ),
  );
  const after = structuredClone(rotating);
  for (const [index, side] of sides.entries()) {
    const one = found[index];
    if (!one) {
      giveUp(after, run, side);
      continue;
    }
    after.queues[side] = one.left;
    after.silent[side] = one.silent ? after.silent[side] + 1 : 0;
    after.tally.images += one.images;
    after.tally[side === "target" ? "copies" : "sources"] += one.snapshots;
    for (const { point, id, because } of one.refused) {
      after.tally.refused = counted(after.tally.refused, `${id}: ${because}`);
      keepBack(after, [point]);
    }
  }
  return after;
};

const giveUp = (rotating: Rotating, run: Run, side: Side) => {
  const queue: Doomed[] = rotating.queues[side];
  const { tally } = rotating;
  tally.unanswered = countedMany(tally.unanswered, countIds(queue), `${run[side]} gave no answer`);
  keepBack(
    rotating,
    queue.map(({ point }) => point),
  );
  rotating.queues[side] = [];
};

const keepBack = (rotating: Rotating, points: string[]) => {
  rotating.keptBack = [...new Set([...rotating.keptBack, ...points])];
};

/** Last, when everything of a point is gone, its record goes. */
const forget = async (context: Context, run: Run, rotating: Rotating): Promise<Rotating> => {
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
