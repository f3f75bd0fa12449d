import { describe, expect, it } from "vitest";
import { runsOf } from "../../../simulator/machines/runs.ts";
import { resultOf } from "../../../simulator/story/result.ts";
import { startStateOf } from "../../../simulator/world/start-state.ts";
import { dark } from "../../support/pair.ts";
import { codesOf, playWarm, warmStandby } from "../../support/warm.ts";

const brokenIn = ({ invariants }: ReturnType<typeof resultOf>) => invariants.filter(({ held }) => !held);
const minutesAfter = (zeroAt: number, at: number | null) => Math.round(((at ?? 0) - zeroAt) / 60_000);

describe("what people do in a story", () => {
  it("an operation is done at its time: a pause keeps detect from acting until it is resumed", async () => {
    const operations = [
      { at: "-2m", do: "pause", input: { by: "ann", reason: "a release" } },
      { at: "10m", do: "resume" },
    ];
    const story = await playWarm({ scenario: { faults: [dark], operations } });
    expect(codesOf(story)).toContain("hold Paused");
    const [run] = runsOf(story.executions);
    expect(minutesAfter(story.zeroAt, run!.startedAt)).toBeGreaterThanOrEqual(10);
    expect(resultOf(story)).toMatchObject({ outcome: "succeeded" });
    expect(brokenIn(resultOf(story))).toEqual([]);
  });

  it("approves the run that asks; the execution that brings the answer is no run", async () => {
    const plan = warmStandby({ action: "approve", approval: { within: "30m", otherwise: "hold" } });
    const operations = [{ at: "9m", do: "approve", input: { by: "ann" } }];
    const story = await playWarm({ plan, scenario: { faults: [dark], operations } });
    const result = resultOf(story);
    expect(codesOf(story)).toContain("ask RegionUnhealthy");
    expect(result.runs).toMatchObject([{ outcome: "succeeded" }]);
    expect(story.executions.filter(({ machine }) => machine === "failover")).toHaveLength(2);
    expect(minutesAfter(story.zeroAt, runsOf(story.executions)[0]!.endedAt)).toBeGreaterThanOrEqual(9);
    expect(brokenIn(result)).toEqual([]);
  });

  it("a story waits for operations: a story in which nobody answers ends when the run no longer waits", async () => {
    const plan = warmStandby({ action: "approve", approval: { within: "45m", otherwise: "hold" } });
    const story = await playWarm({ plan, scenario: { faults: [dark] } });
    expect(resultOf(story)).toMatchObject({ outcome: "refused" });
    expect(minutesAfter(story.zeroAt, runsOf(story.executions)[0]!.endedAt)).toBeGreaterThanOrEqual(45);
    expect(story.endedAt - story.zeroAt).toBeLessThan(2 * 3_600_000);
  });

  it("an operation starts machines with the input of a person, acknowledges what was named, and withholds what nobody asked", async () => {
    const operations = [
      { at: "1m", do: "failover", input: { reason: "drill", approve: true } },
      { at: "6m", do: "acknowledge", input: { run: "some-run", by: "ann" } },
      { at: "7m", do: "withhold" },
      { at: "8m", do: "replicate" },
    ];
    const story = await playWarm({ scenario: { operations } });
    expect(resultOf(story).runs).toMatchObject([{ id: "failover-by-hand-warm-0", outcome: "succeeded" }]);
    expect(startStateOf(story.world, story.plan).controls.acknowledged).toMatchObject({ run: "some-run", by: "ann" });
    expect(story.executions.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["withhold-by-hand-warm-2", "replicate-by-hand-warm-3"]),
    );
  });

  it("an operation is logged when it fails: nothing is acknowledged in a Region that is dark", async () => {
    const faults = [{ fault: "region-down", region: "recovery", for: "10m" }];
    const story = await playWarm({ scenario: { faults, operations: [{ at: "1m", do: "pause" }] } });
    expect(startStateOf(story.world, story.plan).controls.paused ?? null).toBeNull();
    expect(story.environment.logs.join("\n")).toMatch(/person pause: /);
  });
});

describe("events of a scenario", () => {
  const alarm = { name: "errors", alarm: "warm-5xx", region: "us-east-1" };
  const red = (at: string) => ({
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    region: "us-east-1",
    account: "${account}",
    version: "0",
    id: "${application} ${primary} ${nothing}",
    detail: { alarmName: "warm-5xx", state: { value: "ALARM", reason: "drawn", timestamp: at }, previousState: {} },
    resources: ["${T}", 1, null],
  });

  it("reach detect in the shape of the rule, with times and names filled in; raw ones as they stand", async () => {
    const plan = warmStandby({}, [{ name: "region", api: "eu-west-1" }, alarm]);
    const events = [
      { at: "30s", event: red("${T+25s}") },
      { at: "40s", event: { anything: true }, raw: true },
    ];
    const story = await playWarm({ plan, scenario: { events } });
    const dropped = story.environment.logs.filter((line) => line.includes("event dropped"));
    expect(dropped).toHaveLength(1);
    expect(dropped[0]).toContain("got no application");
    expect(codesOf(story)).toContain("none Healthy");
  });

  it("events of a scenario keep a story going until the last one has come", async () => {
    const story = await playWarm({ scenario: { events: [{ at: "2h", event: {}, raw: true }] } });
    expect(story.endedAt - story.zeroAt).toBeGreaterThan(2 * 3_600_000);
  });
});

describe("several applications", () => {
  it("several applications are moved each by its own run; the result names them, and its outcome is that of the plan's own", async () => {
    const applications = [
      { application: "blog", priority: 1 },
      { application: "wiki", primary: "us-west-2" },
    ];
    const story = await playWarm({ scenario: { faults: [dark], applications } });
    const result = resultOf(story);
    expect(result.runs.map(({ application, outcome }) => `${application} ${outcome}`).sort()).toEqual([
      "blog succeeded",
      "warm succeeded",
    ]);
    expect(new Set(result.decisions.map(({ application }) => application))).toEqual(new Set(["warm", "blog", "wiki"]));
    expect(story.others.map(({ decisions }) => codesOf({ decisions }).at(-1))).toEqual([
      "none AlreadyMoved",
      "none Healthy",
    ]);
    expect(result).toMatchObject({ application: "warm", outcome: "succeeded" });
    expect(brokenIn(result)).toEqual([]);
  });

  it("may have a recovery Region of their own, with a controller of its own", async () => {
    const applications = [{ application: "back", primary: "recovery", recovery: "primary" }];
    const faults = [{ fault: "region-down", region: "recovery" }];
    const story = await playWarm({ scenario: { faults, applications } });
    expect(resultOf(story).runs).toMatchObject([{ application: "back", outcome: "succeeded" }]);
    expect(story.executions.at(-1)!.arn).toContain(":eu-west-1:");
    expect(brokenIn(resultOf(story))).toEqual([]);
  });

  it("only tell with detect: off", async () => {
    const applications = [{ application: "blog", action: "automatic" }];
    const story = await playWarm({ scenario: { detect: "off", faults: [dark], applications } });
    expect(resultOf(story).runs).toEqual([]);
    expect(codesOf(story.others[0]!)).toContain("notify RegionUnhealthy");
  });
});

describe("a story that flaps", () => {
  it("a story that flaps ends when what flaps has come to rest", async () => {
    const flaps = [0, 4, 8, 12].map((minute) => ({ ...dark, at: `${minute}m`, for: "2m" }));
    const story = await playWarm({ scenario: { faults: flaps } });
    expect(resultOf(story)).toMatchObject({ outcome: "none", runs: [] });
    expect(story.endedAt - story.zeroAt).toBeGreaterThan(14 * 60_000);
    expect(story.endedAt - story.zeroAt).toBeLessThan(60 * 60_000);
  });
});

describe("a story of a first deployment", () => {
  it("a story of a first deployment begins with what is there already: nothing is seen before, and what was red then is red at the first look", async () => {
    const alarm = { name: "errors", alarm: "warm-5xx", region: "eu-west-1" };
    const plan = warmStandby({ verdict: { unhealthy: 2, regional: 1, sustained: "3m" } }, [
      alarm,
      { name: "region", api: "eu-west-1" },
    ]);
    const red = { at: "-20m", for: "15m", fault: "witness", name: "errors", state: "unhealthy" };
    const story = await playWarm({ plan, scenario: { deployed: "-14m", faults: [red] } });
    const [first] = story.decisions;
    expect(first).toMatchObject({ action: "hold", code: "WitnessesDisagree" });
    expect(minutesAfter(story.zeroAt, first!.at)).toBe(-14);
    const early = story.world.journal.filter(({ at }) => Date.parse(at) < story.zeroAt - 14 * 60_000);
    expect(early.map(({ step }) => step).filter((step) => step !== "deploy")).toEqual([]);
  });
});
