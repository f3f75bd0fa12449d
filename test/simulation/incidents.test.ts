import { describe, expect, it } from "vitest";
import { resultOf } from "../../simulator/story/result.ts";
import { dark } from "../support/pair.ts";
import { playWarm } from "../support/warm.ts";
import { drawIncident, playIncident } from "./incidents.ts";
import { watchOutages } from "./incidents-oracle.ts";

describe("drawn incidents", () => {
  it("are the same for the same seed, and valid for every seed", () => {
    const drawn = Array.from({ length: 300 }, (_, seed) => drawIncident(seed + 1));
    expect(drawIncident(7)).toEqual(drawn[6]);
    const all = drawn.map(({ document }) => document);
    for (const part of ["operations", "events", "applications", "faults"] as const)
      expect(all.some((one) => one[part].length > 0)).toBe(true);
    expect(new Set(drawn.map(({ plan }) => plan.detect.action)).size).toBe(3);
    expect(new Set(drawn.map(({ plan }) => plan.application))).toEqual(new Set(["warm", "pair"]));
  });

  it.each([1, 2, 3])("hold every invariant, and no outage is missed (seed %i)", async (seed) => {
    expect(await playIncident({ kind: "incident", seed })).toEqual([]);
  });
});

describe("whoever watches from outside", () => {
  const play = async (faults: object[], operations: object[] = []) => {
    const { began, missed } = watchOutages();
    const story = await playWarm({ began, scenario: { until: "40m", faults, operations } });
    return { missed, runs: resultOf(story).runs };
  };
  const noStart = { fault: "api-error", operation: "StartExecution", error: "AccessDeniedException" };

  it("misses nothing when the outage is acted on", async () => {
    const { missed, runs } = await play([dark]);
    expect([missed, runs.length]).toEqual([[], 1]);
  });

  it("sees that nothing is done when no run can be started", async () => {
    const { missed, runs } = await play([dark, noStart]);
    expect(runs).toEqual([]);
    expect(missed).toEqual([
      expect.stringMatching(/^warm: page and region saw the outage from .* and nothing was done$/),
    ]);
  });

  it("asks for nothing while the application is paused, or before the quorum has seen it for long enough", async () => {
    expect((await play([dark, noStart], [{ at: "-1m", do: "pause" }])).missed).toEqual([]);
    expect((await play([{ ...dark, for: "4m" }, noStart])).missed).toEqual([]);
  });
});
