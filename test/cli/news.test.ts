import { expect, it } from "vitest";
import { createNews } from "../../cli/news.ts";
import { readScenario } from "../../simulator/scenario/scenario.ts";
import type { Moment } from "../../simulator/story/played-story.ts";
import { playStory } from "../../simulator/story/story.ts";
import { anExecution, aStep, decisionAt, zero } from "../support/moments.ts";
import { pairPlan } from "../support/pair.ts";

const plan = pairPlan();
const told = (moments: Moment[]) => {
  const newsOf = createNews(plan, "a case");
  return moments.flatMap((moment) => newsOf(moment).map(({ text }) => text));
};
const point: Moment = { kind: "point", at: zero - 60_000, text: "complete", zeroAt: zero };
const users = (at: number, region: string | null): Moment => ({ kind: "users", at: zero + at * 1_000, region });

it("keeps what comes before time 0 is known, for all times count from it", () => {
  const newsOf = createNews(plan, "a case");
  expect(newsOf(decisionAt(zero - 120_000))).toEqual([]);
  expect(newsOf(point)).toMatchObject([
    { at: zero - 120_000, text: "decision: hold · Degraded · 1 of 2 witnesses is unhealthy" },
    { at: zero - 60_000, text: "copied: complete" },
  ]);
});

it("says once that the scenario begins, before the first thing of it", () => {
  const fault: Moment = { kind: "fault", at: zero, text: "region-down eu-west-1" };
  expect(told([point, fault, { kind: "zero", at: zero }, fault])).toEqual([
    "copied: complete",
    "The scenario begins: a case",
    "fault: region-down eu-west-1",
    "fault: region-down eu-west-1",
  ]);
});

it("says when users lose their service, who serves them again, and how long that took", () => {
  const moments = [
    point,
    users(-1, "eu-west-1"),
    users(5, null),
    users(95, "eu-central-1"),
    users(100, "eu-central-1"),
  ];
  expect(told(moments).slice(1)).toEqual([
    "The scenario begins: a case",
    "users: no Region serves them",
    "users: served again, by eu-central-1, after 1m 30s",
  ]);
});

it("tells a time of the virtual day by the clock of the rehearsal", () => {
  const because = `incident 20260105T0033Z was answered at ${new Date(zero + 62_000).toISOString()}: by a person`;
  expect(told([point, decisionAt(zero - 1, { because })])[1]).toContain("was answered at T+00:01:02: by a person");
});

it.each<[string, Moment]>([
  ["that a run is under way, which the run tells", decisionAt(zero - 1, { code: "RunInProgress" })],
  ["a step that failed, which is tried again", aStep("Launch", {}, { outcome: "TransientError" })],
  ["a pass of the schedule", aStep("Snapshot", {}, { machine: "replicate" })],
  ["the daily proof of the rights", aStep("Reroute", {}, { input: { application: "pair", proof: true } })],
  ["what carries a person's answer", aStep("AcquireLease", {}, { input: { answer: { run: "run-1" } } })],
  [
    "that such an answer was carried",
    {
      kind: "run",
      at: zero,
      execution: anExecution({ name: "approve-by-hand-1", status: "SUCCEEDED", input: { answer: { run: "run-1" } } }),
    },
  ],
  ["a run that has only started", { kind: "run", at: zero, execution: anExecution() }],
])("does not tell %s", (_, moment) => {
  expect(told([point, { ...moment, at: zero - 1 }]).slice(1)).toEqual([]);
});

it("tells a person's part as that, not as a fault", () => {
  expect(told([point, { kind: "person", at: zero - 1, text: "approve pair" }])[1]).toBe("person: approve pair");
});

it("tells the decision before the run that it started, though detect replies later; without a reply it goes on", () => {
  const act = { action: "act", code: "RegionUnhealthy", because: "2 of 2" };
  const begins = aStep(
    "AcquireLease",
    {},
    {
      name: "failover-pair-1",
      results: new Map([["AcquireLease", { held: true, because: null }]]),
    },
  );
  const [at, later] = [zero + 1_000, zero + 7_000];
  const before = [point, { ...begins, at }];
  expect(told([...before, decisionAt(at + 500, act), users(3, null)]).slice(2)).toEqual([
    "decision: act · RegionUnhealthy · 2 of 2",
    "Failover failover-pair-1 begins",
    "users: no Region serves them",
  ]);
  expect(told([...before, users(3, null), { ...users(7, "eu-central-1"), at: later }]).slice(2)).toEqual([
    "Failover failover-pair-1 begins",
    "users: no Region serves them",
    "users: served again, by eu-central-1, after 4s",
  ]);
});

const heard = async (scenario: string, run: "replicate" | null = null) => {
  const newsOf = createNews(plan, scenario);
  const texts: string[] = [];
  const show = (moment: Moment) => void texts.push(...newsOf(moment).map(({ text }) => text));
  await playStory({ plan, scenario: readScenario(scenario, plan), seed: 2, run, onMoment: show });
  return texts;
};
const inOrder = (texts: string[], wanted: RegExp[]) =>
  wanted.reduce((from, pattern) => {
    const at = texts.findIndex((text, index) => index >= from && pattern.test(text));
    expect.soft(at, `${pattern} after line ${from} of\n${texts.join("\n")}`).toBeGreaterThanOrEqual(from);
    return at + 1;
  }, 0);

it("tells the stages of a whole failover in their order: copied, decided, launched, fenced, rerouted, served again, ended", async () => {
  const texts = await heard("primary-region-down");
  const untilThen = [
    /^copied: every resource/,
    /^The scenario begins: primary-region-down$/,
    /^fault: region-down eu-west-1$/,
    /^users: no Region serves them$/,
    /^decision: act · RegionUnhealthy/,
    /^Failover failover-pair-\w+ begins$/,
    /^ready: 2 servers can be recovered in 1 wave/,
    /^data loss: .* of writes, 2h allowed$/,
    /^launching: wave 1 of 1 \(server\), 2 servers$/,
    /^recovered: wave 1 of 1 \(server\), 2 of 2 serve, 2 needed$/,
    /^not fenced: eu-west-1 is unreachable/,
    /^rerouted: by takeover$/,
  ];
  // users ask each for themselves: the last of them may find the new side a moment after the run has ended
  inOrder(texts, [...untilThen, /^users: served again, by eu-central-1, after /]);
  inOrder(texts, [...untilThen, /^failover failover-pair-\w+: succeeded, after /]);
});

it("tells the stages of a pass that is asked for", async () => {
  inOrder(await heard("quiet", "replicate"), [
    /^Replicate replicate-by-hand begins$/,
    /^snapshots: 2 servers for server\.\w+$/,
    /^copied: 4 volumes$/,
    /^recovery points: complete server\.\w+$/,
    /^replicate replicate-by-hand: succeeded, after /,
  ]);
});
