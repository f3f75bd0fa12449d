import { expect, it } from "vitest";
import { tagsOf } from "../../../functions/aws/ec2/tags.ts";
import { ec2Of } from "../../../simulator/ec2/state.ts";
import { readScenario } from "../../../simulator/scenario/scenario.ts";
import { resultOf } from "../../../simulator/story/result.ts";
import { playStory } from "../../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../../terminal/plan-file.ts";

const file = (name: string) => new URL(name, import.meta.url).pathname;
const plan = readPlanOrThrow(file("./plan.yml"));

/** One tag `constructor` on one server ended the protection of all; a witness, a resource or a server of that name broke a look or a launch. */
it("an application whose tags and names are keys of every object is protected, watched and moved", async () => {
  const story = await playStory({ plan, scenario: readScenario(file("./scenario.yml"), plan), seed: 1, run: null });
  expect(resultOf(story).outcome).toBe("succeeded");
  const launched = [...ec2Of(story.world, "eu-central-1").instances.values()];
  const named = launched.map(({ tags, type }) => ({ ...tagsOf(tags), type }) as Record<string, string>);
  expect(named.sort((a, b) => (a.Name! < b.Name! ? -1 : 1))).toEqual([
    expect.objectContaining({ Name: "constructor", constructor: "web", toString: "web", valueOf: "acme" }),
    expect.objectContaining({ Name: "valueOf", constructor: "web", type: "m6i.large" }),
  ]);
});
