import type { Plan } from "../../core/plan.ts";
import type { Point } from "../../core/point.ts";
import { resourceOf } from "../../core/run.ts";
import { settle } from "../../core/settle.ts";
import type { Context } from "../../runtime/context.ts";
import { discardPoint } from "./discard.ts";
import type { Replication, Watched } from "./replication.ts";

/** Points that left `open` just now. */
export type Settled = { completed: Point[]; discarded: Point[] };

/**
 * Completes every open point whose copies are all completed, and discards those that never will be. `replication` is
 * brought up to date: the settled points stand in it as they are now.
 */
export const settlePoints = async (context: Context, plan: Plan, replication: Replication): Promise<Settled> => {
  const settled: Settled = { completed: [], discarded: [] };
  for (const watched of replication.watched) {
    const { point, volumes } = watched;
    if (point.state !== "open") continue;
    const known = replication.points.get(point.resource) ?? [];
    const others = known.filter(({ id }) => id !== point.id);
    const { everySeconds } = resourceOf(plan, point.resource);
    const { action, because } = settle(point, volumes, others, everySeconds, context.now());
    if (action === "keep") continue;

    if (action === "complete") settled.completed.push(await completePoint(context, watched));
    else watched.point = await discardPoint(context, point, because);
    if (action === "discard") settled.discarded.push(watched.point);
    replication.points.set(point.resource, [...others, watched.point]);
  }
  return settled;
};

/**
 * Writes which copy each volume is restored from, then the point itself: it counts only once its manifests are whole.
 * Its time is the earliest StartTime of its source snapshots. Safe to run twice.
 */
const completePoint = async ({ store, now, log }: Context, watched: Watched): Promise<Point> => {
  const copies = new Map(watched.volumes.map(({ volume, copy }) => [volume.sourceSnapshot, copy?.id ?? null]));
  watched.manifests = watched.manifests.map((manifest) => ({
    ...manifest,
    volumes: manifest.volumes.map((volume) => ({ ...volume, snapshot: copies.get(volume.sourceSnapshot) ?? null })),
  }));
  await Promise.all(watched.manifests.map((manifest) => store.saveManifest(manifest)));

  const [pointAt] = watched.manifests.flatMap(({ takenAt }) => takenAt ?? []).sort();
  const at = now().toISOString();
  watched.point = { ...watched.point, state: "complete", pointAt: pointAt ?? null, completedAt: at, settledAt: at };
  await store.savePoint(watched.point);
  log.info("recovery point complete", { point: watched.point.id, pointAt });
  return watched.point;
};
