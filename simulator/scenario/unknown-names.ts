import type { Plan } from "../../functions/core/model/plan.ts";
import type { PlanPath, PlanProblem } from "../../functions/core/plan/values/problems.ts";
import { known, ofRegion, ofType, ofZone, unknownNamesIn } from "./names-in-faults.ts";
import type { Scenario } from "./schema.ts";

/** Names of a scenario that neither the plan, nor the machines, nor the simulated AWS know: with one, nothing would happen. */
export const unknownNames = (scenario: Scenario, plan: Plan): PlanProblem[] => {
  const names = [plan.application, ...scenario.applications.map(({ application }) => application)];
  const resources = plan.protect.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const of = (path: PlanPath, application: string | undefined) =>
    application === undefined ? [] : known([...path, "application"], application, names);
  const { deployed, world } = scenario;
  return [
    ...(deployed !== undefined && resources.length > 0 ? [tooLate(deployed)] : []),
    ...Object.entries(world?.servers ?? {}).flatMap(([name, servers]) => [
      ...known(["world", "servers", name], name, resources),
      ...servers.flatMap(({ type }, at) => (type ? ofType(["world", "servers", name, at, "type"], type) : [])),
    ]),
    ...(world?.notOffered ?? []).flatMap(({ type, zone }, at) => [
      ...ofType(["world", "notOffered", at, "type"], type),
      ...ofZone(["world", "notOffered", at, "zone"], zone, plan),
    ]),
    ...scenario.faults.flatMap((fault, index) => unknownNamesIn(["faults", index], fault, plan, names)),
    ...scenario.operations.flatMap(({ application }, index) => of(["operations", index], application)),
    ...scenario.events.flatMap(({ application }, index) => of(["events", index], application)),
    ...scenario.applications.flatMap(({ primary, recovery }, index) =>
      Object.entries({ primary, recovery }).flatMap(([field, region]) =>
        ofRegion(["applications", index, field], region, plan),
      ),
    ),
    ...[...new Set(twice)].map((name) => ({
      path: ["applications"],
      at: "key" as const,
      expected: "each name once",
      got: `${name} again`,
    })),
  ];
};

const tooLate = (deployed: number): PlanProblem => ({
  path: ["deployed"],
  at: "value",
  got: `${deployed} s`,
  expected: "no value: this plan protects resources, whose recovery points exist only after the deployment",
});
