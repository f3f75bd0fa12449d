import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { copyWaitSeconds, type Waiting } from "../../../../functions/core/instances/copy/poll-interval.ts";
import { aCopy } from "../../../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
const copy = (ageSeconds: number, progress = 0) => aCopy({ state: "pending", startedAt: ago(ageSeconds), progress });
const wait = (over: Partial<Waiting> = {}) =>
  copyWaitSeconds({
    copies: [],
    usualSeconds: null,
    isQueued: true,
    unseen: 0,
    sourcesSince: null,
    started: 0,
    now,
    ...over,
  });

describe("the wait until the next look", () => {
  test.each([
    [
      "a tenth of the usual time, when copies end all the time",
      { copies: [copy(120), copy(20)], usualSeconds: 120 },
      12,
    ],
    ["until the first can end, when all began just now", { copies: [copy(0)], usualSeconds: 60 }, 42],
    ["short for copies of seconds", { copies: [copy(2)], usualSeconds: 2 }, 3],
    ["at most a minute", { copies: [copy(5)], usualSeconds: 9_000 }, 60],
    ["a fifth of the age, when nothing is known", { copies: [copy(100)] }, 20],
    ["by their progress, when they show one", { copies: [copy(100, 50)] }, 40],
    ["longer when nothing waits for a slot", { copies: [copy(50)], usualSeconds: 200, isQueued: false }, 60],
    ["a moment for copies that are not visible yet", { unseen: 2 }, 5],
    ["for what was asked just now, as for any copy", { unseen: 2, usualSeconds: 60 }, 42],
    ["for sources, longer as they take longer", { sourcesSince: ago(200) }, 40],
    ["for sources that have just begun, which an event tells of sooner", { sourcesSince: ago(10) }, 30],
    ["a little while others have the slots", {}, 10],
    ["so long that the token bucket is full again", { unseen: 25, started: 25, usualSeconds: 1 }, 5],
  ])("the wait until the next look is %s", (_, over, expected) => {
    expect(wait(over)).toBe(expected);
  });

  it("the wait until the next look is whole seconds between 3 and 60, whatever there is", () => {
    const seconds = fc.nat(90_000);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(seconds, fc.nat(100)), { maxLength: 20 }),
        fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
        fc.boolean(),
        fc.nat(20),
        fc.nat(25),
        fc.option(seconds),
        (copies, usualSeconds, isQueued, unseen, started, since) => {
          const found = wait({
            copies: copies.map(([age, progress]) => copy(age, progress)),
            usualSeconds,
            isQueued,
            unseen,
            started,
            sourcesSince: since === null ? null : ago(since),
          });
          expect(Number.isInteger(found)).toBe(true);
          expect(found).toBeGreaterThanOrEqual(3);
          expect(found).toBeLessThanOrEqual(60);
        },
      ),
    );
  });
});
