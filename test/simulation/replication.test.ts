import { describe, expect, it } from "vitest";
import { leftovers } from "../../simulator/invariants/invariants.ts";
import { objectText } from "../../simulator/services/s3.ts";
import type { Story } from "../../simulator/story/played-story.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { newestPoints, stateOf } from "../../simulator/world/state-of.ts";
import { playPair } from "../support/pair.ts";
import { matrixPlan } from "./play.ts";

const recovery = "eu-central-1";
/** Time for a first round and a second one before the pass that a person starts. */
const earlier = { at: "-40m", for: "1s", fault: "slow-copy", factor: 1 };

const told = (story: Story) => {
  const run = story.executions.find(({ name }) => name.endsWith("-by-hand"))!;
  const { points } = stateOf(story.world, recovery, "pair");
  return {
    outcome: (run.results.get("Report") as { outcome?: string }).outcome,
    seconds: (run.endedAt! - run.startedAt) / 1_000,
    report: objectText(story.world, recovery, `lifeboat-reports-${recovery}`, `reports/pair/${run.name}.md`),
    newest: newestPoints(points, story.endedAt).get("server"),
    points,
    broken: resultOf(story).invariants.filter(({ held }) => !held),
    left: leftovers(story),
  };
};
const replicateOf = async (seed: number, ...faults: object[]) =>
  told(await playPair({ seed, run: "replicate", furtherPasses: 2, scenario: { faults: [earlier, ...faults] } }));
const replicate = (...faults: object[]) => replicateOf(1, ...faults);

describe("a pass of replication", () => {
  it.each([
    ["a snapshot in error", { for: "5s", fault: "snapshot-error", rate: 1 }, /failed: Internal error/],
    ["a volume that was deleted meanwhile", { fault: "volume-deleted" }, /volumes gone before their snapshots/],
    ["a disabled key", { for: "20m", fault: "key-disabled" }, /is Disabled, not Enabled/],
    ["a KMS denial that shows only later", { for: "20m", fault: "key-denied" }, /Given key ID is not accessible/],
    ["an alias that moved", { fault: "alias-moved" }, /copies stay under arn:aws:kms/],
  ])("names %s, is partial, and leaves the next ones to go on", async (_what, fault, expected) => {
    const { outcome, report, newest, points, broken, left } = await replicate(fault);
    expect(outcome).toBe("partial");
    expect(report).toMatch(expected);
    expect(newest).toBe(points.at(-1));
    expect({ broken, left }).toEqual({ broken: [], left: [] });
  });

  it("makes its way when the account's other callers leave a tenth of EC2's rate", async () => {
    const { outcome, broken, left } = await replicate({ fault: "token-buckets", share: 0.1 });
    expect({ outcome, broken, left }).toEqual({ outcome: "succeeded", broken: [], left: [] });
  });
});

describe("events of EBS", () => {
  it("shorten a pass, and change nothing else: late, double or lost ones neither", async () => {
    const seconds = { usual: 0, lost: 0 };
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const usual = await replicateOf(seed);
      const lost = await replicateOf(seed, { fault: "lost-events", rate: 1 });
      const strange = await replicateOf(seed, { fault: "duplicate-events" }, { fault: "late-events", by: "3m" });
      for (const { outcome, broken, left, points } of [usual, lost, strange])
        expect({ outcome, broken, left, count: points.length }).toEqual({
          outcome: "succeeded",
          broken: [],
          left: [],
          count: usual.points.length,
        });
      seconds.usual += usual.seconds;
      seconds.lost += lost.seconds;
    }
    // one pass may meet the end of a copy by its own clock, just before the event
    expect(seconds.usual).toBeLessThan(seconds.lost);
  });
});

describe("a rotation by hand", () => {
  const rotate = (input: Record<string, unknown>) =>
    playPair({
      plan: matrixPlan("rotate"),
      run: "rotate",
      input,
      scenario: { faults: [{ ...earlier, at: "-90m" }] },
    });

  it("leaves what is kept, and in both Regions nothing of the rest", async () => {
    const story = await rotate({ approve: true });
    const { outcome, points, broken, left } = told(story);
    expect({ outcome, broken, left }).toEqual({ outcome: "succeeded", broken: [], left: [] });
    expect(points.map(({ state }) => state)).toEqual(["complete"]);
  });

  it("refuses to take more than a fifth of the points unasked", async () => {
    const result = resultOf(await rotate({}));
    expect(result).toMatchObject({
      outcome: "refused",
      error: { name: "RefusedError", hint: expect.stringMatching(/approve/) },
    });
  });
});
