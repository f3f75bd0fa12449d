import { describe, expect, test } from "vitest";
import { runsOf } from "../../simulator/machines/runs.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { objectKeys } from "../../simulator/services/s3.ts";
import { messagesOf } from "../../simulator/services/sns.ts";
import type { StoryOptions } from "../../simulator/story/played-story.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { stateOf } from "../../simulator/world/state-of.ts";
import { matrixPlan } from "./play.ts";

const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
const pair = matrixPlan("failover");
const plan = { ...pair, notify: { topics: [topic], on: ["done" as const] } };
const { recovery } = plan.regions;
const dark = { at: "0s", fault: "region-down", region: "primary" };

const play = (faults: object[], over: Partial<StoryOptions> = {}) => {
  const scenario = toScenario({ name: "untold", faults: [dark, ...faults] }, "untold", plan);
  return playStory({ plan, scenario, seed: 1, run: null, ...over });
};
type Played = Awaited<ReturnType<typeof play>>;
const announcedOf = ({ world, executions }: Played) => ({
  subjects: messagesOf(world).flatMap(({ subject, message }) =>
    message.includes(`Run: ${runsOf(executions)[0]!.name} `) ? [subject] : [],
  ),
  reports: objectKeys(world, recovery).filter((key) => key.includes(`${runsOf(executions)[0]!.name}.`)).length,
  untold: stateOf(world, recovery, plan.application).untold,
});
const brokenInvariants = (story: Played) => resultOf(story).invariants.filter(({ held }) => !held);
const crash = { fault: "lambda-crash", step: "Report", count: 100 };
/** From the moment when the run reaches its Report on. */
const away = (services: string[], minutes: number) => [
  { at: "5m", for: `${minutes}m`, fault: "control-plane-down", services },
];

describe("a run that could not be told is told by a sweep of close, once", () => {
  test.each([
    ["SNS", "succeeded", away(["SNS"], 25)],
    ["S3 and SNS", "succeeded", away(["S3", "SNS"], 25)],
    ["DynamoDB, so that Release gives up as well,", "failed", away(["DynamoDB"], 40)],
    ["Report, which dies each time,", "succeeded", [{ ...crash, at: "4m", for: "10m" }]],
  ])("%s is away as it ends", async (_what, outcome, faults) => {
    const story = await play(faults);
    const { subjects, reports, untold } = announcedOf(story);
    expect(subjects).toEqual([`Lifeboat: pair: failover ${outcome}`]);
    expect(story.executions.some(({ machine, results }) => machine === "close" && results.has("Report"))).toBe(true);
    expect(reports).toBe(2);
    expect(untold).toEqual([]);
    expect(brokenInvariants(story)).toEqual([]);
  });
});
