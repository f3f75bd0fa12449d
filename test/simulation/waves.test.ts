import { describe, expect, it } from "vitest";
import { limits } from "../../functions/core/limits.ts";
import { playWaveFleet } from "../support/wave-fleet.ts";

/** Larger fleets are played by `npm run bench:waves`. */
describe.each([1, 3])("thirty servers in %d waves, a tenth of which never serve", (waves) => {
  const fleet = { servers: 30, waves, mute: 3 };

  it("are a failover with a minimum of 80 %; the late ones are given up after users have moved, and told", async () => {
    const { story, outcome, historyEvents, payloadBytes, broken } = await playWaveFleet({
      ...fleet,
      minimumPercent: 80,
    });
    expect({ outcome, broken }).toEqual({ outcome: "succeeded", broken: [] });
    expect(historyEvents).toBeLessThan(10_000);
    expect(payloadBytes).toBeLessThan(limits.payloadBytes);
    const run = story.executions.find(({ machine }) => machine === "failover")!;
    expect(run.results.get("Report")).toMatchObject({ outcome: "partial" });
    expect(run.invocations.at(-3)).toMatchObject({ state: "JudgeWave" });
  });

  it("are none with 100 %: it fails, says so, and keeps what it launched", async () => {
    const { result, broken } = await playWaveFleet({ ...fleet, minimumPercent: 100 });
    expect({ outcome: result.outcome, broken }).toEqual({ outcome: "failed", broken: [] });
    expect(result.error?.message).toMatch(/^tier0: \d+ recovered, \d+ needed \(s-\d+: ResourceFailedError: s-\d+ \(i-/);
    expect(result.report).not.toBeNull();
    const { instances } = result.world["eu-central-1"]!;
    const kept = instances.filter(({ launchedFor, state }) => launchedFor && state === "running");
    expect(kept).toHaveLength(30 / waves);
  });
});

it("of two hundred servers a state's payload has no list", async () => {
  const { outcome, story, payloadBytes, broken } = await playWaveFleet({ servers: 200, waves: 1, minimumPercent: 80 });
  expect({ outcome, broken }).toEqual({ outcome: "succeeded", broken: [] });
  const run = story.executions.find(({ machine }) => machine === "failover")!;
  expect(run.results.get("Fence")).toMatchObject({ done: true, sourceAnswered: false });
  expect(run.results.get("Fence")).not.toHaveProperty("servers");
  expect(payloadBytes).toBeLessThan(16_384);
});

describe("a lack of capacity", () => {
  it("of nine minutes is waited for by thirty servers with few calls", async () => {
    const faults = [{ at: "0s", for: "9m", fault: "no-capacity", types: ["m5.large"] }];
    const { outcome, runInstances, broken } = await playWaveFleet({
      servers: 30,
      waves: 1,
      minimumPercent: 80,
      faults,
    });
    expect({ outcome, broken }).toEqual({ outcome: "succeeded", broken: [] });
    expect(runInstances).toBeLessThan(200);
  });
});

it("waves that boot together serve sooner than one after the other", async () => {
  const fleet = { servers: 9, waves: 3, minimumPercent: 100 };
  const [inOrder, together] = [await playWaveFleet(fleet), await playWaveFleet({ ...fleet, boot: "together" })];
  expect([inOrder.outcome, together.outcome]).toEqual(["succeeded", "succeeded"]);
  expect(together.rtoSeconds!).toBeLessThan(inOrder.rtoSeconds! - 60);
  expect(together.broken).toEqual([]);
});
