import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Keep } from "../../../functions/core/model/plan.ts";
import { type Aged, retain } from "../../../functions/core/points/calendar-classes.ts";

const none: Keep = { hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
const at = (...times: string[]): Aged[] => times.map((time) => ({ id: time, atMs: Date.parse(`${time}:00Z`) }));
const idsOf = (aged: Aged[], keep: Partial<Keep>) => [...retain(aged, { ...none, ...keep }).keys()].sort();

describe("retain", () => {
  it("retain keeps the newest of each of the latest hours that have any, whatever lies between them", () => {
    const points = at("2026-03-02T10:00", "2026-03-02T10:59", "2026-03-02T11:00", "2026-03-04T09:30");
    expect(idsOf(points, { hourly: 2 })).toEqual(["2026-03-02T11:00", "2026-03-04T09:30"]);
    expect(idsOf(points, { hourly: 3 })).toEqual(["2026-03-02T10:59", "2026-03-02T11:00", "2026-03-04T09:30"]);
  });
  it("retain cuts days at midnight UTC", () => {
    const points = at("2026-03-02T22:59", "2026-03-02T23:59", "2026-03-03T00:00");
    expect(idsOf(points, { daily: 2 })).toEqual(["2026-03-02T23:59", "2026-03-03T00:00"]);
  });
  it("retain cuts weeks on Monday, also over the turn of the year", () => {
    const points = at("2025-12-28T12:00", "2025-12-29T12:00", "2026-01-04T12:00", "2026-01-05T00:00");
    expect(idsOf(points, { weekly: 3 })).toEqual(["2025-12-28T12:00", "2026-01-04T12:00", "2026-01-05T00:00"]);
  });
  it("retain cuts months and years by the calendar, leap days and times before 1970 too", () => {
    const points = at("1969-12-31T23:59", "2024-02-29T23:59", "2024-03-01T00:00", "2024-12-31T23:59");
    expect(idsOf(points, { monthly: 3 })).toEqual(["2024-02-29T23:59", "2024-03-01T00:00", "2024-12-31T23:59"]);
    expect(idsOf(points, { yearly: 2 })).toEqual(["1969-12-31T23:59", "2024-12-31T23:59"]);
  });
  it("retain says which classes keep a point, and none when it is only the newest", () => {
    const points = at("2026-03-01T10:00", "2026-03-02T10:00", "2026-03-02T10:30");
    const kept = retain(points, { ...none, daily: 2, weekly: 1 });
    expect([...kept]).toEqual([
      ["2026-03-02T10:30", ["daily", "weekly"]],
      ["2026-03-01T10:00", ["daily"]],
    ]);
    expect([...retain(points, none)]).toEqual([["2026-03-02T10:30", []]]);
  });
  it("retain keeps nothing of nothing", () => {
    expect(retain([], { ...none, hourly: 24 }).size).toBe(0);
  });
  it("retain chooses the same one of two points with the same time, in whatever order they come", () => {
    const twins = ["a", "b"].map((id) => ({ id, atMs: Date.parse("2026-03-02T10:00:00Z") }));
    expect([idsOf(twins, { hourly: 1 }), idsOf([...twins].reverse(), { hourly: 1 })]).toEqual([["b"], ["b"]]);
  });
});

/** The same in the plainest words, one class after the other. */
const specified = (points: Aged[], keep: Keep): Set<string> => {
  const sorted = [...points].sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1));
  const week = (date: Date) => {
    const monday = new Date(date);
    monday.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
    return monday.toISOString().slice(0, 10);
  };
  const periods: Record<keyof Keep, (date: Date) => string> = {
    hourly: (date) => date.toISOString().slice(0, 13),
    daily: (date) => date.toISOString().slice(0, 10),
    weekly: week,
    monthly: (date) => date.toISOString().slice(0, 7),
    yearly: (date) => date.toISOString().slice(0, 4),
  };
  const kept = new Set(sorted.slice(0, 1).map(({ id }) => id));
  for (const [name, periodOf] of Object.entries(periods)) {
    const periodsSeen = new Set<string>();
    for (const one of sorted) {
      const period = periodOf(new Date(one.atMs));
      if (periodsSeen.has(period) || periodsSeen.size >= keep[name as keyof Keep]) continue;
      periodsSeen.add(period);
      kept.add(one.id);
    }
  }
  return kept;
};

const start = Date.parse("2023-12-01T00:00:00Z");
const aged = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 999 }).map((number) => `p${number}`),
    atMs: fc
      .oneof(fc.integer({ min: 0, max: 3 * 86_400 }), fc.integer({ min: 0, max: 1_200 * 86_400 }))
      .map((seconds) => start + seconds * 1_000),
  }),
  { selector: ({ id }) => id, maxLength: 60 },
);
const count = fc.integer({ min: 0, max: 5 });
const keeping = fc.record({ hourly: count, daily: count, weekly: count, monthly: count, yearly: count });
const idsKept = (points: Aged[], keep: Keep) => new Set(retain(points, keep).keys());

describe("for any points and any keep, retain", () => {
  it("retain gives what a slow and plain implementation gives", () => {
    fc.assert(
      fc.property(aged, keeping, (points, keep) => {
        expect(idsKept(points, keep)).toEqual(specified(points, keep));
      }),
    );
  });
  it("retain is idempotent: what it keeps, it keeps again, for the same reasons", () => {
    fc.assert(
      fc.property(aged, keeping, (points, keep) => {
        const first = retain(points, keep);
        const stayed = points.filter(({ id }) => first.has(id));
        expect(retain(stayed, keep)).toEqual(first);
      }),
    );
  });
  it("retain keeps at least one, the newest", () => {
    fc.assert(
      fc.property(aged, keeping, (points, keep) => {
        fc.pre(points.length > 0);
        const newest = points.reduce((best, one) => (one.atMs > best.atMs ? one : best));
        const kept = points.filter(({ id }) => retain(points, keep).has(id));
        expect(kept.map(({ atMs }) => atMs)).toContain(newest.atMs);
      }),
    );
  });
  it("retain does not depend on the order", () => {
    const shuffled = aged.chain((points) =>
      fc.tuple(fc.constant(points), fc.shuffledSubarray(points, { minLength: points.length })),
    );
    fc.assert(
      fc.property(shuffled, keeping, ([points, other], keep) => {
        expect(retain(other, keep)).toEqual(retain(points, keep));
      }),
    );
  });
  it("retain is monotone: a larger keep never gives up what a smaller one keeps", () => {
    fc.assert(
      fc.property(aged, keeping, keeping, (points, keep, more) => {
        const larger = Object.fromEntries(
          Object.entries(keep).map(([name, value]) => [name, value + more[name as keyof Keep]]),
        ) as Keep;
        const stayed = idsKept(points, larger);
        expect([...idsKept(points, keep)].filter((id) => !stayed.has(id))).toEqual([]);
      }),
    );
  });
});

it("retain judges 1,000,000 points in under 2 s, each in an hour of its own", () => {
  const keep = { hourly: 1_000, daily: 1_000, weekly: 1_000, monthly: 1_000, yearly: 100 };
  const points = Array.from({ length: 1_000_000 }, (_, index) => ({
    id: `p${index}`,
    atMs: start + ((index * 7_919) % 1_000_000) * 3_600_000,
  }));
  const before = process.cpuUsage();
  const kept = retain(points, keep);
  const { user, system } = process.cpuUsage(before);
  expect(kept.size).toBeGreaterThan(1_000);
  expect((user + system) / 1_000_000).toBeLessThan(2);
});
