import { expect, test } from "vitest";
import { keptOf } from "./fleet-oracle.ts";

const none = { hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
const at = (...times: string[]) => times.map((time) => ({ id: time, pointAt: `2026-${time}:00Z` }));

test("of a day its newest point is kept, of so many days as are asked for that have one", () => {
  const points = at("01-05T06:00", "01-05T18:00", "01-06T06:00", "01-09T00:00", "01-09T12:00");
  expect(keptOf(points, { ...none, daily: 3 })).toEqual(new Set(["01-09T12:00", "01-06T06:00", "01-05T18:00"]));
});

test("weeks begin on Monday in UTC, months and years at their edges", () => {
  const points = at("01-04T23:59", "01-05T00:00", "01-31T23:59", "02-01T00:00");
  expect(keptOf(points, { ...none, weekly: 9 })).toEqual(new Set(["01-04T23:59", "01-05T00:00", "02-01T00:00"]));
  expect(keptOf(points, { ...none, monthly: 9 })).toEqual(new Set(["01-31T23:59", "02-01T00:00"]));
  expect(keptOf(points, { ...none, yearly: 9 })).toEqual(new Set(["02-01T00:00"]));
});

test("the newest point is kept though no class counts anything, and the order of the points means nothing", () => {
  const points = at("01-05T06:00", "01-07T06:00", "01-06T06:00");
  expect(keptOf(points, none)).toEqual(new Set(["01-07T06:00"]));
  expect(keptOf(points.toReversed(), { ...none, hourly: 2 })).toEqual(new Set(["01-07T06:00", "01-06T06:00"]));
});
