import { codeOf, isPassing, isSilence } from "../../aws/errors.ts";
import { deleteSnapshot } from "../../aws/snapshots.ts";
import type { Budget } from "../../core/budget.ts";
import type { Point } from "../../core/point.ts";
import type { Run } from "../../core/run.ts";
import { surplusOf } from "../../core/volume-progress.ts";
import type { Context } from "../../runtime/context.ts";
import type { Watched } from "./replication.ts";

/** Gives an open point up. Its snapshots are deleted later: first it must be on record that nobody may use them. */
export const discardPoint = async ({ store, log, now }: Context, point: Point, because: string): Promise<Point> => {
  const discarded: Point = { ...point, state: "discarded", because, settledAt: now().toISOString() };
  await store.savePoint(discarded);
  await store.dropQueue(discarded);
  log.warn("recovery point discarded", { point: point.id, because });
  return discarded;
};

/** `left`: snapshots that the budget did not reach. `failed`: those that AWS would not delete now. */
export type Sweep = { deleted: string[]; left: number; failed: string[] };

/**
 * Deletes what no recovery needs of these points, copies first, as a copy may still be reading its source. What cannot
 * be deleted now stays for the next pass.
 */
export const sweep = async (context: Context, run: Run, watched: Watched[], budget: Budget): Promise<Sweep> => {
  const result: Sweep = { deleted: [], left: 0, failed: [] };
  const surplus = watched.map(({ point, manifests, listed }) => surplusOf(point, manifests, listed));
  const doomed = [
    ...surplus.flatMap(({ copies }) => copies.map(({ id }) => ({ region: run.target, id }))),
    ...surplus.flatMap(({ sources }) => sources.map(({ id }) => ({ region: run.source, id }))),
  ];
  const silent = new Set<string>();
  let paused = false;
  for (const { region, id } of doomed) {
    if (silent.has(region)) result.failed.push(id);
    else if (paused || !budget.take()) result.left += 1;
    else
      try {
        await deleteSnapshot(context.clients, region, id);
        result.deleted.push(id);
      } catch (error) {
        context.log.warn("snapshot could not be deleted", { id, region, code: codeOf(error) });
        paused = isPassing(error) && !isSilence(error);
        if (isSilence(error)) silent.add(region);
        if (paused) result.left += 1;
        else result.failed.push(id);
      }
  }
  return result;
};

/**
 * Marks settled points in which a pass after the one that settled them found no surplus: by then every snapshot that a
 * lost reply had hidden is visible, and nobody need look again.
 */
export const markSwept = async (
  { store }: Context,
  run: Run,
  { watched, sourceAnswered }: { watched: Watched[]; sourceAnswered: boolean },
) => {
  if (!sourceAnswered) return;
  for (const { point, manifests, listed } of watched) {
    if (point.state === "open" || !point.settledAt || point.settledAt >= run.startedAt) continue;
    const { sources, copies } = surplusOf(point, manifests, listed);
    if (sources.length + copies.length === 0) await store.savePoint({ ...point, swept: true });
  }
};
