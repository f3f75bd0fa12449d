import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { Plan } from "../../functions/core/model/plan.ts";
import { compilePlan } from "../../functions/core/plan/compile.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import type { Scenario } from "../../simulator/scenario/schema.ts";

const Decided = z.strictObject({ action: z.enum(["none", "hold", "notify", "ask", "act"]), code: z.string() });
const Range = z.strictObject({ min: z.int().default(0), max: z.int().default(Number.MAX_SAFE_INTEGER) });
const side = z.enum(["primary", "recovery"]).optional();
const ofApplication = {
  decisions: z.array(Decided).optional(),
  never: z.array(z.string()).optional(),
  runs: z.array(z.strictObject({ outcome: z.string(), error: z.string().optional() })).optional(),
  phase: z.string().optional(),
  active: side,
};
const Expected = z.strictObject({
  ...ofApplication,
  first: z.string().optional(),
  answers: z.array(z.string()).optional(),
  outcome: z.enum(["succeeded", "failed", "refused", "held", "none"]),
  traffic: side,
  calls: z.strictObject({ must: z.array(z.string()).default([]), never: z.array(z.string()).default([]) }),
  messages: z.array(z.string()).default([]),
  once: z.array(z.string()).default([]),
  dropped: z.array(z.string()).default([]),
  applications: z.record(z.string(), z.strictObject(ofApplication)).default({}),
  tally: z.partialRecord(z.enum(["act", "ask", "notify", "hold"]), Range).default({}),
});
export type Expected = z.infer<typeof Expected>;
export type ExpectedOfApplication = Pick<Expected, keyof typeof ofApplication>;

export type Directory = { name: string; plan: Plan; scenario: Scenario; seed: number; expected: Expected };

const root = new URL("./", import.meta.url);
const read = (path: string) => parse(readFileSync(new URL(path, root), "utf8"));

/** Every directory with a scenario, by name. */
export const directoryNames = () =>
  readdirSync(root)
    .filter((name) => existsSync(new URL(`${name}/scenario.yml`, root)))
    .sort();

/** Reads one; a mistake in any of its files is thrown. */
export const readDirectory = (name: string): Directory => {
  const { plan: file = "plan.yml", change = {}, seed = 1, ...scenario } = read(`${name}/scenario.yml`);
  const document = changed(read(new URL(file, new URL(`${name}/`, root)).href), change);
  const { plan, problems } = compilePlan(document);
  if (!plan) throw new Error(`${name}: ${JSON.stringify(problems)}`);
  const expected = Expected.parse(read(`${name}/expected.yml`));
  return { name, plan, seed, expected, scenario: toScenario({ name, ...scenario }, name, plan) };
};

/** Maps are merged key by key, everything else is replaced. */
const changed = (document: unknown, change: unknown): unknown => {
  if (!isMap(document) || !isMap(change)) return change;
  const parts = Object.entries(change).map(([key, value]) => [
    key,
    key in document ? changed(document[key], value) : value,
  ]);
  return { ...document, ...Object.fromEntries(parts) };
};
const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
