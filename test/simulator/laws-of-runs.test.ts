import { describe, expect, it } from "vitest";
import { invariantsOf } from "../../simulator/invariants.ts";
import type { CallRecord } from "../../simulator/kernel.ts";
import type { Story } from "../../simulator/story.ts";
import { aCall, brokenIn, first, runOf, source, switchover } from "../support/judged-stories.ts";
import { dark, pairPlan, playPair } from "../support/pair.ts";

describe("after a failover while all is well, law 2 tells of", () => {
  it.each<[string, (story: Story) => void]>([
    [
      "an old server that was started again",
      (story) => Object.assign(first(source(story).instances), { state: "running" }),
    ],
    [
      "a new server that the plan selects there",
      (story) =>
        source(story).instances.set("i-new", { ...first(source(story).instances), id: "i-new", state: "running" }),
    ],
    [
      "an old server that runs, though the fence says that nobody answered",
      (story) => {
        Object.assign(runOf(story).results.get("Fence") as object, { fenced: false, sourceAnswered: false });
        Object.assign(first(source(story).instances), { state: "running" });
      },
    ],
  ])("%s, and no other law", async (_, tamper) => {
    const story = await switchover();
    tamper(story);
    expect(brokenIn(story).map(({ name }) => name)).toEqual(["2 no two writers"]);
  });
});

describe("of a Region that wakes after a failover, law 2 tells", () => {
  const law = "2 what wakes in an old Region is isolated";
  const waking = () =>
    playPair({
      plan: { ...pairPlan(), recover: { ...pairPlan().recover, fence: "best-effort" } },
      scenario: { faults: [{ ...dark, for: "30m" }] },
    });

  it("nothing when the guard has isolated it, and of each server that still runs when it has not", async () => {
    const story = await waking();
    expect(brokenIn(story)).toEqual([]);
    expect([...source(story).instances.values()].map(({ state }) => state)).toEqual(["stopped", "stopped"]);
    Object.assign(first(source(story).instances), { state: "running" });
    const told = brokenIn(story).find(({ name }) => name === law);
    expect(told?.detail).toMatch(/^i-\w+ still runs in eu-west-1, 120 s after the guard could know$/);
  });

  it("nothing when the guard was refused, or could never read", async () => {
    const story = await waking();
    Object.assign(first(source(story).instances), { state: "running" });
    const of = (calls: CallRecord[]) =>
      invariantsOf({ ...story, world: { ...story.world, journal: calls } }).find(({ name }) => name === law);
    const { journal } = story.world;
    expect(
      of([
        ...journal,
        aCall(story, { step: "Guard", at: new Date(story.endedAt).toISOString(), outcome: "UnauthorizedOperation" }),
      ])?.held,
    ).toBe(true);
    expect(of(journal.filter(({ step }) => step !== "Guard"))?.held).toBe(true);
  });
});
