import { expect, it } from "vitest";
import { readScenario } from "../../../simulator/scenario/scenario.ts";
import { resultOf } from "../../../simulator/story/result.ts";
import { playStory } from "../../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../../terminal/plan-file.ts";

/**
 * A wide outage comes from AWS Health as service MULTIPLE_SERVICES (message/101925; ARNs of October 2025 in us-east-1 and of
 * March 2026 in me-central-1). It counts for a witness of EC2 and EBS, and the application fails over.
 */

const file = (name: string) => new URL(name, import.meta.url).pathname;
const plan = readPlanOrThrow(file("./plan.yml"));
const play = () =>
  playStory({ plan, scenario: readScenario(file("./scenario.yml"), plan), seed: 1, run: null } as never);

it("an open issue of MULTIPLE_SERVICES in the primary Region counts for a witness awsHealth of EC2 and EBS", async () => {
  expect(resultOf(await play()).outcome).toBe("succeeded");
});
