import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { completionMinutes } from "../../../../functions/core/instances/copy/time-based.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();
const minutes = (left: number, usualMinutes: number | null, sizeGiB = 100) =>
  completionMinutes({
    sizeGiB,
    deadline: inMinutes(left),
    now,
    usualSeconds: usualMinutes === null ? null : usualMinutes * 60,
  });

describe("a time-based copy", () => {
  test.each([
    ["is none when a normal copy is in time", minutes(60, 50), null],
    ["is as slow as the deadline allows", minutes(50, 120), 45],
    ["is of fifteen minutes at least", minutes(20, 120), 15],
    ["is the shortest there is when the deadline has passed", minutes(-60, 120), 15],
    ["is none when it would be no faster", minutes(-60, 14), null],
    ["is no faster than 500 MiB/s", minutes(20, 120, 1_000), 45],
    ["is of two days at most", minutes(5_000, 6_000), 2_880],
    ["is judged by its size when no copy has ended yet", minutes(10, null, 1_000), null],
    ["is judged by its size: a large one would be late", minutes(60, null, 4_000), null],
    ["is judged by its size: faster than the estimate", minutes(45, null, 2_000), null],
  ])("%s", (_, found, expected) => {
    expect(found).toBe(expected);
  });

  it("a time-based copy is a multiple of fifteen minutes from 15 to 2,880, and faster than a normal copy", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -500, max: 5_000 }),
        fc.integer({ min: 1, max: 9_000 }),
        fc.nat(64_000),
        (left, usual, size) => {
          const found = minutes(left, usual, size);
          if (found === null) return;
          expect(found % 15).toBe(0);
          expect(found).toBeGreaterThanOrEqual(15);
          expect(found).toBeLessThanOrEqual(2_880);
          expect(found).toBeLessThan(usual);
          if (found > 15 && found * 60 > (size * 1_024) / 500 + 900) expect(found).toBeLessThanOrEqual(left);
        },
      ),
    );
  });
});
