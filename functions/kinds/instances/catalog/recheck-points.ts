import { firstOf, judgeCopies } from "../../../core/instances/launch/damage.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { choosePoint } from "../../../core/points/choose-point.ts";
import { pointsToRecheck } from "../../../core/points/recheck.ts";
import type { Context } from "../../../runtime/context.ts";
import { visitManifests } from "../capture/manifest-pages.ts";
import { visibleCopies } from "./visible-copies.ts";

/** One invocation checks for so long; further points are left to the next one. */
const checkSeconds = 10;

/**
 * Checks that the copies of complete points still exist: people and cleaners delete, archive and disable what seems
 * unused. A point that lost some is marked as damaged and counts no more; the mark of one that is sound again is removed.
 * Gives all points as they are now. Safe to run twice.
 */
export const recheckPoints = async (context: Context, run: Run, points: Point[]): Promise<Point[]> => {
  const { store, log, now } = context;
  const startedAt = now().getTime();
  const seen = new Map<string, Point>();
  for (const point of pointsToRecheck(points, run.startedAt)) {
    if (now().getTime() - startedAt > checkSeconds * 1_000) break;
    const because = await damageOf(context, run, point);
    const at = now().toISOString();
    const damaged = because ? { at: point.damaged?.at ?? at, because } : null;
    const marks = { lookedAt: at, ...((damaged || point.damaged) && { damaged }) };
    if (!(await store.markPoint(point, marks))) continue;
    seen.set(point.id, { ...point, ...marks });
    if (because && !point.damaged) log.warn("recovery point is damaged", { point: point.id, because });
    if (!because && point.damaged) log.info("recovery point is sound again", { point: point.id });
  }
  return points.map((point) => seen.get(point.id) ?? point);
};

/**
 * The points of a resource before a rotation deletes any: the newest one is checked now, as older ones may be deleted
 * because it exists. Changes nothing.
 */
export const withNewestRechecked = async (context: Context, run: Run, points: Point[]): Promise<Point[]> => {
  const checked = [...points];
  for (let checks = 0; checks < newestMax; checks += 1) {
    const newest = choosePoint(checked, points[0]?.resource ?? "", { kind: "latest" }, run);
    const because = newest && (await damageOf(context, run, newest));
    if (!newest || !because) break;
    checked[checked.indexOf(newest)] = { ...newest, damaged: { at: context.now().toISOString(), because } };
  }
  return checked;
};
const newestMax = 5;

const damageOf = async (context: Context, run: Run, point: Point): Promise<string | null> => {
  const found: string[] = [];
  const visit = async (page: Parameters<typeof judgeCopies>[0]) => {
    found.push(...judgeCopies(page, await visibleCopies(context, run.target, page)).problems);
    return "more" as const;
  };
  await visitManifests(context, point, null, visit);
  return found.length > 0 ? firstOf(found) : null;
};
