import { describe, expect, it } from "vitest";
import type { Moment } from "../../../simulator/story/played-story.ts";
import { resultOf } from "../../../simulator/story/result.ts";
import { dark, playPair } from "../../support/pair.ts";

const told = async (options: Parameters<typeof playPair>[0]) => resultOf(await playPair(options));
const launchedTypes = ({ world }: Awaited<ReturnType<typeof told>>) =>
  world["eu-central-1"]!.instances.map(({ type }) => type).sort();

describe("the same seed", () => {
  it("the same seed gives the same story, byte for byte; another seed gives another one", async () => {
    const scenario = {
      faults: [
        { at: "-30m", for: "2h", fault: "throttle", rate: 0.2 },
        { at: "-30m", for: "2h", fault: "lost-response", rate: 0.1 },
        dark,
      ],
    };
    const [first, again, other] = [
      await told({ scenario, seed: 7 }),
      await told({ scenario, seed: 7 }),
      await told({ scenario, seed: 8 }),
    ];
    expect(JSON.stringify(again)).toBe(JSON.stringify(first));
    expect(JSON.stringify({ ...other, seed: 7 })).not.toBe(JSON.stringify(first));
    expect(other.zeroAt).not.toBe(first.zeroAt);
  });
});

/** Without the moments in which one witness has seen it and another not yet: whether a look meets one is drawn. */
const settled = <D extends { code: string }>(decisions: D[]) =>
  decisions.filter(({ code }) => code !== "WitnessesDisagree");

describe("a whole story", () => {
  it("replicates until there are points, meets the disaster, and moves the application", async () => {
    const moments: Moment[] = [];
    const story = await playPair({ seed: 2, onMoment: (moment) => moments.push(moment) });
    const result = resultOf(story);
    expect(result).toMatchObject({
      outcome: "succeeded",
      error: null,
      runs: [{ run: "failover", outcome: "succeeded" }],
    });
    expect(result.world.row).toMatchObject({ active: "eu-central-1", phase: "failedOver", switch: 1, run: null });
    expect(settled(result.decisions).map(({ action, code }) => `${action} ${code}`)).toEqual([
      "none Healthy",
      "hold Degraded",
      "act RegionUnhealthy",
      "none RunInProgress",
      "none AlreadyMoved",
    ]);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);

    const order = moments.filter(({ kind }) => kind !== "step").map((moment) => moment.kind);
    expect(order.indexOf("point")).toBeLessThan(order.indexOf("zero"));
    expect(moments.map(({ at }) => at)).toEqual(moments.map(({ at }) => at).sort((a, b) => a - b));
    const fault = moments.find(({ kind }) => kind === "fault");
    expect(fault).toMatchObject({ at: story.zeroAt, text: "region-down eu-west-1" });
  });

  it("a whole story ends in nothing when all is well", async () => {
    const result = await told({ scenario: { faults: [] } });
    expect(result).toMatchObject({ outcome: "none", runs: [], rtoSeconds: null, lossSeconds: null, error: null });
    expect(result.world.row).toMatchObject({ active: "eu-west-1", phase: "protected" });
    expect(result.rpoSeconds).toBeGreaterThan(0);
  });

  it("a whole story ends in nothing when the Region is back before the verdict is complete", async () => {
    const result = await told({ scenario: { faults: [{ ...dark, for: "2m" }] } });
    expect(result).toMatchObject({ outcome: "none", runs: [] });
    expect(settled(result.decisions).map(({ action }) => action)).toEqual(["none", "hold", "none"]);
  });

  it("a whole story counts the age of the newest complete point at time 0 as its RPO", async () => {
    const story = await playPair();
    const { rpoSeconds } = resultOf(story);
    expect(rpoSeconds).toBeGreaterThan(0);
    // a pass each half an hour, and the time that its copies take
    expect(rpoSeconds).toBeLessThan(2 * 1_800 + 1_800);
  });

  it("a whole story waits with time 0 until faults that come before it can happen", async () => {
    const story = await playPair({
      scenario: { faults: [{ at: "-3h", for: "1m", fault: "throttle", rate: 0.1 }, dark] },
    });
    expect(story.zeroAt - Date.parse("2026-01-05T00:00:00.000Z")).toBeGreaterThan(3 * 3_600_000);
  });

  it("a whole story is over at `until` at the latest", async () => {
    const story = await playPair({ scenario: { until: "2m" } });
    expect(story.endedAt - story.zeroAt).toBeLessThanOrEqual(2 * 60_000 + 60_000);
    expect(resultOf(story)).toMatchObject({ outcome: "held", runs: [] });
  });

  it("a whole story leaves the decision to a person with detect: off", async () => {
    const result = await told({ scenario: { detect: "off" } });
    expect(result).toMatchObject({ outcome: "held", runs: [] });
    expect(result.world.row).toMatchObject({ active: "eu-west-1" });
    expect(settled(result.decisions).map(({ action }) => action)).toEqual(["none", "hold", "notify", "hold"]);
  });

  it("moves the application when two witnesses are made to see it dark, though it is well; the source is stopped first", async () => {
    const unhealthy = (name: string) => ({ fault: "witness", name, state: "unhealthy" });
    const result = await told({ scenario: { faults: [unhealthy("page"), unhealthy("region")] } });
    expect(result).toMatchObject({ outcome: "succeeded" });
    expect(result.world["eu-west-1"]!.instances.map(({ state }) => state)).toEqual(["stopped", "stopped"]);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  });

  it("cannot tell when a witness cannot", async () => {
    const result = await told({
      scenario: { faults: [dark, { fault: "witness", name: "page", state: "cannot-tell" }] },
    });
    expect(result).toMatchObject({ outcome: "held", runs: [] });
    expect(result.decisions.at(-1)!.because).toContain("1 of 2");
  });
});

describe("a story of one run", () => {
  it("--run failover starts it at time 0; RTO and floor count from there", async () => {
    const story = await playPair({ run: "failover" });
    const result = resultOf(story);
    expect(result.runs).toMatchObject([{ run: "failover", id: "failover-by-hand", outcome: "succeeded" }]);
    expect(Date.parse(result.runs[0]!.startedAt) - story.zeroAt).toBeLessThan(2_000);
    expect(result.rtoSeconds).toBeGreaterThan(60);
    // neither the three minutes of the verdict nor a tick
    expect(result.rtoFloorSeconds).toBeLessThan(300);
    expect(result.rtoSeconds).toBeLessThan(result.rtoOracleSeconds! + 90);
  });

  it("--run failover of a healthy application stops the source, and loses what came after the point", async () => {
    const story = await playPair({ run: "failover", scenario: { faults: [] } });
    const result = resultOf(story);
    expect(result).toMatchObject({ outcome: "succeeded" });
    expect(result.world["eu-west-1"]!.instances.map(({ state }) => state)).toEqual(["stopped", "stopped"]);
    const fence = result.steps.find(({ state }) => state === "Fence")!;
    const pinned = Date.parse(fence.endedAt) - result.lossSeconds! * 1_000;
    expect(pinned).toBeGreaterThan(Date.parse(result.decisions[0]!.at) - 60_000);
    expect(result.lossSeconds).toBeGreaterThan(result.rpoSeconds!);
  });

  it("--run replicate tells the pass, and moves nothing", async () => {
    const result = await told({ run: "replicate", scenario: { faults: [] } });
    expect(result.runs[0]).toMatchObject({ run: "replicate", id: "replicate-by-hand", outcome: "succeeded" });
    expect(result).toMatchObject({ outcome: "succeeded", rtoSeconds: null, rtoFloorSeconds: null, lossSeconds: null });
    expect(result.steps.map(({ state }) => state)).toContain("Snapshot");
    expect(result.world.row).toMatchObject({ active: "eu-west-1", run: null, protect: null });
  });

  it("runs nothing else: detection tells, but does not act", async () => {
    const result = await told({ run: "replicate" });
    expect(new Set(result.runs.map(({ run }) => run))).toEqual(new Set(["replicate"]));
    expect(result.world.row).toMatchObject({ active: "eu-west-1" });
    expect(settled(result.decisions).map(({ action }) => action)).not.toContain("act");
  });

  it("passes the words of the person on", async () => {
    const result = await told({ run: "failover", input: { recoveryPoint: "2020-01-01T00:00:00Z" } });
    expect(result).toMatchObject({ outcome: "refused", rtoSeconds: null, error: { name: "RefusedError" } });
    expect(result.error!.hint).not.toBe("");
  });
});

describe("the world of a story", () => {
  it("the world of a story has no capacity for the types that the scenario says; `same` is what the source has", async () => {
    const usual = await told({ run: "failover" });
    const scarce = { faults: [{ at: "-1m", fault: "no-capacity", types: ["same"] }, dark] };
    expect(launchedTypes(usual)).not.toContain("m6i.large");
    expect(launchedTypes(await told({ run: "failover", scenario: scarce }))).toEqual(["m6i.large", "m6i.large"]);
  });

  it("can be given by the scenario", async () => {
    const world = { servers: { server: [{ name: "only", type: "t3.small" }] } };
    const result = await told({ run: "failover", scenario: { faults: [dark], world } });
    expect(result.outcome).toBe("succeeded");
    expect(result.world["eu-central-1"]!.instances).toMatchObject([
      { name: "only", type: "t3.small", state: "running" },
    ]);
  });

  it("crashes the container that the scenario says; the run ends well", async () => {
    const crash = { fault: "lambda-crash", step: "Launch", operation: "RunInstances", when: "after" };
    const story = await playPair({ run: "failover", scenario: { faults: [dark, crash] } });
    const [run] = story.executions.filter(({ machine }) => machine === "failover");
    expect(run!.invocations.map(({ outcome }) => outcome)).toContain("Lambda.Unknown");
    const result = resultOf(story);
    expect(result.outcome).toBe("succeeded");
    expect(result.world["eu-central-1"]!.instances).toHaveLength(2);
  });
});
