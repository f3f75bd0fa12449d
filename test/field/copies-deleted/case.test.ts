import { expect, it } from "vitest";
import type { PreflightResult } from "../../../functions/preflight.ts";
import { readScenario } from "../../../simulator/scenario/scenario.ts";
import { resultOf } from "../../../simulator/story/result.ts";
import { playStory } from "../../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../../terminal/plan-file.ts";

const file = (name: string) => new URL(name, import.meta.url).pathname;
const plan = readPlanOrThrow(file("./plan.yml"));
const play = () => playStory({ plan, scenario: readScenario(file("./scenario.yml"), plan), seed: 1, run: null });

/**
 * A cleaner of unused images and snapshots has deleted the newest point's copies in the recovery Region.
 * [github.com/cloud-custodian/cloud-custodian#2363] [github.com/ministryofjustice/cloud-platform#7654]
 */
it("when the newest point's copies are gone, an older whole point within the loss budget is used", async () => {
  const story = await play();
  expect(resultOf(story).outcome).toBe("succeeded");
  const run = story.executions.find(({ machine }) => machine === "failover");
  const { warnings } = run!.results.get("Preflight") as PreflightResult;
  expect(warnings.join("\n")).toMatch(/cannot be used .* is missing.* is restored instead/);
});
