import { lockSnapshot } from "../../../aws/ec2/snapshots.ts";
import type { Budget } from "../../../core/budget.ts";
import type { Walk } from "../../../core/instances/capture/cursor.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { walkPoint } from "./walk-point.ts";

const daySeconds = 86_400;

/**
 * Locks the copies of a complete point against deletion, for as many whole days as `seconds` needs, as far as the budget
 * reaches. How far it came stands in the point, since a large one takes longer than a pass. Safe to run twice.
 */
export const lockCopies = async (
  context: Context,
  run: Run,
  point: Point,
  seconds: number,
  walk: Walk,
  budget: Budget,
): Promise<Walk> => {
  const days = Math.ceil(seconds / daySeconds);
  const begun = { ...walk, after: walk.after ?? point.lockedTo ?? null };
  const next = await walkPoint(context, point, begun, async ({ volumes }) => {
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
