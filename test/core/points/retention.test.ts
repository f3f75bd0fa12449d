import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Point } from "../../../functions/core/model/recovery-point.ts";
import { retain } from "../../../functions/core/points/calendar-classes.ts";
import { approvalReason, decideRetention } from "../../../functions/core/points/retention.ts";
import { aPoint, aResource } from "../../support/builders.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const none = { hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
const resource = aResource({ keep: { ...none, hourly: 1 } });
const at = (time: string, over: Partial<Point> = {}) =>
  aPoint({
    id: `web.${time}`,
    openedAt: `2026-03-02T${time}:00.000Z`,
    pointAt: `2026-03-02T${time}:05.000Z`,
    completedAt: `2026-03-02T${time}:50.000Z`,
    settledAt: `2026-03-02T${time}:50.000Z`,
    swept: true,
    ...over,
  });
const newest = at("11:30");
const fateOf = (point: Point, { of = resource, pinned = [] as string[] } = {}) =>
  decideRetention(of, [newest, point], new Set(pinned), now).find((decision) => decision.point === point)!;
const codeOf = (...given: Parameters<typeof fateOf>) => {
  const { action, code } = fateOf(...given);
  return `${action} ${code}`;
};

describe("decideRetention", () => {
  it("decideRetention takes a complete point that no class keeps, and says so", () => {
    expect(fateOf(at("10:00"))).toMatchObject({
      action: "rotate",
      code: "Rotated",
      because: "no longer kept by hourly 1",
    });
  });
  it("decideRetention keeps the newest complete point even when keep is all zero", () => {
    const [only] = decideRetention(aResource({ keep: none }), [newest], new Set(), now);
    expect(only).toMatchObject({ action: "keep", code: "Newest" });
  });
  it("decideRetention counts from the newest complete point: an open one that is newer changes nothing", () => {
    const open = at("11:59", { state: "open", pointAt: null });
    expect(decideRetention(resource, [newest, open], new Set(), now).map(({ code }) => code)).toEqual([
      "Newest",
      "Open",
    ]);
  });
  it("decideRetention says which classes keep a point", () => {
    const of = aResource({ keep: { ...none, hourly: 2, daily: 1 } });
    expect(fateOf(at("10:00"), { of })).toMatchObject({ code: "Kept", because: "kept as hourly" });
  });
  it.each<[string, Point, string]>([
    ["what is pinned", at("10:00", { id: "pinned" }), "keep Pinned"],
    ["an open point", at("10:00", { state: "open" }), "keep Open"],
    ["a complete point without a time", at("10:00", { pointAt: null }), "keep Undated"],
    ["a point that was not looked through yet", at("10:00", { swept: false }), "keep Unsettled"],
    [
      "a point that was just given up",
      at("11:30", { state: "discarded", settledAt: "2026-03-02T11:50:00Z" }),
      "keep Settling",
    ],
  ])("decideRetention leaves alone %s", (_, point, code) => {
    expect(codeOf(point, { pinned: ["pinned"] })).toBe(code);
  });
  it("decideRetention does not let a damaged point stand in for a whole one, and keeps what may come back", () => {
    const damaged = at("11:45", { damaged: { at: "", because: "its copies are gone" } });
    const decisions = decideRetention(resource, [at("10:00"), newest, damaged], new Set(), now);
    expect(decisions.map(({ action, code }) => `${action} ${code}`)).toEqual([
      "rotate Rotated",
      "keep Newest",
      "keep Damaged",
    ]);
    const all = decideRetention(aResource({ keep: none }), [newest, damaged], new Set(), now);
    expect(all.map(({ code }) => code)).toEqual(["Newest", "Damaged"]);
  });
  it("decideRetention takes a damaged point that no class would keep if it were whole", () => {
    expect(codeOf(at("10:00", { damaged: { at: "", because: "gone" } }))).toBe("rotate Rotated");
  });
  it("decideRetention finishes what was given up an hour ago, and at once what a rotation has begun", () => {
    expect(codeOf(at("10:00", { state: "discarded" }))).toBe("finish GivenUp");
    expect(codeOf(at("11:59", { state: "discarded", rotated: true }))).toBe("finish Unfinished");
  });
  it("decideRetention keeps a locked point until an hour after its lock", () => {
    const of = (lockSeconds: number) => aResource({ keep: { ...none, hourly: 1 }, lockSeconds });
    expect(fateOf(at("10:00"), { of: of(3_600) })).toMatchObject({
      code: "Locked",
      because: "its copies are locked until about 2026-03-02T12:00:50.000Z",
    });
    expect(codeOf(at("09:58"), { of: of(3_600) })).toBe("rotate Rotated");
    expect(codeOf(at("10:00", { completedAt: null }), { of: of(3_600) })).toBe("keep Locked");
  });
  it("decideRetention gives up sources by keepSource, never those of the newest, nor of what is in doubt, nor twice", () => {
    const of = aResource({ keep: { ...none, hourly: 9 }, keepSource: { ...none, hourly: 1 } });
    const points = [
      at("07:00", { sourcesGone: true }),
      at("08:00", { swept: false }),
      at("09:00", { id: "pinned" }),
      at("10:00"),
      newest,
    ];
    const decisions = decideRetention(of, points, new Set(["pinned"]), now);
    expect(decisions.map(({ sourcesGo }) => sourcesGo)).toEqual([false, false, false, true, false]);
  });
  it("decideRetention gives up exactly what the calendar does not keep, whatever else there is", () => {
    const count = fc.integer({ min: 0, max: 3 });
    const keeping = fc.record({ hourly: count, daily: count, weekly: count, monthly: count, yearly: count });
    const start = Date.parse("2025-06-01T00:00:00Z");
    const points = fc.uniqueArray(fc.integer({ min: 0, max: 270 * 24 * 4 }), { maxLength: 40 }).map((quarters) =>
      quarters.map((quarter) => {
        const time = new Date(start + quarter * 900_000).toISOString();
        return at("10:00", { id: `web.${quarter}`, openedAt: time, pointAt: time, completedAt: time });
      }),
    );
    fc.assert(
      fc.property(keeping, points, (keep, all) => {
        const kept = retain(
          all.map(({ id, pointAt }) => ({ id, atMs: Date.parse(pointAt!) })),
          keep,
        );
        const decisions = decideRetention(aResource({ keep }), all, new Set(), now);
        const stay = decisions.filter(({ action }) => action === "keep").map(({ point }) => point.id);
        expect(new Set(stay)).toEqual(new Set(kept.keys()));
      }),
    );
  });
});

it.each([
  [0, 0, null],
  [1, 5, null],
  [2, 9, "2 of 9 complete points would go, more than 20 % of them"],
  [1, 1, "1 of 1 complete points would go, more than 20 % of them"],
])("approvalReason(%d of %d)", (removals, complete, says) => {
  expect(approvalReason(removals, complete)).toBe(says);
});
