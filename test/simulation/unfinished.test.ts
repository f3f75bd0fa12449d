import { describe, expect, test } from "vitest";
import { limits } from "../../functions/core/limits.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { answersAt } from "../../simulator/dns/dns.ts";
import { dnsTimeline } from "../../simulator/dns/timeline.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { runsOf } from "../../simulator/machines/runs.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { objectKeys, objectText } from "../../simulator/services/s3.ts";
import { messagesOf } from "../../simulator/services/sns.ts";
import type { StoryOptions } from "../../simulator/story/played-story.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { stateOf } from "../../simulator/world/state-of.ts";
import { matrixPlan } from "./play.ts";

const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
const pair = matrixPlan("failover");
const told = { ...pair, notify: { ...pair.notify, topics: [topic] } };
const changed = (over: Partial<Plan["traffic"] & object>): Plan => ({
  ...told,
  traffic: { ...told.traffic!, ...over },
});
const records = changed({ switch: "records", acceptControlPlane: true });
const { primary, recovery } = pair.regions;
const dark = { at: "0s", for: "40m", fault: "region-down", region: "primary" };
const noWrites = (minutes: number, error = "ServiceUnavailable") => ({
  at: "0s",
  for: `${minutes}m`,
  fault: "api-error",
  operation: "ChangeResourceRecordSets",
  error,
});

const play = (
  plan: Plan,
  given: { faults: object[]; operations?: object[]; until?: string },
  over: Partial<StoryOptions> = {},
) => {
  const scenario = toScenario({ name: "unfinished", until: "4h", ...given }, "unfinished", plan);
  return playStory({ plan, scenario, seed: 1, run: null, ...over });
};
type Played = Awaited<ReturnType<typeof play>>;
const runsIn = (story: Played) =>
  runsOf(story.executions).map(({ name, status }) => `${name.replace(/\d{8}T\d{4}Z/, "I")} ${status}`);
const rowOf = ({ world }: Played) => stateOf(world, recovery, pair.application).row;
const answersOf = ({ world }: Played) => answersAt(world, "pair.example.com.", "A", world.now());
const subjectsOf = ({ world }: Played) => messagesOf(world).map(({ subject }) => subject);
const serversOf = (region: string, { world }: Played) =>
  [...ec2Of(world, region).instances.values()].map(({ state }) => state);
const reportOf = ({ world }: Played, run: string) => {
  const key = objectKeys(world, recovery).find((one) => one.includes(run) && one.endsWith(".json"))!;
  return (
    objectText(world, recovery, `lifeboat-reports-${recovery}`, key.replace(/^lifeboat-reports-[^/]*\//, "")) ?? "null"
  );
};
const brokenInvariants = (story: Played) => resultOf(story).invariants.filter(({ held }) => !held);

const finished = (story: Played) => {
  expect(rowOf(story)).toMatchObject({ active: recovery, phase: "failedOver", run: null });
  expect(rowOf(story)?.lastRun?.unfinished).toBeUndefined();
  expect(answersOf(story)).toEqual(["198.51.100.30"]);
  expect(serversOf(recovery, story)).toEqual(["running", "running"]);
  expect(serversOf(primary, story)).toEqual(["stopped", "stopped"]);
  expect(brokenInvariants(story)).toEqual([]);
};
/** The Lambda dies before it turns the switch, as often as the machine tries, from the nth time on. */
const dies = (operation: string, nth = 1) => ({
  at: "0s",
  for: "25m",
  fault: "lambda-crash",
  step: "Reroute",
  operation,
  nth,
  when: "before",
  count: 1_000,
});
const dyingRecords = dies("ChangeResourceRecordSets");

describe("a move whose records could not be changed", () => {
  test("is tried for ten minutes of errors", async () => {
    const story = await play(records, { faults: [dark, noWrites(10)] });
    expect(runsIn(story)).toEqual(["failover-pair-I SUCCEEDED"]);
    finished(story);
  });

  test("and throttled for much longer, each try of half a minute, ends its step after a quarter of an hour", async () => {
    const story = await play(records, { faults: [dark, noWrites(50, "Throttling")] });
    const [first, ...later] = runsOf(story.executions);
    expect(first).toMatchObject({ status: "FAILED", error: "WornOutError" });
    const tries = first!.invocations.filter(({ state }) => state === "Reroute");
    const seconds = (tries.at(-1)!.endedAt - tries[0]!.startedAt) / 1_000;
    expect(seconds).toBeGreaterThanOrEqual(limits.passingSeconds);
    expect(seconds).toBeLessThan(limits.passingSeconds + limits.functionSeconds);
    expect(later.at(-1)).toMatchObject({ status: "SUCCEEDED" });
    finished(story);
  });
});

const weighted = changed({
  switch: "records",
  acceptControlPlane: true,
  records: pair.traffic!.records.map((record) => ({
    ...record,
    policy: "weighted",
    steps: [10, 50, 100],
    gateSeconds: 60,
  })),
});
const control = (letter: string) =>
  `arn:aws:route53-recovery-control::111122223333:controlpanel/${"0".repeat(32)}/routingcontrol/${letter.repeat(16)}`;
const cluster = ["us-east-1", "us-west-2", "ap-northeast-1"].map((region) => ({
  region,
  url: `https://c.${region}.example.com/v1`,
}));
const controls = changed({
  switch: "routing-control",
  cluster: { endpoints: cluster },
  records: pair.traffic!.records.map((record) => ({
    ...record,
    routingControls: { primary: control("a"), recovery: control("b") },
  })),
});

describe("a run that ended after the row had moved", () => {
  test.each([
    ["records", records, dyingRecords],
    ["weights, half-way", weighted, dies("ChangeResourceRecordSets", 2)],
    ["routing controls", controls, dies("UpdateRoutingControlStates")],
  ])("is gone on with until traffic has followed: %s", async (_what, plan, fault) => {
    const story = await play(plan, { faults: [dark, fault] });
    expect(runsIn(story)[0]).toBe("failover-pair-I FAILED");
    expect(runsIn(story).at(-1)).toMatch(/^resume-failover-pair-I-\d SUCCEEDED$/);
    expect(subjectsOf(story)).toContain("Lifeboat: pair: act MoveUnfinished");
    finished(story);
  });

  test("is finished by a takeover's heartbeat, which is told, and its report has the RTO then", async () => {
    const story = await play(told, { faults: [dark, dies("PutMetricData")] });
    expect(runsIn(story)).toEqual(["failover-pair-I FAILED"]);
    expect(subjectsOf(story).filter((subject) => subject?.includes("users are now served"))).toHaveLength(1);
    expect(JSON.parse(reportOf(story, "failover-pair-"))).toMatchObject({
      outcome: "failed",
      rtoSeconds: expect.any(Number),
    });
    finished(story);
  });

  test("is left to people while they have paused it, and a failover that one starts finishes it", async () => {
    const operations = [
      { at: "5m", do: "pause" },
      { at: "50m", do: "failover", input: { approve: true } },
      { at: "80m", do: "failover", input: { approve: true } },
    ];
    const story = await play(records, { faults: [dark, dyingRecords], operations });
    expect(runsIn(story)).toEqual([
      "failover-pair-I FAILED",
      "failover-by-hand-pair-1 SUCCEEDED",
      "failover-by-hand-pair-2 FAILED",
    ]);
    expect(story.executions.find(({ name }) => name.endsWith("-2"))?.cause).toContain(
      "is already served from eu-central-1",
    );
    finished(story);
  });

  test("and is refused for good, stays told, and is finished by a person once the cause is mended", async () => {
    const denied = { ...noWrites(0, "AccessDenied"), for: "10h" };
    const story = await play(records, {
      faults: [dark, dyingRecords, denied],
      operations: [{ at: "602m", do: "failover", input: { approve: true } }],
      until: "12h",
    });
    const runs = runsIn(story);
    expect(runs[0]).toBe("failover-pair-I FAILED");
    expect(runs.at(-1)).toBe("failover-by-hand-pair-0 SUCCEEDED");
    // one at once, one an hour
    const between = runs.slice(1, -1);
    expect(between.every((run) => /^resume-failover-pair-I-\d+ FAILED$/.test(run))).toBe(true);
    expect(between.length).toBeGreaterThan(8);
    expect(between.length).toBeLessThan(12);
    const told = messagesOf(story.world).filter(({ subject }) => subject?.includes("TrafficElsewhere"));
    expect(told).toHaveLength(1);
    expect(told[0]!.message).toContain("the last one ended on AccessDenied");
    finished(story);
  });

  test("is gone on with although a person stopped it there", async () => {
    let stopped = false;
    const story = await play(
      records,
      { faults: [dark] },
      {
        onInvoking: (execution, state, executions) => {
          if (stopped || state !== "Reroute") return;
          stopped = true;
          setTimeout(() => executions.stop(execution.arn, "ABORTED"), 300);
        },
      },
    );
    expect(runsIn(story)[0]).toBe("failover-pair-I ABORTED");
    finished(story);
  });
});

describe("traffic that is not where the row says", () => {
  const elsewhere = (story: Played) => subjectsOf(story).filter((subject) => subject?.includes("hold Traffic"));
  const both = ["Lifeboat: pair: hold TrafficElsewhere", "Lifeboat: pair: hold TrafficBack"];

  test.each([1, 2, 3])(
    "is told within two minutes of a forged metric, before any run, and once (seed %i)",
    async (seed) => {
      const story = await play(
        told,
        { faults: [{ at: "5m", for: "10m", fault: "forged-metric", value: 1 }] },
        { seed },
      );
      expect(runsIn(story)).toEqual([]);
      expect(elsewhere(story)).toEqual(both);
      const turned = dnsTimeline(story.world).find(
        ({ at, values }) => at > story.zeroAt && values.includes("198.51.100.30"),
      );
      const message = messagesOf(story.world).find(({ subject }) => subject?.includes("TrafficElsewhere"));
      expect(message!.at).toBeLessThan(turned!.at + 120_000);
      expect(brokenInvariants(story)).toEqual([]);
    },
  );

  test("is told when a record is written back after the move; a failover that a person starts turns it again", async () => {
    const written = {
      at: "60m",
      fault: "zone-edit",
      name: "pair.example.com",
      set: "primary",
      values: ["192.0.2.30"],
    };
    const operations = [{ at: "80m", do: "failover", input: { approve: true } }];
    const story = await play(records, { faults: [dark, written], operations });
    expect(runsIn(story)).toEqual(["failover-pair-I SUCCEEDED", "failover-by-hand-pair-0 SUCCEEDED"]);
    expect(elsewhere(story)).toEqual(both);
    finished(story);
  });
});
