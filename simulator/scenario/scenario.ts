import type { z } from "zod";
import { PlanInvalidError } from "../../functions/core/errors.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { own } from "../../functions/core/own.ts";
import { lostKeys, type PlanProblem, pathText } from "../../functions/core/plan/values/problems.ts";
import { parseYaml } from "../../terminal/yaml.ts";
import { createPositions, toPosition } from "../../terminal/yaml-position.ts";
import { scenarioProblems } from "./problems.ts";
import {
  type Application,
  type FurtherApplication,
  type Scenario,
  type ScenarioFault,
  ScenarioFile,
} from "./schema.ts";
import { scenarioText } from "./text.ts";
import { unknownNames } from "./unknown-names.ts";

/** Reads a scenario by its shipped name or its file. Throws PlanInvalidError with every problem and its place. */
export const readScenario = (nameOrFile: string, plan: Plan): Scenario => {
  const { document, lines, value, broken, repeated } = parseYaml(scenarioText(nameOrFile), "a scenario");
  const at = (offset: number) => {
    const { line, column } = toPosition(lines, offset);
    return `${nameOrFile}:${line}:${column}: `;
  };
  const ofYaml = broken ? [broken] : repeated;
  if (ofYaml.length > 0) throw invalid(ofYaml, ({ offset, expected, got }) => sentence(at(offset), expected, got));
  const positionOf = createPositions(document, lines);
  return toScenario(value, nameOrFile, plan, (problem) => {
    const { line, column } = positionOf(problem.path, problem.at);
    return `${nameOrFile}:${line}:${column}`;
  });
};

const sentence = (place: string, expected: string, got: string) => `${place}expected ${expected} (got ${got})`;

/** An error shows so many problems; it counts the rest. */
const problemsMax = 40;
const invalid = <P>(problems: P[], line: (problem: P) => string) => {
  const more = problems.length > problemsMax ? [`and ${problems.length - problemsMax} more problems`] : [];
  const text = [...problems.slice(0, problemsMax).map(line), ...more].join("\n");
  return new PlanInvalidError(text, "See docs/scenarios.md for the keys of a scenario.");
};

/** Checks a scenario and puts the plan's Regions in the place of `primary` and `recovery`; `placeOf` a problem in its file. */
export const toScenario = (
  document: unknown,
  name: string,
  plan: Plan,
  placeOf: (problem: PlanProblem) => string = () => name,
): Scenario => {
  const refuse = (problems: PlanProblem[]) => {
    if (problems.length === 0) return;
    throw invalid(problems, (problem) =>
      sentence(`${placeOf(problem)} ${pathText(problem.path) || "file"}: `, problem.expected, problem.got),
    );
  };
  const parsed = ScenarioFile.safeParse(document);
  if (!parsed.success) refuse(scenarioProblems(ScenarioFile, parsed.error.issues, document));
  refuse(lostKeys(document, []));
  const inPlan = (region: string) => own(plan.regions as Record<string, string>, region) ?? region;
  const data = parsed.data!;
  const scenario: Scenario = {
    ...data,
    faults: data.faults.map((fault) => placed(fault, inPlan)),
    applications: data.applications.flatMap((one) => copiesOf(one, inPlan)),
  };
  refuse(unknownNames(scenario, plan));
  return scenario;
};

const placed = (fault: ScenarioFault, inPlan: (region: string) => string): ScenarioFault => {
  if (fault.fault === "link-down") return { ...fault, from: inPlan(fault.from), to: inPlan(fault.to) };
  return "region" in fault && fault.region ? { ...fault, region: inPlan(fault.region) } : fault;
};

/** `count` of them, numbered; a list of Regions is taken in turn. */
const copiesOf = (
  { application, count, primary, recovery, ...parts }: z.infer<typeof Application>,
  inPlan: (region: string) => string,
): FurtherApplication[] =>
  Array.from({ length: count }, (_, index) => {
    const primaries = [primary ?? []].flat();
    return {
      ...parts,
      application: count === 1 ? application : `${application}-${index + 1}`,
      ...(primaries.length > 0 && { primary: inPlan(primaries[index % primaries.length]!) }),
      ...(recovery !== undefined && { recovery: inPlan(recovery) }),
    };
  });
