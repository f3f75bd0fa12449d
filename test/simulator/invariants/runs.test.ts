import { describe, expect, it } from "vitest";
import { invariantsOf } from "../../../simulator/invariants/invariants.ts";
import type { CallRecord } from "../../../simulator/kernel.ts";
import type { Story } from "../../../simulator/story/played-story.ts";
import { aCall, brokenIn, first, runOf, source, switchover } from "../../support/judged-stories.ts";
import { dark, pairPlan, playPair } from "../../support/pair.ts";

describe("after a failover while all is well, invariant 2 tells of", () => {
  const asTrafficMoved = (story: Story, state: string) =>
    story.writers.set(runOf(story).arn, [{ id: first(source(story).instances).id, state }]);

  it.each<[string, (story: Story) => void]>([
    ["a server of the source that ran as traffic moved", (story) => asTrafficMoved(story, "running")],
    ["one that still shut down then", (story) => asTrafficMoved(story, "stopping")],
    [
      "one that ran, though the fence says that nobody answered",
      (story) => {
        Object.assign(runOf(story).results.get("Fence") as object, { fenced: false, sourceAnswered: false });
        asTrafficMoved(story, "running");
      },
    ],
  ])("%s, and no other invariant", async (_, tamper) => {
    const story = await switchover();
    tamper(story);
    expect(brokenIn(story).map(({ name }) => name)).toEqual(["2 no two writers"]);
  });

  it("nothing by best-effort of a server that hangs as it stops, though it was stopped by force", async () => {
    const story = await switchover();
    const { id } = first(source(story).instances);
    asTrafficMoved(story, "stopping");
    const input = { InstanceIds: [id], Force: true };
    story.world.journal.push(aCall(story, { operation: "StopInstances", input }));
    expect(brokenIn(story)).toEqual([]);
    const recover = { ...story.plan.recover, fence: "required" as const };
    expect(brokenIn({ ...story, plan: { ...story.plan, recover } }).map(({ name }) => name)).toEqual([
      "2 no two writers",
    ]);
  });
});

describe("of a Region that wakes after a failover, invariant 2 tells", () => {
  const invariant = "2 what wakes in an old Region is isolated";
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
    const told = brokenIn(story).find(({ name }) => name === invariant);
    expect(told?.detail).toMatch(/^i-\w+ still runs in eu-west-1, 120 s after the guard's first read$/);
  });

  it("nothing when the guard was refused, or could never read", async () => {
    const story = await waking();
    Object.assign(first(source(story).instances), { state: "running" });
    const of = (calls: CallRecord[]) =>
      invariantsOf({ ...story, world: { ...story.world, journal: calls } }).find(({ name }) => name === invariant);
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
