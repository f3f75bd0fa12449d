import { expect, it } from "vitest";
import { dnsTimeline } from "../../simulator/dns/timeline.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import type { Story } from "../../simulator/story/played-story.ts";
import { playStory } from "../../simulator/story/story.ts";
import { pairs, warmPlan } from "./pairs.ts";

const seeds = Array.from({ length: 10 }, (_, index) => index + 1);
/** Simulated seconds after the moment when the verdict was complete. */
const metricSecondsMax = 60;
const dnsSecondsMax = 180;

/** When the quorum had lasted for `sustained`, in ms: what the decision says beside its time. */
const completeAt = ({ decisions, plan }: Story) => {
  const act = decisions.find(({ action }) => action === "act");
  const lasted = Number(/ for (\d+) s; /.exec(act?.because ?? "")?.[1]);
  return act!.at - (lasted - plan.detect.verdict.sustainedSeconds) * 1_000;
};

/** The first time that the switch metric says that traffic belongs to the recovery Region. */
const publishedAt = ({ world }: Story) =>
  Date.parse(
    world.journal.find(
      ({ operation, input, outcome }) =>
        operation === "PutMetricData" &&
        outcome === "ok" &&
        (input as { MetricData: { Value: number }[] }).MetricData[0]!.Value === 1,
    )!.at,
  );

/** When each name server of the zone answered with the recovery side only. */
const flippedAt = ({ world }: Story) => {
  const moment = dnsTimeline(world).find(
    ({ name, type, values }) => name === "warm.example.com" && type === "A" && values.join() === "198.51.100.50",
  );
  return moment!.at;
};

it.each(pairs)("moves a warm standby from $primary to $recovery in time, whatever the seed", async (pair) => {
  const plan = warmPlan(pair);
  const scenario = toScenario({ name: "warm", faults: [{ fault: "region-down", region: "primary" }] }, "warm", plan);
  const slow: object[] = [];

  for (const seed of seeds) {
    const story = await playStory({ plan, scenario, seed, run: null });
    const complete = completeAt(story);
    const metricSeconds = (publishedAt(story) - complete) / 1_000;
    const dnsSeconds = (flippedAt(story) - complete) / 1_000;
    if (!(metricSeconds <= metricSecondsMax && dnsSeconds <= dnsSecondsMax && metricSeconds > 0))
      slow.push({ seed, metricSeconds, dnsSeconds });
  }

  expect(slow).toEqual([]);
});
