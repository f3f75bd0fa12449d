import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { PlanInvalidError } from "../functions/core/errors.ts";
import type { Plan } from "../functions/core/plan.ts";
import { handlers } from "./handlers.ts";
import { Inventory } from "./inventory.ts";

const unit = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const duration = z
  .string()
  .regex(/^-?\d+[smhd]$/, "expected a duration such as 30s, 15m, 1h, -10m")
  .transform((text) => Number(text.slice(0, -1)) * unit[text.slice(-1) as keyof typeof unit]);
const span = duration.refine((seconds) => seconds > 0, "expected more than zero");
const rate = z.number().min(0).max(1);
const ofKey = { region: z.string().default("recovery"), key: z.string().optional() };
const when = { at: duration.default(0), for: span.optional() };

/** Design, section 7: every fault of a scenario file, with what it takes. Regions may be `primary` or `recovery`. */
const Fault = z.discriminatedUnion("fault", [
  z.strictObject({ ...when, fault: z.literal("region-down"), region: z.string() }),
  z.strictObject({ ...when, fault: z.literal("control-plane-down"), services: z.array(z.string()).min(1) }),
  z.strictObject({
    ...when,
    fault: z.literal("api-error"),
    operation: z.string(),
    error: z.string(),
    rate: rate.optional(),
    count: z.int().min(1).optional(),
  }),
  z.strictObject({ ...when, fault: z.literal("throttle"), operation: z.string().default("*"), rate }),
  z.strictObject({ ...when, fault: z.literal("lost-response"), operation: z.string().default("*"), rate }),
  z.strictObject({ ...when, fault: z.literal("slow-copy"), factor: z.number().min(1).max(1_000) }),
  z.strictObject({ ...when, fault: z.literal("copy-error"), rate }),
  z.strictObject({ ...when, fault: z.literal("copy-quota"), limit: z.int().min(0) }),
  z.strictObject({ ...when, fault: z.literal("snapshot-error"), rate }),
  z.strictObject({ ...when, fault: z.literal("volume-deleted"), count: z.int().min(1).default(1) }),
  z.strictObject({ ...when, fault: z.literal("key-disabled"), ...ofKey }),
  z.strictObject({ ...when, fault: z.literal("key-denied"), ...ofKey }),
  z.strictObject({
    ...when,
    fault: z.literal("alias-moved"),
    region: z.string().default("recovery"),
    alias: z.string().startsWith("alias/").optional(),
  }),
  z.strictObject({ ...when, fault: z.literal("token-buckets"), share: z.number().gt(0).max(1) }),
  z.strictObject({
    ...when,
    fault: z.literal("no-capacity"),
    types: z.array(z.string()).min(1).optional(),
    zones: z.array(z.string()).min(1).optional(),
  }),
  z.strictObject({ ...when, fault: z.literal("duplicate-events") }),
  z.strictObject({ ...when, fault: z.literal("late-events"), by: span }),
  z.strictObject({ ...when, fault: z.literal("lost-events"), rate }),
  z.strictObject({
    ...when,
    fault: z.literal("lambda-crash"),
    step: z.string(),
    operation: z.string().optional(),
    nth: z.int().min(1).default(1),
    when: z.enum(["before", "after"]).default("after"),
    count: z.int().min(1).default(1),
  }),
  z.strictObject({
    ...when,
    fault: z.literal("witness"),
    name: z.string(),
    state: z.enum(["healthy", "unhealthy", "cannot-tell"]),
  }),
]);

const ScenarioFile = z.strictObject({
  name: z.string().min(1),
  world: Inventory.nullish(),
  until: span.default(6 * 3_600),
  detect: z.enum(["on", "off"]).default("on"),
  faults: z.array(Fault).default([]),
});

/** Seconds; `at` counts from time 0. */
export type Scenario = z.infer<typeof ScenarioFile>;
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
  const faults = parsed.data.faults.map((fault) =>
    "region" in fault ? { ...fault, region: regions[fault.region] ?? fault.region } : fault,
  );
  const resources = plan.protect.map((resource) => resource.name);
  const strangers = [
    ...Object.keys(parsed.data.world?.servers ?? {}).flatMap((one) => known("world.servers", one, resources)),
    ...faults.flatMap((fault, index) => strangersIn(fault, plan).map((problem) => `faults.${index}.${problem}`)),
  ].map((problem) => `${name}: ${problem}`);
  if (strangers.length > 0)
    throw new PlanInvalidError(strangers.join("\n"), "With a name that nothing has, the fault would never happen.");
  return { ...parsed.data, faults };
};

const known = (field: string, name: string, names: string[]) =>
  names.includes(name) ? [] : [`${field}: expected one of ${names.join(", ")} (got ${name})`];

/** Names that neither the plan nor the machines know. */
const strangersIn = (fault: ScenarioFault, { detect }: Plan): string[] => {
  if (fault.fault === "witness")
    return known(
      "name",
      fault.name,
      detect.witnesses.map((witness) => witness.name),
    );
  if (fault.fault === "lambda-crash") return known("step", fault.step, Object.keys(handlers));
  if (!("region" in fault) || /^[a-z]{2}(-[a-z]+)+-\d$/.test(fault.region)) return [];
  return [`region: expected primary, recovery or a Region such as eu-west-1 (got ${fault.region})`];
};
