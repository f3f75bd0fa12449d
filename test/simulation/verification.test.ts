import { expect, it } from "vitest";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { matrixPlan } from "./play.ts";

/** The first launches of an account in a Region wait until it is verified: within minutes, or within hours. */
it.each([10, 100])("a Region whose use is verified for %i minutes costs its time, and no run", async (minutes) => {
  const plan = matrixPlan("failover");
  const faults = [
    { at: "0s", for: "4h", fault: "region-down", region: "primary" },
    { at: "0s", fault: "verification-pending", for: `${minutes}m` },
  ];
  const scenario = toScenario({ name: "verification", faults, until: "3h" }, "verification", plan);
  const result = resultOf(await playStory({ plan, scenario, seed: 1, run: null }));
  expect(result.runs.map(({ outcome }) => outcome)).toEqual(["succeeded"]);
  expect(result.rtoSeconds).toBeGreaterThan(minutes * 60);
  expect(result.rtoSeconds).toBeLessThan(minutes * 60 + 500);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
});
