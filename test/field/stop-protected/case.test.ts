import { expect, it } from "vitest";
import { readScenario } from "../../../simulator/scenario/scenario.ts";
import type { Story } from "../../../simulator/story/played-story.ts";
import { resultOf } from "../../../simulator/story/result.ts";
import { playStory } from "../../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../../terminal/plan-file.ts";

const file = (name: string) => new URL(name, import.meta.url).pathname;
const plan = readPlanOrThrow(file("./plan.yml"));
const play = () =>
  playStory({ plan, scenario: readScenario(file("./scenario.yml"), plan), seed: 1, run: null } as never);
const reportOf = (story: Story, run: RegExp) =>
  [...(story.world.region("S3", plan.regions.recovery, () => new Map()) as Map<string, { body: Buffer }>)]
    .filter(([key]) => /\.md$/.test(key) && run.test(key))
    .map(([, { body }]) => body.toString("utf8"))
    .join("\n");

/**
 * StopInstances is refused (stop protection, one-time Spot): the report says that the servers run, and not that they are still stopped.
 * [cloud-custodian/cloud-custodian#8003 #8007 #10594, aws-solutions/instance-scheduler-on-aws#76]
 */
it("servers that could not be stopped are not reported as stopped", async () => {
  const story = await play();
  const source = resultOf(story).world[plan.regions.primary] as { instances: { id: string; state: string }[] };
  const running = source.instances.filter(({ state }) => state === "running").map(({ id }) => id);
  const [, stopped = ""] = reportOf(story, /failover/).split(/^## Still stopped.*$/m);
  expect(running).toHaveLength(2);
  for (const id of running) expect(stopped.split(/^## /m)[0]).not.toContain(id);
});
