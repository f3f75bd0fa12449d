import { describe, expect, test } from "vitest";
import { answersAt } from "../../simulator/dns/dns.ts";
import { runsOf } from "../../simulator/machines/runs.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { messagesOf } from "../../simulator/services/sns.ts";
import type { StoryOptions } from "../../simulator/story/played-story.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { matrixPlan } from "./play.ts";

const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
const pair = matrixPlan("failover");
const plan = { ...pair, notify: { ...pair.notify, topics: [topic] } };
const dark = { at: "0s", fault: "region-down", region: "primary" };
/** A step of the run dies, as often as its machine tries, between these minutes. */
const dies = (step: string, minutes: number) => ({
  at: "0s",
  for: `${minutes}m`,
  fault: "lambda-crash",
  step,
  when: "before",
  count: 10_000,
});

const play = (given: { faults: object[] }, over: Partial<StoryOptions> = {}) => {
  const scenario = toScenario({ name: "second start", until: "3h", ...given }, "second start", plan);
  return playStory({ plan, scenario, seed: 1, run: null, ...over });
};
type Played = Awaited<ReturnType<typeof play>>;
const runsIn = (story: Played) =>
  runsOf(story.executions).map(({ name, status }) => `${name.replace(/\d{8}T\d{4}Z/, "I")} ${status}`);
const actsIn = ({ decisions }: Played) => decisions.filter(({ action }) => action === "act");
const brokenInvariants = (story: Played) => resultOf(story).invariants.filter(({ held }) => !held);

describe("the run of an incident that ended on a passing fault", () => {
  test.each([
    ["AcquireLease", 18],
    ["Preflight", 18],
    ["LossGate", 18],
    ["Fence, when all servers run,", 18],
  ])("is started once more by itself, and moves: %s died for %i minutes", async (step, minutes) => {
    const story = await play({ faults: [dark, dies(step.split(",")[0]!, minutes)] });
    expect(runsIn(story)).toEqual(["failover-pair-I FAILED", "failover-pair-I-again SUCCEEDED"]);
    expect(actsIn(story).map(({ code }) => code)).toEqual(["RegionUnhealthy", "RegionUnhealthy"]);
    expect(actsIn(story)[1]?.because).toMatch(/once more: failover-pair-\d{8}T\d{4}Z ended on Lambda\.Unknown at /);
    expect(messagesOf(story.world).filter(({ message }) => message.includes("once more"))).not.toEqual([]);
    expect(answersAt(story.world, "pair.example.com.", "A", story.world.now())).toEqual(["198.51.100.30"]);
    expect(brokenInvariants(story)).toEqual([]);
  });
  test("is not started a third time", async () => {
    const story = await play({ faults: [dark, dies("Preflight", 60)] });
    expect(runsIn(story)).toEqual(["failover-pair-I FAILED", "failover-pair-I-again FAILED"]);
  });
  test("is not started again when a person stopped it, nor when it was refused", async () => {
    const stopped = await play(
      { faults: [dark] },
      { onInvoking: ({ arn }, state, executions) => state === "Preflight" && executions.stop(arn, "ABORTED") },
    );
    expect(runsIn(stopped)).toEqual(["failover-pair-I ABORTED"]);
    const refused = await play({ faults: [dark, { at: "0s", fault: "copies-deleted", newest: 100 }] });
    expect(runsIn(refused)).toEqual(["failover-pair-I FAILED"]);
  });
});
