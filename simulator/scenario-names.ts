import type { Plan } from "../functions/core/plan.ts";
import { handlers } from "./handlers.ts";
import type { Scenario, ScenarioFault } from "./scenario.ts";

/** Names of a scenario that neither the plan nor the machines know: `field: expected … (got …)` each. */
export const strangersOf = (scenario: Scenario, plan: Plan): string[] => {
  const names = [plan.application, ...scenario.applications.map(({ application }) => application)];
  const resources = plan.protect.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const of = (field: string, application: string | undefined) =>
    application === undefined ? [] : known(`${field}.application`, application, names);
  const { deployed } = scenario;
  const tooLate = `deployed: expected none, as the plan protects resources, which comes first (got ${deployed} s)`;
  return [
    ...(deployed !== undefined && resources.length > 0 ? [tooLate] : []),
    ...Object.keys(scenario.world?.servers ?? {}).flatMap((one) => known("world.servers", one, resources)),
    ...scenario.faults.flatMap((fault, index) =>
      strangersIn(fault, plan, names).map((problem) => `faults.${index}.${problem}`),
    ),
    ...scenario.operations.flatMap(({ application }, index) => of(`operations.${index}`, application)),
    ...scenario.events.flatMap(({ application }, index) => of(`events.${index}`, application)),
    ...scenario.applications.flatMap(({ primary, recovery }, index) =>
      Object.entries({ primary, recovery }).flatMap(([field, region]) =>
        ofRegion(region).map((problem) => `applications.${index}.${field}: ${problem}`),
      ),
    ),
    ...[...new Set(twice)].map((name) => `applications: expected other names than ${name}, which is there already`),
  ];
};

const known = (field: string, name: string, names: string[]) =>
  names.includes(name) ? [] : [`${field}: expected one of ${names.join(", ")} (got ${name})`];

const strangersIn = (fault: ScenarioFault, { detect, traffic }: Plan, applications: string[]): string[] => {
  if (fault.fault === "witness") {
    const witnesses = detect.witnesses.map(({ name }) => name);
    const { application } = fault;
    const kind = detect.witnesses.find(({ name }) => name === fault.name)?.kind;
    const cannot = fault.state === "cannot-tell" && (kind === "silence" || kind === "awsHealth");
    return [
      ...known("name", fault.name, witnesses),
      ...(cannot ? [`state: expected healthy or unhealthy of a witness ${kind} (got cannot-tell)`] : []),
      ...(application === undefined ? [] : known("application", application, applications)),
    ];
  }
  if (fault.fault === "lambda-crash") return known("step", fault.step, Object.keys(handlers));
  if (fault.fault === "zone-edit") {
    const records = (traffic?.records ?? []).map(({ name }) => name);
    return known("name", fault.name, records);
  }
  return ofRegion("region" in fault ? fault.region : undefined).map((problem) => `region: ${problem}`);
};

const ofRegion = (region: string | undefined) =>
  region === undefined || /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)
    ? []
    : [`expected primary, recovery or a Region such as eu-west-1 (got ${region})`];
