import type { Watched } from "../aws/store/detect-items.ts";
import type { Plan } from "../core/model/plan.ts";
import { reasonsOf } from "../core/readiness/readiness.ts";
import type { Context } from "../runtime/context.ts";

/**
 * How many problems a failover would have, each minute, for the alarm: those that the hourly readiness check found, that it has
 * stopped, or that the application has moved already. Nothing is sent during a run, or when there is none.
 */
export const measureReadiness = (
  { metrics, now }: Context,
  plan: Plan,
  { row, proof, readiness }: Pick<Watched, "row" | "proof" | "readiness">,
): void => {
  if (!row || row.run) return;
  const { problems } = reasonsOf(plan, row, readiness, proof?.since ?? null, now());
  if (problems.length > 0) metrics.add("NotReady", "Count", problems.length, { Application: plan.application });
};
