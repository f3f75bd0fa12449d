import { beforeAll, describe, expect, it } from "vitest";
import type { Execution } from "../../../simulator/machines/executions.ts";
import type { Story } from "../../../simulator/story/played-story.ts";
import { countsFrom, errorOf, outcomeOf, type Result, resultOf, servedAt } from "../../../simulator/story/result.ts";
import { costUsd } from "../../../simulator/world/cost.ts";
import { stateOf } from "../../../simulator/world/state-of.ts";
import { playPair } from "../../support/pair.ts";

const anExecution = (over: Partial<Execution>): Execution => ({
  machine: "failover",
  arn: "arn",
  name: "run-1",
  input: {},
  startedAt: 0,
  endedAt: 1_000,
  status: "FAILED",
  output: null,
  error: "ResourceFailedError",
  cause: null,
  invocations: [],
  results: new Map(),
  transitions: 0,
  historyEvents: 0,
  ...over,
});

describe("the outcome of a run", () => {
  it.each<[Execution["status"], string | null, Result["outcome"]]>([
    ["SUCCEEDED", null, "succeeded"],
    ["FAILED", "RefusedError", "refused"],
    ["FAILED", "LeaseHeldError", "refused"],
    ["FAILED", "PlanInvalidError", "failed"],
    ["FAILED", "ResourceFailedError", "failed"],
    ["FAILED", "States.DataLimitExceeded", "failed"],
    ["TIMED_OUT", "States.Timeout", "failed"],
    ["ABORTED", null, "failed"],
    ["RUNNING", null, "failed"],
  ])("%s with %s is %s", (status, error, outcome) => {
    expect(outcomeOf(anExecution({ status, error }))).toBe(outcome);
  });
});

describe("the error of a run", () => {
  const cause = (errorMessage: string) => JSON.stringify({ errorType: "RefusedError", errorMessage });
  const usual = "The report of the run says how far it came.";

  it.each<[string, Partial<Execution>, Result["error"]]>([
    ["is none when it succeeded", { status: "SUCCEEDED", error: null }, null],
    [
      "has what Lambda passed on, and the hint apart",
      { error: "RefusedError", cause: cause("no point -> of web -> Replicate first.") },
      { name: "RefusedError", message: "no point -> of web", hint: "Replicate first." },
    ],
    [
      "has a hint in any case",
      { cause: cause("broken") },
      { name: "ResourceFailedError", message: "broken", hint: usual },
    ],
    [
      "may be a plain sentence of the machine",
      { error: "DeadlineExceededError", cause: "Traffic did not move." },
      { name: "DeadlineExceededError", message: "Traffic did not move.", hint: usual },
    ],
    ["may be a cause of another shape", { cause: "[1]" }, { name: "ResourceFailedError", message: "[1]", hint: usual }],
    [
      "names how it was ended from outside",
      { status: "ABORTED", error: null },
      { name: "ABORTED", message: "the execution was ABORTED", hint: usual },
    ],
    [
      "says so when it has not ended",
      { status: "RUNNING", error: null },
      { name: "RUNNING", message: "the run had not ended when the story did", hint: usual },
    ],
  ])("%s", (_, over, expected) => {
    expect(errorOf(anExecution(over))).toEqual(expected);
  });
});

describe("a played story", () => {
  let story: Story;
  let result: Result;
  let run: Execution;
  beforeAll(async () => {
    story = await playPair();
    result = resultOf(story);
    run = story.executions.find(({ machine }) => machine === "failover")!;
  });

  it("a played story counts the RTO from the first failing evidence until the run saw users served by the target", () => {
    const { incident } = run.input as { incident: { firstFailingAt: string } };
    expect(countsFrom(story, run)).toBe(Date.parse(incident.firstFailingAt));
    expect(countsFrom(story, run)).toBeGreaterThan(story.zeroAt);
    expect(result.rtoSeconds).toBe((Date.parse(servedAt(run)!) - countsFrom(story, run)) / 1_000);
    expect(Date.parse(servedAt(run)!)).toBeLessThan(run.endedAt!);
  });

  it("a played story loses what was written between the point and the first failing evidence when nobody answered the fence", () => {
    const [point] = stateOf(story.world, "eu-central-1", "pair").points.filter(({ state }) => state === "complete");
    expect(run.results.get("Fence")).toMatchObject({ sourceAnswered: false });
    expect(result.lossSeconds).toBe((countsFrom(story, run) - Date.parse(point!.pointAt!)) / 1_000);
    expect(result.rpoSeconds).toBe((story.zeroAt - Date.parse(point!.pointAt!)) / 1_000);
  });

  it("a played story loses what was written until the fence when it was answered", () => {
    const fence = run.results.get("Fence") as { sourceAnswered: boolean; at: string };
    const before = result.lossSeconds!;
    fence.sourceAnswered = true;
    const after = resultOf(story).lossSeconds!;
    fence.sourceAnswered = false;
    expect(after - before).toBeCloseTo((Date.parse(fence.at) - countsFrom(story, run)) / 1_000, 3);
    expect(after).toBeGreaterThan(before);
  });

  it("tells each step once, for each server where there is one, from its first to its last invocation", () => {
    const steps = result.steps.map(({ state, resource, server }) =>
      [state, resource, server].filter(Boolean).join(" "),
    );
    expect(steps.toSorted()).toEqual(
      [
        ...["LoadPlan", "AcquireLease", "Preflight", "LossGate", "JudgeWave", "Fence", "Reroute", "VerifyTraffic"],
        ...["Report", "Release"],
        ...["Launch", "CheckProgress", "Attach", "Verify"].flatMap((state) => [
          `${state} server server-1`,
          `${state} server server-2`,
        ]),
      ].toSorted(),
    );
    const times = result.steps.map(({ startedAt }) => startedAt);
    expect(times).toEqual(times.toSorted());
    const polls = run.invocations.filter(({ state }) => state === "VerifyTraffic");
    const verified = result.steps.find(({ state }) => state === "VerifyTraffic")!;
    expect(polls.length).toBeGreaterThan(1);
    expect([verified.startedAt, verified.endedAt].map((at) => Date.parse(at))).toEqual([
      polls[0]!.startedAt,
      polls.at(-1)!.endedAt,
    ]);
    expect(result.steps.map(({ outcome }) => outcome)).toEqual(result.steps.map(() => "ok"));
  });

  it("tells every call without what was in it: no user data, no keys", () => {
    expect(result.calls).toHaveLength(story.world.journal.length);
    for (const call of result.calls)
      expect(Object.keys(call)).toEqual(["at", "service", "operation", "region", "step", "mutating", "outcome"]);
    expect(result.calls.map(({ outcome }) => outcome)).not.toContain("pending");
    expect(result.calls.map(({ step }) => step)).not.toContain("");
  });

  it("a played story counts what the controller costs", () => {
    const transitions = story.executions.reduce((sum, one) => sum + one.transitions, 0);
    expect(result.transitions).toBe(transitions);
    expect(result.invocations).toBe(story.spent.invocations);
    expect(result.costUsd).toBe(costUsd({ ...story.spent, transitions }));
    expect(costUsd({ transitions: 4_000, invocations: 1_000_000, milliseconds: 4_000_000 })).toBeCloseTo(
      0.1 + 0.2 + 2_000 * 0.0000133334,
      6,
    );
  });

  it("a played story names the report that the run wrote", () => {
    expect(result.report).toContain(`- Run: ${run.name} (`);
  });

  it("lists what is left: servers and what they came from, records before and now, the row", () => {
    const { records, row } = result.world;
    const { instances, volumes, snapshots, images } = result.world["eu-central-1"]!;
    expect(instances.map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual([
      "server-1 running",
      "server-2 running",
    ]);
    const sources = result.world["eu-west-1"]!.instances.map(({ id }) => id);
    expect(instances.map(({ launchedFor }) => launchedFor).toSorted()).toEqual(sources.toSorted());
    for (const { point, image, volumes: attached } of instances) {
      expect(snapshots.map((one) => one.point)).toContain(point);
      expect(images.map(({ id }) => id)).toContain(image);
      for (const { volume } of attached) expect(volumes.map(({ id }) => id)).toContain(volume);
    }
    expect(records).toEqual([{ name: "pair.example.com", type: "A", before: ["192.0.2.30"], now: ["198.51.100.30"] }]);
    expect(row).toMatchObject({ application: "pair", active: "eu-central-1", run: null, protect: null });
    expect(row).not.toHaveProperty("pk");
  });
});
