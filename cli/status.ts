import { waitingQuestion } from "../functions/core/approval/approval.ts";
import { directionOf, protectedOf } from "../functions/core/model/direction.ts";
import { ageSecondsOf } from "../functions/core/model/exposure.ts";
import type { Plan, Resource } from "../functions/core/model/plan.ts";
import type { Row } from "../functions/core/model/row.ts";
import { reasonsOf } from "../functions/core/readiness/readiness.ts";
import { kinds } from "../functions/kinds/kinds.ts";
import type { Context } from "../functions/runtime/context.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { atDeployed, type DeployedOptions } from "./deployed.ts";
import { type ResourceStatus, type Status, statusLines } from "./status-text.ts";

/** `requireReady`: ends with 1 when a failover would not work now. */
export type StatusOptions = DeployedOptions & { requireReady?: boolean };

/** Says whether a failover would work, where an application is served, what its witnesses say, what waits, and how much would be lost. Reads only. */
export const status = (target: string, options: StatusOptions, output: Output, outside: Outside): Promise<ExitCode> =>
  atDeployed(target, options, output, outside, async ({ context, plan, call }) => {
    const { application, regions, protect } = plan;
    const { store, now } = context;
    const [{ planVersion, row, evidence, controls, trafficPlace, proof, readiness }, question] = await Promise.all([
      store.watched(application),
      store.question(application),
    ]);
    const at = now();
    const { problems, waiting } = reasonsOf(plan, row, readiness, proof?.since ?? null, at);
    const reasons = [...problems, ...waiting.map((one) => `not yet: ${one}`)];
    const report: Status = {
      application,
      regions,
      at: at.toISOString(),
      ready: reasons.length === 0,
      reasons,
      planVersion,
      row,
      evidence,
      controls,
      trafficPlace,
      proof,
      readiness,
      unfinished: row?.lastRun?.unfinished ?? null,
      question: waitingQuestion(question, row),
      resources: await Promise.all(protect.map((resource) => resourceStatus(context, plan, row, resource, at))),
    };
    if (options.json) output.out(JSON.stringify(report));
    else for (const line of statusLines(report, plan, call, output.paint)) output.out(line);
    return options.requireReady && !report.ready ? 1 : 0;
  });

/** Protected in the direction in which a run would lead now. */
const resourceStatus = async (
  context: Context,
  plan: Plan,
  row: Row | null,
  resource: Resource,
  now: Date,
): Promise<ResourceStatus> => {
  const route = { application: plan.application, ...directionOf(plan, row ?? { active: protectedOf(plan) }) };
  const found = await kinds[resource.kind].exposure(context, route, resource, null);
  return {
    resource: resource.name,
    point: found.point,
    pointAt: found.recoverableAt,
    rpoSeconds: ageSecondsOf(found, now),
    objectiveSeconds: plan.objectives.rpoSeconds,
  };
};
