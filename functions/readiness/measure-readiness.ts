import type { Watched } from "../aws/store/detect-items.ts";
import type { Plan } from "../core/model/plan.ts";
import { reasonsOf } from "../core/readiness/readiness.ts";
import type { Context } from "../runtime/context.ts";

/**
 * How much stands in the way of a failover, each minute, for the alarm: what the evaluation of each hour found, that it came no more,
 * or that the application has moved already. While a run is on nobody needs to hear of it; nothing is sent when nothing does.
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
