import type { Plan } from "../../functions/core/model/plan.ts";
import { permissionsOf } from "../../infra/iam/permissions.ts";
import type { Statement } from "../../infra/iam/policy.ts";
import { joined, type Scope, scopeOf } from "../../infra/iam/scope.ts";
import { kebabCase } from "../../infra/names.ts";
import { sensorStatements, sensorStepNames } from "../../infra/sensor-functions.ts";
import { authorize, type Denial } from "../../simulator/iam/authorize.ts";
import type { CallRecord } from "../../simulator/kernel.ts";
import type { Environment } from "../../simulator/world/environment.ts";

/** Statements as CloudFormation makes them of ours in a Region of the simulated account. */
export const resolved = (statements: Statement[], region: string): Statement[] =>
  JSON.parse(
    JSON.stringify(statements)
      .replaceAll("${AWS::Partition}", "aws")
      .replaceAll("${AWS::AccountId}", "111122223333")
      .replaceAll("${AWS::Region}", region)
      .replaceAll("${UserDataKey.Arn}", `arn:aws:kms:${region}:111122223333:key/user-data`),
  );

/** A plan's scope, with the roles of its servers in the simulated account: each profile has one of its own name. */
export const simulatedScope = (plan: Plan): Scope =>
  scopeOf(
    plan,
    plan.protect.map(({ name, launch }) =>
      launch.instanceProfile && launch.instanceProfile !== "same" ? launch.instanceProfile : `${name}-profile`,
    ),
  );

/** Lets a story be played under the very roles of a deployment; gives what was denied, as it comes. */
export const underOurRoles = (
  { world, plans }: Pick<Environment, "world" | "plans">,
  spoil: (statements: Statement[]) => Statement[] = (statements) => statements,
): Denial[] => {
  const scopes = new Map<string, Scope>();
  for (const { regions } of plans) {
    const served = plans.filter((plan) => plan.regions.recovery === regions.recovery);
    scopes.set(regions.recovery, joined(served.map(simulatedScope)));
  }
  const roles = new Map<string, Statement[]>();
  const roleOf = (call: CallRecord): Statement[] | null => {
    const step = kebabCase(call.step);
    if (["", "deploy", "person"].includes(step)) return null;
    return sensorStepNames.includes(step) ? sensorRole(step, call) : controllerRole(step, call);
  };
  const controllerRole = (step: string, { execution }: CallRecord) => {
    // a function that no machine invokes is one of the only controller there is
    const home = execution.split(":")[3] ?? [...scopes.keys()][0]!;
    const key = `${home} ${step}`;
    if (!roles.has(key)) roles.set(key, resolved(permissionsOf(scopes.get(home)!)[step] ?? [], home));
    return roles.get(key)!;
  };
  const sensorRole = (step: string, _call: CallRecord) => {
    const [plan, ...others] = plans as [Plan, ...Plan[]];
    // whose sensor calls, a call does not say: with one plan there is no doubt
    if (others.length > 0) return null;
    const key = `sensor ${step}`;
    if (!roles.has(key)) {
      const places = step === "guard" ? [plan.regions.primary] : [plan.regions.recovery];
      roles.set(
        key,
        places.flatMap((region) => resolved(sensorStatements(simulatedScope(plan), plan, step, region), region)),
      );
    }
    return roles.get(key)!;
  };
  return authorize(world, (call) => {
    const role = roleOf(call);
    return role && spoil(role);
  });
};
