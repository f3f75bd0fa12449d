import { expect, it } from "vitest";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../terminal/plan-file.ts";

const plan = readPlanOrThrow(new URL("../simulation/two-servers.yml", import.meta.url).pathname);

it("an account that may run two functions at once fails over all the same", async () => {
  const faults = [{ fault: "region-down", region: plan.regions.primary }];
  const scenario = toScenario({ name: "two functions", world: { lambda: 2 }, faults }, "two functions", plan);
  expect(resultOf(await playStory({ plan, scenario, seed: 1, run: null })).outcome).toBe("succeeded");
});
