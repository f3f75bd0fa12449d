import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TrafficRecord } from "../../../functions/core/model/plan.ts";
import { firstStep, percentAt, stepCount, watchSeconds, weightsFor } from "../../../functions/core/traffic/weights.ts";
import { aPlan } from "../../support/builders.ts";

const [base] = aPlan().traffic!.records as [TrafficRecord];
const weighted = (steps: number[], gateSeconds = 120): TrafficRecord => ({
  ...base,
  policy: "weighted",
  steps,
  gateSeconds,
});
const byRecords = (...records: TrafficRecord[]) => ({ switch: "records" as const, records });

describe("the steps of a plan", () => {
  it("are as many as its longest list has", () => {
    expect(stepCount([weighted([10, 50, 100]), weighted([100]), base])).toBe(3);
    expect(stepCount([])).toBe(1);
  });

  it("move what is not weighted with the last one, and a shorter list with its own", () => {
    const [slow, quick] = [weighted([10, 50, 100]), weighted([20, 100])];
    expect([0, 1, 2, 3].map((step) => percentAt(slow, step, 3))).toEqual([10, 50, 100, 100]);
    expect([0, 1, 2].map((step) => percentAt(quick, step, 3))).toEqual([20, 100, 100]);
    expect([0, 1, 2].map((step) => percentAt(base, step, 3))).toEqual([0, 0, 100]);
  });

  it("are watched by the longest gate, all but the last", () => {
    const traffic = byRecords(weighted([10, 50, 100]), weighted([10, 50, 100], 300), { ...base, gateSeconds: 900 });
    expect([0, 1, 2].map((step) => watchSeconds(traffic, step))).toEqual([300, 300, 0]);
    expect(watchSeconds({ ...traffic, switch: "takeover" }, 0)).toBe(0);
  });

  it("are taken at once where nobody watches them", () => {
    expect(firstStep(byRecords(weighted([10, 50, 100])))).toBe(0);
    expect(firstStep(byRecords(weighted([10, 50, 100], 0)))).toBe(2);
    expect(firstStep(byRecords(base))).toBe(0);
  });
});

describe("weightsFor", () => {
  it.each<[string, number, { source: number; target: number }, boolean, object | null]>([
    ["a tenth of a hundred", 10, { source: 100, target: 0 }, false, { source: 90, target: 10 }],
    ["the sum stays where it can be divided", 50, { source: 2, target: 0 }, false, { source: 1, target: 1 }],
    ["a sum too small becomes a hundred", 10, { source: 1, target: 0 }, false, { source: 90, target: 10 }],
    [
      "beside other sets the sum stays, as near as can be",
      10,
      { source: 7, target: 0 },
      true,
      { source: 6, target: 1 },
    ],
    ["beside other sets, a sum of 1 cannot be divided", 10, { source: 1, target: 0 }, true, null],
    ["all of it", 100, { source: 1, target: 0 }, true, { source: 0, target: 1 }],
    ["all of nothing", 100, { source: 0, target: 0 }, false, { source: 0, target: 100 }],
    ["a part of nothing", 25, { source: 0, target: 0 }, false, { source: 75, target: 25 }],
    ["the target has more already", 10, { source: 40, target: 60 }, false, { source: 40, target: 60 }],
    ["the target has everything already", 10, { source: 0, target: 5 }, false, { source: 0, target: 5 }],
    ["a sum above 255 becomes a hundred", 62, { source: 159, target: 191 }, false, { source: 38, target: 62 }],
    ["no weight above 255", 100, { source: 200, target: 200 }, false, { source: 0, target: 255 }],
  ])("%s", (_, percent, now, hasOthers, expected) => {
    expect(weightsFor(percent, now, hasOthers)).toEqual(expected);
  });

  it("weightsFor gives weights that Route 53 takes, never takes from the target, and is the same when asked again", () => {
    const weight = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), weight, weight, fc.boolean(), (percent, source, target, others) => {
        const found = weightsFor(percent, { source, target }, others);
        if (found === null) return source + target < 2 && others;
        const share = (one: { source: number; target: number }) => one.target / Math.max(1, one.source + one.target);
        const valid = [found.source, found.target].every((one) => Number.isInteger(one) && one >= 0 && one <= 255);
        const again = weightsFor(percent, found, others);
        const grew = share(found) >= share({ source, target }) - 0.01;
        return (
          valid && grew && JSON.stringify(again) === JSON.stringify(found) && (percent < 100 || found.source === 0)
        );
      }),
    );
  });
});
