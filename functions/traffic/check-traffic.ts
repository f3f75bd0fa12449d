import { codeOf } from "../aws/calls/errors.ts";
import { healthCheck, isEndpointHealthy } from "../aws/health-checks.ts";
import { listByZone, vpcRegionsOf } from "../aws/route-53.ts";
import { ClusterSilentError, readStates } from "../aws/routing-control.ts";
import type { Findings } from "../core/findings.ts";
import { homeOf, type PlanSide, sideOf } from "../core/model/direction.ts";
import type { Plan, Traffic } from "../core/model/plan.ts";
import {
  type Check,
  isEndpointCheck,
  judgeHealthInputs,
  standbyChecks,
  unknownChecks,
} from "../core/traffic/health-inputs.ts";
import { hasPrivateNames } from "../core/traffic/private-names.ts";
import { judgeDrift } from "../core/traffic/record-drift.ts";
import { expectedStates, judgeStates, recordsWithout } from "../core/traffic/routing-control.ts";
import type { Context } from "../runtime/context.ts";

/**
 * Will the switch move the users? The zones by one short attempt, since they are asked of a control plane that a
 * failover must not need: not read is a warning. The cluster's states by any of its endpoints: no answer is a problem,
 * as the switch would not get one either. `active`: the Region that serves now.
 */
export const checkTraffic = async (context: Context, plan: Plan, active: string): Promise<Findings> => {
  const { traffic } = plan;
  if (!traffic?.records.length) return { problems: [], warnings: [] };
  const serving = sideOf(plan, active);
  const found = await Promise.all([
    checkControls(context, traffic, serving),
    checkZones(context, traffic, serving, homeOf(plan)),
    checkPrivateNames(context, plan, active),
  ]);
  return {
    problems: found.flatMap(({ problems }) => problems),
    warnings: found.flatMap(({ warnings }) => warnings),
  };
};

const checkZones = async (context: Context, traffic: Traffic, serving: PlanSide, home: string): Promise<Findings> => {
  try {
    const sets = await listByZone(context.clients, traffic.records, "optional");
    const standby = standbyChecks(traffic, sets);
    const checks = await readChecks(context, [...new Set([...unknownChecks(traffic, sets), ...standby])]);
    const failing = await readFailing(context, standby, checks);
    const found = [judgeDrift(traffic, sets, serving), judgeHealthInputs(traffic, sets, checks, home, failing)];
    return {
      problems: found.flatMap(({ problems }) => problems),
      warnings: found.flatMap(({ warnings }) => warnings),
    };
  } catch (error) {
    if (codeOf(error) === "NoSuchHostedZone")
      return { problems: [`the records: ${(error as Error).message}`], warnings: [] };
    return { problems: [], warnings: [`could not check the records and their health inputs (${codeOf(error)})`] };
  }
};

/** A name that the source's servers look up too moves with all traffic: a later wave does not find the one before it by it. */
const checkPrivateNames = async (context: Context, { recover, traffic }: Plan, active: string): Promise<Findings> => {
  if (recover.waves.length < 2 || !traffic || !hasPrivateNames(traffic)) return { problems: [], warnings: [] };
  const hidden = traffic.records.filter((record) => record.private);
  const warningOf = async ({ name, zone }: (typeof hidden)[number]) => {
    const regions = await vpcRegionsOf(context.clients, zone).catch((): string[] => []);
    if (!regions.includes(active)) return [];
    const because = `a VPC in ${active} also uses its private zone ${zone}`;
    return [`${name}: it moves only after the last wave, since ${because}; give the recovery VPC its own zone`];
  };
  return { problems: [], warnings: (await Promise.all(hidden.map(warningOf))).flat() };
};

/** A check that could not be read is absent, and so are those after it. */
const readChecks = async ({ clients, log }: Context, ids: string[]): Promise<Map<string, Check | null>> => {
  const checks = new Map<string, Check | null>();
  try {
    for (const id of ids) checks.set(id, await healthCheck(clients, id, "optional"));
  } catch (error) {
    log.warn("health checks could not be read", { because: (error as Error).message });
  }
  return checks;
};

/** The checks that fail now; one that cannot be read does not count. */
const readFailing = async ({ clients, log }: Context, ids: string[], checks: Map<string, Check | null>) => {
  const failing = new Set<string>();
  for (const id of ids) {
    const check = checks.get(id);
    if (!check || check.disabled || !isEndpointCheck(check)) continue;
    try {
      const healthy = await isEndpointHealthy(clients, id);
      if (healthy !== null && healthy === check.inverted) failing.add(id);
    } catch (error) {
      log.warn("the status of a health check could not be read", { id, code: codeOf(error) });
    }
  }
  return failing;
};

const checkControls = async (
  { clients, now }: Context,
  traffic: Traffic,
  serving: "primary" | "recovery",
): Promise<Findings> => {
  if (traffic.switch !== "routing-control") return { problems: [], warnings: [] };
  const names = expectedStates(traffic, serving).map(({ control }) => control);
  try {
    const { value } = await readStates(clients, traffic.cluster?.endpoints ?? [], now().getTime(), names);
    return judgeStates(traffic, serving, value);
  } catch (error) {
    const because =
      error instanceof ClusterSilentError ? error.message : `${codeOf(error)}: ${(error as Error).message}`;
    return { problems: [...recordsWithout(traffic), `routing controls: ${because}`], warnings: [] };
  }
};
