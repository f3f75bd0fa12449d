import { expect, it } from "vitest";
import { resultOf } from "../../simulator/story/result.ts";
import { brokenIn } from "../support/judged-stories.ts";
import { playPair } from "../support/pair.ts";
import { tiersPlan, tiersWorld as world } from "../support/tiers.ts";

const dark = { fault: "region-down", region: "primary" };

it("a tier finds the one before it by its private name, which moves as soon as that one serves", async () => {
  const story = await playPair({ plan: tiersPlan(), scenario: { world, faults: [dark] } });
  const run = story.executions.find(({ machine }) => machine === "failover")!;
  expect(resultOf(story)).toMatchObject({ outcome: "succeeded", error: null });
  expect(run.results.get("MoveNames")).toMatchObject({ moved: ["db.pair.internal"] });
  expect(brokenIn(story)).toEqual([]);
});

it("without Route 53's control plane the names wait, and the run says what did not serve", async () => {
  const story = await playPair({
    plan: tiersPlan(),
    scenario: { world, faults: [dark, { fault: "control-plane-down", services: ["Route 53"] }] },
  });
  const { outcome, error } = resultOf(story);
  expect(outcome).toBe("failed");
  expect(error?.message).toMatch(
    /^app: 0 recovered, 2 needed \(app-\d: .* does not serve: .*; app-\d: .* does not serve: /,
  );
});
