import { firstOf, judgeCopies } from "../../../core/instances/launch/damage.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { choosePoint } from "../../../core/points/choose-point.ts";
import { pointsToLookAt } from "../../../core/points/look-again.ts";
import type { Context } from "../../../runtime/context.ts";
import { visitManifests } from "../capture/manifest-pages.ts";
import { copiesSeen } from "./copies-seen.ts";

/** How long one invocation looks before it leaves the rest to the next. */
const lookingSeconds = 10;

/**
 * Looks whether the copies of complete points are still there: people and cleaners delete, archive and disable what seems
 * unused. A point that lost some is marked, so that it counts no more, and one that is sound again is not. Gives all points
 * as they are now. Safe to run twice.
 */
export const lookAgain = async (context: Context, run: Run, points: Point[]): Promise<Point[]> => {
  const { store, log, now } = context;
  const startedAt = now().getTime();
  const seen = new Map<string, Point>();
  for (const point of pointsToLookAt(points, run.startedAt)) {
    if (now().getTime() - startedAt > lookingSeconds * 1_000) break;
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
 * The points of a resource as they are before a rotation deletes anything: whether the newest one is sound is looked at now,
 * for it is what older ones may go for. Changes nothing.
 */
export const withNewestLookedAt = async (context: Context, run: Run, points: Point[]): Promise<Point[]> => {
  const looked = [...points];
  for (let looks = 0; looks < newestMax; looks += 1) {
    const newest = choosePoint(looked, points[0]?.resource ?? "", { kind: "latest" }, run);
    const because = newest && (await damageOf(context, run, newest));
    if (!newest || !because) break;
    looked[looked.indexOf(newest)] = { ...newest, damaged: { at: context.now().toISOString(), because } };
  }
  return looked;
};
const newestMax = 5;

const damageOf = async (context: Context, run: Run, point: Point): Promise<string | null> => {
  const found: string[] = [];
  const visit = async (page: Parameters<typeof judgeCopies>[0]) => {
    found.push(...judgeCopies(page, await copiesSeen(context, run.target, page)).problems);
    return "more" as const;
  };
  await visitManifests(context, point, null, visit);
  return found.length > 0 ? firstOf(found) : null;
};
