import { checkLease, type Lease } from "../aws/store/lease.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Row } from "../core/model/row.ts";
import type { Run } from "../core/model/run.ts";
import type { Context } from "./context.ts";

/**
 * What a step of a run begins with: the row, by which it still holds the lease (invariant 1), and the plan. Read side by
 * side, as users wait. Throws StaleLeaseError when the lease has moved on.
 */
export const beginStep = async (context: Context, run: Run, lease: Lease): Promise<{ row: Row; plan: Plan }> => {
  const [row, plan] = await Promise.all([
    checkLease(context, run, lease),
    context.store.plan(run.application, run.planVersion),
  ]);
  return { row, plan };
};
