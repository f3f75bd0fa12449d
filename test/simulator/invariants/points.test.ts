import { describe, expect, it } from "vitest";
import type { Point } from "../../../functions/core/model/recovery-point.ts";
import type { JudgedStory } from "../../../simulator/invariants/invariant.ts";
import { pointInvariants } from "../../../simulator/invariants/points.ts";
import type { Execution } from "../../../simulator/machines/executions.ts";
import { aPlan, aPoint, aResource } from "../../support/builders.ts";

const invariant = pointInvariants["4 rotation keeps what the plan says"]!;
const keep = { hourly: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
const at = (time: string, over: Partial<Point> = {}) =>
  aPoint({
    id: `web.${time}`,
    pointAt: `2026-03-02T${time}:05.000Z`,
    completedAt: `2026-03-02T${time}:50.000Z`,
    swept: true,
    ...over,
  });
/** A rotation that began at noon, and says that these points went. */
const rotation = (points: Point[], next = "done") => {
  const result = { next, tally: { points: points.map(({ id, pointAt }) => ({ id, pointAt })) } };
  const startedAt = Date.parse("2026-03-02T12:00:00.000Z");
  return { machine: "rotate", startedAt, results: new Map([["Rotate", result]]) } as unknown as Execution;
};
const judge = (points: Point[], executions: Execution[], lockSeconds = 0) =>
  invariant({ plan: aPlan({ protect: [aResource({ keep, lockSeconds })] }), points, executions } as JudgedStory);

describe("rotation keeps what the plan says", () => {
  it("when the rest went, and when there was no rotation at all", () => {
    expect(judge([at("11:30")], [rotation([at("10:30")])])).toEqual([]);
    expect(judge([at("10:30"), at("11:30")], [])).toEqual([]);
  });
  it("not when a point went that the plan keeps", () => {
    expect(judge([], [rotation([at("11:30")])])).toEqual(["web.11:30 was deleted, although the plan keeps it"]);
  });
  it("not when a point stayed that no class keeps", () => {
    const stayed = ["web.10:30 still exists, although no retention class keeps it"];
    expect(judge([at("10:30"), at("11:30")], [rotation([])])).toEqual(stayed);
  });
  it("whatever became complete later, is locked, was not looked through yet, or was not come to", () => {
    const late = at("11:30", { completedAt: "2026-03-02T12:10:00.000Z" });
    expect(judge([at("10:30"), late], [rotation([])])).toEqual([]);
    expect(judge([at("10:30"), at("11:30")], [rotation([])], 86_400)).toEqual([]);
    expect(judge([at("10:30", { swept: false }), at("11:30")], [rotation([])])).toEqual([]);
    expect(judge([at("10:30"), at("11:30")], [rotation([], "delete")])).toEqual([]);
  });
});
