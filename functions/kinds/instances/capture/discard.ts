import type { Point } from "../../../core/model/recovery-point.ts";
import type { Context } from "../../../runtime/context.ts";

/** Discards an open point. Its snapshots are deleted later: first it must be on record that no run may use them. */
export const discardPoint = async ({ store, log, now }: Context, point: Point, because: string): Promise<Point> => {
  const discarded: Point = { ...point, state: "discarded", because, settledAt: now().toISOString() };
  await store.savePoint(discarded);
  await store.dropQueue(discarded);
  log.warn("recovery point discarded", { point: point.id, because });
  return discarded;
};
