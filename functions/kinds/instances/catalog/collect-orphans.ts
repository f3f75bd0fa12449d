import { codeOf, isPassing, isSilence } from "../../../aws/calls/errors.ts";
import { deleteSnapshot, listSnapshots } from "../../../aws/ec2/snapshots.ts";
import type { Budget } from "../../../core/budget.ts";
import { referencedIds } from "../../../core/instances/capture/referenced.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import { limits } from "../../../core/limits.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { visitManifests } from "../capture/manifest-pages.ts";
import { unlessSilent } from "../capture/replication.ts";
import { releaseSnapshots } from "./release-snapshots.ts";

/** `left`: a further call may delete more. `failed`: snapshots that AWS would not delete now. */
export type OrphanCollection = { deleted: string[]; left: boolean; failed: string[] };

/** The points to search. `basis`: discarded points whose copies stay, as the next copies are increments to them. */
export type OrphanSearch = { points: Point[]; basis: Set<string> };

/**
 * Deletes the orphaned snapshots of these settled points, copies first, as a copy may still be reading its source: all
 * of a discarded point, and of a complete one all that its manifests do not reference. A point in which a pass after
 * the one that settled it finds no orphan is marked: by then the snapshots of a lost reply are visible.
 */
export const collectOrphans = async (
  context: Context,
  run: Run,
  { points, basis }: OrphanSearch,
  budgetOf: BudgetOf,
): Promise<OrphanCollection> => {
  const result: OrphanCollection = { deleted: [], left: false, failed: [] };
  if (points.length === 0) return result;
  const isSettled = ({ id, settledAt }: Point) => !basis.has(id) && (settledAt ?? "") < run.startedAt;
  const referenced = await referencedByAll(
    context,
    points.filter(({ state }) => state === "complete"),
  );
  const clean = new Set(points.filter(isSettled).map(({ id }) => id));
  for (const region of [run.target, run.source]) {
    const isNeeded = ({ id, state, tags }: SnapshotFact) =>
      referenced.has(id) || (region === run.target && state !== "error" && basis.has(tags[tagKeys.point] ?? ""));
    const found = await orphansIn(context, run, region, points, isNeeded);
    if (!found || found.length > limits.deletesPerPass) clean.clear();
    const budget = budgetOf(region);
    const used = await deleteAll(context, region, found ?? [], budget, result);
    const { needed, gone } = await releaseSnapshots(context, run, region, { used, referenced, budget });
    result.left ||= gone.length > 0;
    result.failed.push(...used.filter((id) => !needed.has(id)));
    for (const { id, tags } of found ?? []) if (!needed.has(id)) clean.delete(tags[tagKeys.point] ?? "");
  }
  for (const point of points) if (clean.has(point.id)) await context.store.markPoint(point, { swept: true });
  return result;
};
/** The budget of deletions in a Region. */
type BudgetOf = (region: string) => Budget;

const referencedByAll = async (context: Context, points: Point[]): Promise<Set<string>> => {
  const referenced = new Set<string>();
  for (const point of points)
    await visitManifests(context, point, null, (page) => {
      for (const id of referencedIds(page)) referenced.add(id);
      return "more";
    });
  return referenced;
};

/** The first orphaned snapshots of these points; null when the source Region does not respond. */
const orphansIn = async (
  context: Context,
  run: Run,
  region: string,
  points: Point[],
  isNeeded: (snapshot: SnapshotFact) => boolean,
) => {
  const filters = [
    { Name: `tag:${tagKeys.application}`, Values: [run.application] },
    { Name: `tag:${tagKeys.point}`, Values: points.map(({ id }) => id) },
  ];
  const wanted = { where: (one: SnapshotFact) => !isNeeded(one), limit: limits.deletesPerPass + 1 };
  const list = () => listSnapshots(context.clients, region, filters, wanted);
  return region === run.source ? unlessSilent(context, run, list) : list();
};

/** Deletes the orphans of a Region, and returns those that an image uses. */
const deleteAll = async (
  context: Context,
  region: string,
  orphans: SnapshotFact[],
  budget: Budget,
  result: OrphanCollection,
) => {
  const used: string[] = [];
  for (const { id } of orphans) {
    if (!budget.take()) {
      result.left = true;
      return used;
    }
    try {
      await deleteSnapshot(context.clients, region, id);
      result.deleted.push(id);
    } catch (error) {
      context.log.warn("snapshot could not be deleted", { id, region, code: codeOf(error) });
      (codeOf(error) === "InvalidSnapshot.InUse" ? used : result.failed).push(id);
      if (isPassing(error)) {
        result.left ||= !isSilence(error);
        return used;
      }
    }
  }
  return used;
};
