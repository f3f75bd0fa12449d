import { expect, it } from "vitest";
import { readScenario } from "../../../simulator/scenario/scenario.ts";
import { resultOf } from "../../../simulator/story/result.ts";
import { playStory } from "../../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../../terminal/plan-file.ts";

const file = (name: string) => new URL(name, import.meta.url).pathname;
const plan = readPlanOrThrow(file("./plan.yml"));

/**
 * The plan's security group in the recovery Region is gone: Preflight names it, and nothing is launched.
 * [github.com/ansible-collections/amazon.aws#824] [github.com/ansible/ansible-modules-core#347] [github.com/firesim/firesim#269]
 */
it("a security group of the plan that is not there is found by Preflight, before any launch", async () => {
  const story = await playStory({ plan, scenario: readScenario(file("./scenario.yml"), plan), seed: 1, run: null });
  const { steps, outcome, error } = resultOf(story);
  expect(outcome).not.toBe("succeeded");
  expect(error?.message).toContain("sg-0c30");
  expect(steps.filter(({ state }) => state === "Launch")).toEqual([]);
});
