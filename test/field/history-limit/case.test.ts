import { expect, it } from "vitest";
import { readScenario } from "../../../simulator/scenario/scenario.ts";
import { resultOf } from "../../../simulator/story/result.ts";
import { playStory } from "../../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../../terminal/plan-file.ts";

const file = (name: string) => new URL(name, import.meta.url).pathname;
const plan = readPlanOrThrow(file("./plan.yml"));
const play = () =>
  playStory({ plan, scenario: readScenario(file("./scenario.yml"), plan), seed: 1, run: null } as never);

/** Step Functions ends an execution (States.Runtime, nothing can catch it) when its history has 25,000 events. */
const most = 25_000;
/**
 * Twenty servers, ten of which never serve: looks at each server by itself passed Step Functions' 25,000 events; on AWS
 * the execution dies there, uncatchable. [aws-solutions/distributed-load-testing-on-aws#335,
 * aws-samples/aws-organizations-tag-inventory#16, loads/ardere#86, floci-io/floci#2734, SFN:service-quotas]
 */
it("the history of a failover that may take as long as its plan allows stays below the limit", async () => {
  const story = await play();
  const run = story.executions.find(({ machine }) => machine === "failover")!;
  const servers = 20;
  // entered and exited of each state; scheduled, started and succeeded of each task; iterations of the map; begin and end
  const events = 2 * run.transitions + 3 * run.invocations.length + 2 * servers + 4;
  expect(resultOf(story).outcome).toBe("succeeded");
  expect(events).toBeLessThan(most);
});
