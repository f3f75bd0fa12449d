import { expect, it, vi } from "vitest";
import { readPlanOrThrow } from "../../../cli/plan-file.ts";
import { ec2Of } from "../../../simulator/ec2/state.ts";
import { resultOf } from "../../../simulator/result.ts";
import { readScenario } from "../../../simulator/scenario.ts";
import { playStory } from "../../../simulator/story.ts";

// the simulator may be loaded already, by a test before this one
vi.hoisted(() => vi.resetModules());
vi.mock(import("../../../simulator/happenings.ts"), async (original) => {
  const real = await original();
  const happen: typeof real.happen = (world, plans, fault) => {
    if (fault.fault !== "alias-moved" || fault.alias !== "alias/tidy") return real.happen(world, plans, fault);
    ec2Of(world, fault.region).securityGroups.delete("sg-0c30");
    return () => {};
  };
  return { ...real, happen };
});

const file = (name: string) => new URL(name, import.meta.url).pathname;
const plan = readPlanOrThrow(file("./plan.yml"));
/**
 * The plan's security group in the recovery Region is gone: Preflight names it, and nothing is launched.
 * [github.com/ansible-collections/amazon.aws#824] [github.com/ansible/ansible-modules-core#347] [github.com/firesim/firesim#269]
 */
it("a security group of the plan that is not there is found by Preflight, before any launch", async () => {
  const story = await playStory({
    plan,
    scenario: readScenario(file("./scenario.yml"), plan),
    seed: 1,
    run: null,
  } as never);
  const { steps, outcome, error } = resultOf(story);
  expect(outcome).not.toBe("succeeded");
  expect(error?.message).toContain("sg-0c30");
  expect(steps.filter(({ state }) => state === "Launch")).toEqual([]);
});
