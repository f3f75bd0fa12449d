import { choosePoint } from "../../../core/points/choose-point.ts";
import type { Tried } from "../../../core/readiness/proof.ts";
import { isDenial } from "../../../core/readiness/proof.ts";
import type { Context } from "../../../runtime/context.ts";
import type { DryStep } from "../../../runtime/prove.ts";
import { checkTraffic } from "../../../traffic/check-traffic.ts";
import { candidatesOf } from "./candidates.ts";
import { checkConditions } from "./conditions.ts";
import { checkIsolation } from "./isolation.ts";
import { lookAtPoint } from "./usable-point.ts";

/**
 * Reads all that Preflight reads, of the newest points; what it finds is Preflight's to say on the day. A read that is
 * denied ends the proof, as it would end the run; one that a run can do without is noted as unknown.
 */
export const provePreflight = async ({ run, plan }: DryStep, context: Context): Promise<Tried[]> => {
  const seen = await Promise.all(
    plan.protect.map(async (resource) => {
      const points = await context.store.points(run.application, resource.name);
      const point = choosePoint(points, resource.name, { kind: "latest" }, run);
      return candidatesOf(resource, await lookAtPoint(context, run, resource.name, point?.id));
    }),
  );
  const candidates = seen.flat();
  const found = await Promise.all([
    checkConditions(context, run, plan.protect, candidates, plan.traffic),
    checkTraffic(context, plan, run.source),
    checkIsolation(context, run, plan.protect, candidates),
  ]);
  return found
    .flatMap(({ warnings }) => warnings)
    .filter(isDenial)
    .map((because) => ({ action: "a read", region: run.target, found: "unknown" as const, because }));
};
