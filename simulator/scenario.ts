import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { PlanInvalidError } from "../functions/core/errors.ts";
import type { Plan } from "../functions/core/plan.ts";
import { Inventory } from "./inventory.ts";
import { duration, Fault, span } from "./scenario-faults.ts";
import { strangersOf } from "./scenario-names.ts";

/** What a person does, through the code that the command line uses. */
const Operation = z.strictObject({
  at: duration.default(0),
  do: z.enum(["pause", "resume", "approve", "withhold", "acknowledge", "failover", "replicate", "rotate"]),
  application: z.string().optional(),
  input: z.record(z.string(), z.unknown()).default({}),
});

/** An EventBridge event as AWS delivers it; `raw`: given to Detect as it is, without the shape of the rule. */
const Event = z.strictObject({
  at: duration.default(0),
  application: z.string().optional(),
  event: z.unknown(),
  raw: z.boolean().default(false),
});

/** Warm-standby applications beside the plan's own: copies of the plan with these parts changed, `protect: []`. */
const Application = z.strictObject({
  application: z.string().min(1),
  count: z.int().min(1).max(100).default(1),
  priority: z.int().optional(),
  primary: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  recovery: z.string().optional(),
  action: z.enum(["notify", "approve", "automatic"]).optional(),
});

const ScenarioFile = z.strictObject({
  name: z.string().min(1),
  world: Inventory.nullish(),
  until: span.default(6 * 3_600),
  detect: z.enum(["on", "off"]).default("on"),
  /** When Lifeboat is deployed; without it, at the beginning, with everything well. */
  deployed: duration.refine((seconds) => seconds <= 0, "expected time 0 at the latest").optional(),
  faults: z.array(Fault).default([]),
  operations: z.array(Operation).default([]),
  events: z.array(Event).default([]),
  applications: z.array(Application).default([]),
});

/** One warm-standby application beside the plan's own; what is not given is as in the plan. */
export type FurtherApplication = Pick<z.infer<typeof Application>, "application" | "priority" | "action"> & {
  primary?: string;
  recovery?: string;
};

/** Seconds; `at` counts from time 0. */
export type Scenario = Omit<z.infer<typeof ScenarioFile>, "applications"> & { applications: FurtherApplication[] };
export type ScenarioFault = Scenario["faults"][number];

const shipped = new URL("../examples/scenarios/", import.meta.url);

/** Reads a scenario by its shipped name or its file. Throws PlanInvalidError with every problem. */
export const readScenario = (nameOrFile: string, plan: Plan): Scenario => {
  const file = /[./\\]/.test(nameOrFile) ? nameOrFile : new URL(`${nameOrFile}.yml`, shipped);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new PlanInvalidError(
      `scenario ${nameOrFile}: expected a shipped name or a readable file`,
      "The shipped ones are the files of examples/scenarios/.",
    );
  }
  return toScenario(parseYaml(text, nameOrFile), nameOrFile, plan);
};

const parseYaml = (text: string, name: string): unknown => {
  try {
    return parse(text, { maxAliasCount: 20 });
  } catch (error) {
    throw new PlanInvalidError(`${name}: ${(error as Error).message.split("\n")[0]}`, "Mend the YAML.");
  }
};

/** Checks a scenario and puts the plan's Regions in the place of `primary` and `recovery`. */
export const toScenario = (document: unknown, name: string, plan: Plan): Scenario => {
  const parsed = ScenarioFile.safeParse(document);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${name}: ${path.join(".") || "file"}: ${message}`);
    throw new PlanInvalidError(problems.join("\n"), "See docs/scenarios.md for what a scenario may hold.");
  }
  const regions: Record<string, string> = plan.regions;
  const inPlan = (region: string) => regions[region] ?? region;
  const { data } = parsed;
  const scenario: Scenario = {
    ...data,
    faults: data.faults.map((fault) => placed(fault, inPlan)),
    applications: data.applications.flatMap((one) => copiesOf(one, inPlan)),
  };
  const strangers = strangersOf(scenario, plan).map((problem) => `${name}: ${problem}`);
  if (strangers.length > 0)
    throw new PlanInvalidError(strangers.join("\n"), "With a name that nothing has, it would never happen.");
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
