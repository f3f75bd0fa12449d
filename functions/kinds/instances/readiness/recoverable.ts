import { type Findings, joined } from "../../../core/findings.ts";
import { skewWarnings } from "../../../core/instances/capture/skew.ts";
import type { Candidate, Placed } from "../../../core/instances/launch/preflight-rules.ts";
import type { Plan } from "../../../core/model/plan.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { candidatesOf } from "./candidates.ts";
import { checkConditions } from "./conditions.ts";
import { checkIsolation } from "./isolation.ts";
import type { LookedAt } from "./usable-point.ts";

export type Recoverable = Findings & { candidates: Candidate[]; placed: Placed[] };

/**
 * Can these points be recovered now? Every rule that a failover must pass before it launches anything, in one list: Preflight
 * refuses a run by it, and the readiness check of each hour, `check --online` and `deploy` say by it whether one would be refused.
 * `usable`: the points, in the order of the plan; `traffic`: what was found of the switch. Changes nothing.
 */
export const checkRecoverable = async (
  context: Context,
  run: Run,
  plan: Plan,
  usable: LookedAt[],
  traffic: Findings,
): Promise<Recoverable> => {
  const { protect } = plan;
  const candidates = protect.flatMap((resource, at) => (usable[at] ? candidatesOf(resource, usable[at]) : []));
  const [{ placed, ...conditions }, isolation] = await Promise.all([
    checkConditions(context, run, protect, candidates, plan.traffic),
    checkIsolation(context, run, protect, candidates),
  ]);
  const points = usable.flatMap(({ point }) => point ?? []);
  const planWarnings = [...togetherWarnings(plan), ...skewWarnings(points, protect)];
  const findings = joined([...usable, { problems: [], warnings: planWarnings }, conditions, isolation, traffic]);
  return { ...findings, candidates, placed };
};

const togetherWarnings = ({ recover: { boot, waves } }: Plan) =>
  boot === "together" && waves.length > 1
    ? ["recover.boot is together: a server that needs an earlier wave while it boots does not find it yet"]
    : [];
