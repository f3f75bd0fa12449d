import { lockSnapshot } from "../../../aws/ec2/snapshots.ts";
import type { Budget } from "../../../core/budget.ts";
import type { Cursor } from "../../../core/instances/capture/cursor.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { forEachServer } from "./for-each-server.ts";

const daySeconds = 86_400;

/**
 * Locks the copies of a complete point against deletion, for as many whole days as `seconds` needs, within the budget.
 * The progress is stored in the point, since a large one takes longer than a pass. Safe to run twice.
 */
export const lockCopies = async (
  context: Context,
  run: Run,
  point: Point,
  seconds: number,
  cursor: Cursor,
  budget: Budget,
): Promise<Cursor> => {
  const days = Math.ceil(seconds / daySeconds);
  const begun = { ...cursor, after: cursor.after ?? point.lockedTo ?? null };
  const next = await forEachServer(context, point, begun, async ({ volumes }) => {
    for (const { snapshot } of volumes) {
      if (!snapshot) continue;
      if (!budget.take()) return "stop";
      await lockSnapshot(context.clients, run.target, snapshot, days);
    }
    return null;
  });
  const lockedTo = next.failed.count > 0 ? point.lockedTo : (next.after ?? undefined);
  if (lockedTo !== undefined && lockedTo !== point.lockedTo) await context.store.markPoint(point, { lockedTo });
  return next;
};
