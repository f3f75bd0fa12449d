import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { step } from "../../functions/runtime/step.ts";
import { brokenIn } from "../support/judged-stories.ts";
import { pairPlan, playPair } from "../support/pair.ts";

/** A Fence that asks nobody, and says what is wished for. */
const lie = step("fence", z.any(), async () => ({
  done: true,
  fenced: true,
  at: new Date().toISOString(),
  sourceAnswered: true,
  servers: [],
  stopped: [],
  suspended: [],
  isolated: [],
  because: "read back from eu-west-1: 2 servers stopped",
}));

const policies = ["required", "best-effort"] as const;
const failover = (fence: (typeof policies)[number], over: Parameters<typeof playPair>[0] = {}) => {
  const plan = pairPlan();
  const recover = { ...plan.recover, fence };
  return playPair({ run: "failover", plan: { ...plan, recover }, scenario: { faults: [] }, ...over });
};

describe.each(policies)("of a source that answers, with `fence: %s`, invariant 2", (policy) => {
  it("holds when traffic moves behind the fence", async () => {
    const story = await failover(policy);
    expect([...story.writers.values()]).toEqual([[]]);
    expect(brokenIn(story)).toEqual([]);
  });

  it("tells of a Fence that lies, at the moment when traffic moves: later the guard has stopped what it left", async () => {
    const story = await failover(policy, { functions: { Fence: lie } });
    const broken = brokenIn(story);
    expect(broken.map(({ name }) => name)).toEqual(["2 no two writers"]);
    expect(broken[0]!.detail).toMatch(
      /moved traffic while i-\w+ was running; .* moved traffic while i-\w+ was running$/,
    );
  });
});
