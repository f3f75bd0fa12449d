import { describe, expect, it } from "vitest";
import type { Point } from "../../../functions/core/model/recovery-point.ts";
import { damageNotice, pointsToRecheck } from "../../../functions/core/points/recheck.ts";
import { aPoint } from "../../support/builders.ts";

const startedAt = "2026-03-02T12:00:00.000Z";
const at = (hour: string, over: Partial<Point> = {}) => {
  const time = `2026-03-02T${hour}:00:00.000Z`;
  return aPoint({ id: `web.${hour}`, openedAt: time, pointAt: time, settledAt: time, ...over });
};
const idsOf = (points: Point[]) => pointsToRecheck(points, startedAt).map(({ id }) => id);

describe("the points that are looked at once more", () => {
  it("a pass checks the newest two points again, and the others that were not checked for longest", () => {
    const looked = (hour: string, last: string) => at(hour, { lookedAt: `2026-03-02T${last}:30:00.000Z` });
    const points = [looked("05", "10"), looked("06", "08"), at("07"), looked("08", "09"), looked("09", "11"), at("10")];
    expect(idsOf(points)).toEqual(["web.10", "web.09", "web.07", "web.06"]);
  });
  it("an execution checks four points again, however often its step runs", () => {
    const now = { lookedAt: "2026-03-02T12:05:00.000Z" };
    expect(idsOf([at("06"), at("07"), at("08", now), at("09", now), at("10", now)])).toEqual(["web.06"]);
    expect(idsOf([at("06"), at("07", now), at("08", now), at("09", now), at("10", now)])).toEqual([]);
  });
  it("points that are checked again are complete, and were not completed by this execution", () => {
    expect(idsOf([at("06", { state: "open" }), at("07", { settledAt: "2026-03-02T12:01:00.000Z" })])).toEqual([]);
  });
});

describe("what a person is told of damaged points", () => {
  const damaged = (time: string) => ({ damaged: { at: `2026-03-02T${time}:00.000Z`, because: "gone" } });

  it("a report names no damaged point when there is none, and no older one that was reported before", () => {
    expect(damageNotice([at("06"), at("07")], startedAt)).toBeNull();
    expect(damageNotice([at("06", damaged("11:00")), at("07"), at("08")], startedAt)).toBeNull();
  });
  it("a report names each damaged point found now, and one of the newest as long as it is damaged", () => {
    const points = [at("06", damaged("12:05")), at("07"), at("08", damaged("11:00"))];
    expect(damageNotice(points, startedAt)).toBe(
      "web.08 cannot be recovered any more: gone; web.06 cannot be recovered any more: gone; web.07 is the newest that can, and the next pass makes a new one",
    );
  });
});
