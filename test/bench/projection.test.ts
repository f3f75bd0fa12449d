import { expect, it } from "vitest";
import { projectionOf } from "../../bench/projection.ts";
import { aPoint } from "../support/builders.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 0, minute)).toISOString();
const before = aPoint({ id: "web.1", openedAt: at(0), pointAt: at(0), completedAt: at(10) });
const last = aPoint({ id: "web.2", openedAt: at(30), pointAt: at(30), completedAt: at(50) });
const said = (minute: number, value: number, name = "ProjectedRecoveryPointAgeSeconds") => ({
  at: at(minute),
  name,
  value,
});

it("holds what was said in the last cycle against the age that the point before it came to", () => {
  const metrics = [
    said(5, 1),
    said(35, 3_000),
    said(40, 3_300),
    said(45, 2_400),
    said(45, 1, "RecoveryPointAgeSeconds"),
  ];
  expect(projectionOf(metrics, [last, before])).toEqual({
    actualSeconds: 3_000,
    samples: 3,
    withinTenPercent: 2,
    worstPercent: 20,
  });
});

it("knows nothing of a first point", () => {
  expect(projectionOf([said(5, 600)], [before])).toBeNull();
  expect(projectionOf([], [])).toBeNull();
});
