import { describe, expect, it } from "vitest";
import { unhurried } from "../../cli/rehearse.ts";

describe("the usual pace", () => {
  const pausesOf = (zero: number, steps: number[]) => {
    let now = 0;
    const pause = unhurried(() => (now >= zero ? zero : null));
    return steps.map((seconds) => {
      now += seconds * 1_000;
      return pause(now);
    });
  };
  const sum = (pauses: number[]) => pauses.reduce((total, one) => total + one, 0);

  it("the usual pace takes about a second for hours of replication, and some eight for a failover", () => {
    expect(
      sum(
        pausesOf(
          Number.POSITIVE_INFINITY,
          Array.from({ length: 1_440 }, () => 5),
        ),
      ),
    ).toBeCloseTo(900, -2);
    expect(
      sum(
        pausesOf(
          0,
          Array.from({ length: 300 }, () => 2),
        ),
      ),
    ).toBeCloseTo(8_400, -2);
  });

  it("the usual pace is never longer than nine seconds in all, nor than an eighth of one at once, and is over half an hour after time 0", () => {
    const pauses = pausesOf(
      0,
      Array.from({ length: 5_000 }, () => 1),
    );
    expect(sum(pauses)).toBeLessThanOrEqual(9_000);
    expect(Math.max(...pausesOf(0, [60, 60, 60]))).toBe(120);
    expect(sum(pausesOf(-3_600_000, [5, 5, 5]))).toBe(0);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0);
  });
});
