/** Checks the names in a fault: Regions, services, operations, witnesses, types and zones. */

import { actionOfCall } from "../../functions/core/iam-actions.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { nearestWord } from "../../functions/core/nearest-word.ts";
import { gotText, type PlanPath, type PlanProblem } from "../../functions/core/plan/values/problems.ts";
import { instanceType } from "../ec2/type-names.ts";
import type { Services } from "../kernel.ts";
import { knownRegions } from "../locations.ts";
import { handlers } from "../machines/handlers.ts";
import { stepFunctionsOf } from "../machines/stepfunctions.ts";
import { scheduler } from "../services/scheduler.ts";
import { services } from "../services.ts";
import { globalControlPlaneServices } from "../story/dependencies-planes.ts";
import type { ScenarioFault } from "./schema.ts";

const simulated: Services = {
  ...services,
  SFN: stepFunctionsOf(() => undefined),
  Scheduler: scheduler(() => {}),
};
/** Services that a fault may take away: those that are simulated, Lambda, and what is named to show that nothing needs it. */
const serviceNames = [...Object.keys(simulated), "Lambda", ...globalControlPlaneServices].filter(
  (name, at, all) => all.indexOf(name) === at,
);

/** A name must be one of these. */
export const known = (path: PlanPath, name: string, names: readonly string[]): PlanProblem[] => {
  if (names.includes(name)) return [];
  const nearest = nearestWord(name, names);
  const got = `${gotText(name)}${nearest ? `; did you mean ${nearest}?` : ""}`;
  const few = names.length > namesMax ? `${names.slice(0, namesMax).join(", ")}, …` : names.join(", ");
  return [{ path, at: "value", expected: names.length === 1 ? names[0]! : `one of ${few}`, got }];
};
/** An error lists so many names at most. */
const namesMax = 40;

/** States that a machine or a schedule invokes. */
const steps = Object.keys(handlers);

export const unknownNamesIn = (
  path: PlanPath,
  fault: ScenarioFault,
  plan: Plan,
  applications: string[],
): PlanProblem[] => {
  const at = (...parts: PlanPath) => [...path, ...parts];
  const each = (
    field: string,
    values: readonly string[] | undefined,
    of: (place: PlanPath, value: string) => PlanProblem[],
  ) => (values ?? []).flatMap((value, index) => of(at(field, index), value));
  switch (fault.fault) {
    case "witness":
      return ofWitness(path, fault, plan, applications);
    case "lambda-crash":
      return [
        ...known(at("step"), fault.step, steps),
        ...(fault.operation === undefined ? [] : known(at("operation"), fault.operation, operationNames())),
      ];
    case "zone-edit":
      return known(
        at("name"),
        fault.name,
        (plan.traffic?.records ?? []).map(({ name }) => name),
      );
    case "link-down":
      return [
        ...ofRegion(at("from"), fault.from, plan),
        ...ofRegion(at("to"), fault.to, plan),
        ...(fault.from === fault.to ? [problem(at("to"), "another Region than `from`", fault.to)] : []),
      ];
    case "control-plane-down":
      return each("services", fault.services, (place, name) => known(place, name, serviceNames));
    case "brown-out":
      return [
        ...each("services", fault.services, (place, name) => known(place, name, serviceNames)),
        ...ofRegion(at("region"), fault.region, plan),
      ];
    case "right-missing":
      return [...known(at("action"), fault.action, actions()), ...ofRegion(at("region"), fault.region, plan)];
    case "no-capacity":
      return [
        ...each("types", fault.types, (place, type) => (type === "same" ? [] : ofType(place, type))),
        ...each("zones", fault.zones, (place, zone) => ofZone(place, zone, plan)),
      ];
    case "health-issue":
      return [
        ...ofRegion(at("region"), fault.region, plan),
        ...each("services", fault.services, (place, code) =>
          /^[A-Z][A-Z0-9_]*$/.test(code) ? [] : [problem(place, "a code of AWS Health such as EC2", code)],
        ),
      ];
    default:
      return [
        ...("operation" in fault ? ofOperation(at("operation"), fault.operation) : []),
        ...("region" in fault ? ofRegion(at("region"), fault.region, plan) : []),
      ];
  }
};

const problem = (path: PlanPath, expected: string, got: string): PlanProblem => ({
  path,
  at: "value",
  expected,
  got: gotText(got),
});

const ofWitness = (
  path: PlanPath,
  { name, state, application }: Extract<ScenarioFault, { fault: "witness" }>,
  { detect }: Plan,
  applications: string[],
): PlanProblem[] => {
  const kind = detect.witnesses.find((one) => one.name === name)?.kind;
  const cannot = state === "cannot-tell" && (kind === "silence" || kind === "awsHealth");
  return [
    ...known(
      [...path, "name"],
      name,
      detect.witnesses.map((one) => one.name),
    ),
    ...(cannot ? [problem([...path, "state"], `healthy or unhealthy of a witness ${kind}`, state)] : []),
    ...(application === undefined ? [] : known([...path, "application"], application, applications)),
  ];
};

/** What may be asked for, as IAM names it, and what EC2 checks beside a launch. */
const actions = () =>
  [
    ...Object.entries(simulated).flatMap(([service, all]) =>
      Object.keys(all).map((operation) => actionOfCall({ service, operation })),
    ),
    "iam:PassRole",
  ].sort();
const operationNames = () => [...new Set(Object.values(simulated).flatMap(Object.keys))].sort();

/** `RunInstances`, `EC2.RunInstances`, `EC2.*` or `*`. */
const ofOperation = (path: PlanPath, text: string): PlanProblem[] => {
  if (text === "*") return [];
  const dot = text.lastIndexOf(".");
  const [service, operation] = [text.slice(0, dot), text.slice(dot + 1)];
  const names = dot < 0 ? operationNames() : Object.keys(Object.hasOwn(simulated, service) ? simulated[service]! : {});
  if (names.includes(operation) || (operation === "*" && names.length > 0)) return [];
  const whole = Object.entries(simulated).flatMap(([name, all]) => Object.keys(all).map((one) => `${name}.${one}`));
  const nearest = nearestWord(text, dot < 0 ? names : [...whole, ...Object.keys(simulated).map((name) => `${name}.*`)]);
  const got = `${gotText(text)}${nearest ? `; did you mean ${nearest}?` : ""}`;
  return [{ path, at: "value", expected: "an operation such as EC2.RunInstances, EC2.* or *", got }];
};

export const ofRegion = (path: PlanPath, region: string | undefined, { regions }: Plan): PlanProblem[] => {
  if (region === undefined || [...knownRegions, ...Object.values(regions)].includes(region)) return [];
  const nearest = nearestWord(region, ["primary", "recovery", ...knownRegions]);
  const got = `${gotText(region)}${nearest ? `; did you mean ${nearest}?` : ""}`;
  return [{ path, at: "value", expected: "primary, recovery or a Region such as eu-west-1", got }];
};

export const ofType = (path: PlanPath, type: string): PlanProblem[] =>
  instanceType(type) ? [] : [problem(path, "an instance type such as m6i.large", type)];

/** Zones of the plan's Regions. */
export const ofZone = (path: PlanPath, zone: string, { regions, protect }: Plan): PlanProblem[] => {
  const usual = Object.values(regions).flatMap((region) => ["a", "b", "c"].map((letter) => region + letter));
  return known(
    path,
    zone,
    [...new Set([...usual, ...protect.flatMap(({ launch }) => Object.keys(launch.subnets))])].sort(),
  );
};
