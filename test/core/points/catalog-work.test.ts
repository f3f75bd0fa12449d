import { describe, expect, it, test } from "vitest";
import type { Point } from "../../../functions/core/model/recovery-point.ts";
import { catalogWork, hasWork } from "../../../functions/core/points/catalog-work.ts";
import { aPoint, aResource } from "../../support/builders.ts";
import { theOpenPoint } from "../../support/replication.ts";

const startedAt = "2026-03-02T12:00:00.000Z";
const settledAt = "2026-03-02T11:45:00.000Z";
const over = { swept: true, imaged: false, settledAt };
const newest = aPoint({ ...over, imaged: true });
const older = (part: Partial<Point> = {}) =>
  aPoint({ id: "web.20260302T110000Z", openedAt: "2026-03-02T11:00:00.000Z", ...over, ...part });
const work = (...points: Point[]) => catalogWork(aResource({ lockSeconds: 60 }), points, newest, startedAt);
const locked = { ...newest, lockedTo: "i-0a" };
const idsOf = (points: Point[]) => points.map(({ id }) => id);

test("Catalog has nothing to do when the newest point has its images and locks, and the others have none", () => {
  expect(hasWork(work(locked, older(), theOpenPoint({ id: "open" })))).toBe(false);
});

test.each([
  ["the newest point without all images", () => catalogWork(aResource(), [], { ...newest, imaged: false }, startedAt)],
  ["images of an older point", () => work(locked, older({ imaged: true }))],
  ["an older point that may have some", () => work(locked, { ...older(), imaged: undefined } as unknown as Point)],
  ["the newest point without locks", () => work(newest)],
  ["an older point that is locked in part", () => work(locked, older({ lockedTo: "" }))],
  ["a complete point of an earlier pass that nobody looked through", () => work(locked, older({ swept: false }))],
  [
    "a point that was given up just now",
    () => work(locked, older({ swept: false, state: "discarded", settledAt: startedAt })),
  ],
])("%s is work", (_, given) => {
  expect(hasWork(given())).toBe(true);
});

describe("what is looked through for surplus", () => {
  it("a complete point is searched for duplicates by a later pass than the one that completed it", () => {
    expect(work(locked, older({ swept: false, settledAt: startedAt })).orphaned).toEqual([]);
  });

  it("a point that rotation has taken is not searched", () => {
    expect(work(locked, older({ state: "discarded", swept: false, rotated: true })).orphaned).toEqual([]);
  });

  it("the copies of a discarded point stay as the basis of the next copies until a newer point is complete", () => {
    const after = older({ id: "web.later", openedAt: startedAt, state: "discarded", swept: false });
    const before = older({ state: "discarded", swept: false });
    expect(idsOf(work(locked, before, after).orphaned)).toEqual([before.id, after.id]);
    expect(idsOf(work(locked, before, after).basis)).toEqual([after.id]);
    expect(idsOf(catalogWork(aResource(), [before], null, startedAt).basis)).toEqual([before.id]);
  });
});
