import { expect, it } from "vitest";
import type { Plan } from "../../functions/core/model/plan.ts";
import { readScenario } from "../../simulator/scenario/scenario.ts";
import type { Scenario } from "../../simulator/scenario/schema.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../terminal/plan-file.ts";

const plan = readPlanOrThrow("examples/three-tiers.yml");
const scenario = readScenario("examples/worlds/three-tiers.yml", plan);

const played = async (own: Plan, of: Scenario) => {
  const story = await playStory({ plan: own, scenario: of, seed: 1, run: null, approveAfterSeconds: 300 });
  const { outcome, servedBy, error, world } = resultOf(story);
  return { outcome, servedBy, message: error?.message ?? "", servers: world["us-west-2"]!.instances.length };
};
const withDb = (address: Plan["protect"][number]["launch"]["address"]): Plan => ({
  ...plan,
  protect: plan.protect.map((one) => (one.name === "db" ? { ...one, launch: { ...one.launch, address } } : one)),
});

it("a tier finds the one before by a private name that leads to another address on each side", async () => {
  expect(await played(plan, scenario)).toMatchObject({ outcome: "succeeded", servedBy: "us-west-2", servers: 3 });
});

it("a name that leads to no launched server is found by the rehearsal: the next tier does not serve", async () => {
  const { outcome, message } = await played(withDb("auto"), scenario);
  expect({ outcome, message }).toEqual({
    outcome: "failed",
    message: expect.stringMatching(/^app: 0 recovered, 1 needed/),
  });
});

it("a tier that knows the one before by its old address does not serve where that has another one", async () => {
  const named = { ...scenario, world: { ...scenario.world!, names: {} } };
  const { outcome, message } = await played(plan, named);
  expect({ outcome, message }).toEqual({
    outcome: "failed",
    message: expect.stringMatching(/^app: 0 recovered, 1 needed/),
  });
});
