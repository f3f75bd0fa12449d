import { readdirSync } from "node:fs";
import { readPlan } from "../../cli/plan-file.ts";
import type { Plan, Resource, Traffic } from "../../functions/core/plan.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import type { CallRecord } from "../../simulator/kernel.ts";
import { outcomeOf } from "../../simulator/result.ts";
import { readScenario, toScenario } from "../../simulator/scenario.ts";
import { playStory, type Story, type StoryOptions } from "../../simulator/story.ts";

/** A story whose calls are compared with the roles, and how its last run has to end. */
export type Rehearsal = { name: string; ends: string; play: () => Promise<Story> };

/** Calls of one Lambda in all rehearsals. */
export type Called = Map<string, CallRecord[]>;

const planOf = (file: string): Plan => {
  const { plan, problems } = readPlan(new URL(`../../${file}`, import.meta.url).pathname);
  if (!plan) throw new Error(`${file}: ${JSON.stringify(problems)}`);
  return plan;
};
const pair = planOf("test/simulation/two-servers.yml");

const varied = (
  over: Partial<Plan["recover"]>,
  resource: (one: Resource) => Partial<Resource> = () => ({}),
  traffic: Partial<Traffic> = {},
): Plan => ({
  ...pair,
  recover: { ...pair.recover, ...over },
  protect: pair.protect.map((one) => ({ ...one, ...resource(one) })),
  traffic: { ...pair.traffic!, ...traffic },
});

type Options = Partial<StoryOptions> & { faults?: unknown[]; ends?: string };
const shipped = (file: string, scenario: string, ends: string): Rehearsal => {
  const plan = planOf(file);
  const play = () => playStory({ plan, scenario: readScenario(scenario, plan), seed: 1, run: null });
  return { name: `${file}, ${scenario}`, ends, play };
};
const own = (name: string, plan: Plan, { faults = [], ends = "succeeded", ...options }: Options): Rehearsal => {
  const scenario = toScenario({ name, faults }, name, plan);
  return { name, ends, play: () => playStory({ plan, scenario, seed: 1, run: "failover", ...options }) };
};

const [simple] = pair.traffic!.records.map((record) => ({ ...record, policy: "simple" as const }));
const once = (what: () => void) => {
  let done = false;
  return () => {
    if (!done) what();
    done = true;
  };
};

/** Images of the recovery Region that EC2 calls failed: a launch makes them again. */
const spoilImages: StoryOptions["onInvoking"] = undefined;

export const rehearsals: Rehearsal[] = [
  shipped("examples/web-shop.yml", "primary-region-down", "succeeded"),
  shipped("examples/minimal.yml", "primary-region-down", "succeeded"),
];
