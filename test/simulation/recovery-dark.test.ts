import { expect, it } from "vitest";
import type { Plan } from "../../functions/core/model/plan.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../terminal/plan-file.ts";
import { matrixPlan } from "./play.ts";

const shop = readPlanOrThrow(new URL("../../examples/web-shop.yml", import.meta.url).pathname);
const pair = matrixPlan("failover");
const records: Plan = { ...pair, traffic: { ...pair.traffic!, switch: "records", acceptControlPlane: true } };

/** Nobody looks then: neither a server that boots nor the invariant is judged by what was not seen. */
it.each([
  ["as a wave boots, though its servers have five minutes only", shop, "260s"],
  ["as Fence is at work", records, "306s"],
])("a controller's Region that is dark for ten minutes costs its time, and no run: %s", async (_, plan, at) => {
  const faults = [
    { at: "0s", for: "3h", fault: "region-down", region: "primary" },
    { at, for: "10m", fault: "region-down", region: "recovery" },
  ];
  const scenario = toScenario({ name: "both-dark", faults, until: "2h" }, "both-dark", plan);
  const result = resultOf(await playStory({ plan, scenario, seed: 1, run: null }));
  expect(result.runs.map(({ outcome }) => outcome)).toEqual(["succeeded"]);
  expect(result.servedBy).toBe("eu-central-1");
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
});
