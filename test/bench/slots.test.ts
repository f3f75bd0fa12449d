import { describe, expect, it } from "vitest";
import { createSlots, fullPercent } from "../../bench/proxy/slots.ts";

const region = "eu-central-1";
const filled = (quota: number | null, count: number, at = 0) => {
  const slots = createSlots({ quota, copySeconds: 2 });
  for (let copy = 0; copy < count; copy += 1) slots.reserve(region, at)!.accept(`snap-${copy}`, at);
  return slots;
};

describe("slots", () => {
  it("refuse a copy beyond the quota, in its Region only", () => {
    const slots = filled(3, 3);
    expect(slots.reserve(region, 1_000)).toBeNull();
    expect(slots.reserve("eu-west-1", 1_000)).not.toBeNull();
  });

  it("are free again when the copy has taken its time", () => {
    const slots = filled(3, 3);
    expect(slots.isPending("snap-0", 1_999)).toBe(true);
    expect(slots.isPending("snap-0", 2_000)).toBe(false);
    expect(slots.reserve(region, 2_000)).not.toBeNull();
  });

  it("are taken while a copy is asked for, and free again when AWS said no", () => {
    const slots = filled(1, 0);
    const asked = slots.reserve(region, 0)!;
    expect(slots.reserve(region, 0)).toBeNull();
    asked.refuse();
    expect(slots.reserve(region, 0)).not.toBeNull();
  });

  it("tell which copies of a Region are pending, and how many there were at once", () => {
    const slots = filled(null, 4);
    expect(slots.pending(region, 1_000)).toHaveLength(4);
    expect(slots.pending("eu-west-1", 1_000)).toEqual([]);
    expect(slots.inFlightMax()).toBe(4);
  });

  it("have no copy pending where copies take no time", () => {
    const slots = createSlots({ quota: null, copySeconds: 0 });
    slots.reserve(region, 0)!.accept("snap-0", 0);
    expect([slots.isPending("snap-0", 0), slots.pending(region, 0), slots.inFlightMax()]).toEqual([false, [], 1]);
  });
});

describe("the share of slots that is full", () => {
  const copy = (from: number, to: number) => [
    { at: from, by: 1 as const },
    { at: to, by: -1 as const },
  ];

  it.each([
    ["all of them until the last copy was accepted", [...copy(0, 10), ...copy(0, 10), ...copy(10, 20)], 10, 100],
    ["half of them", [...copy(0, 10), ...copy(10, 20)], 10, 50],
    ["a pause between two batches", [...copy(0, 10), ...copy(0, 10), ...copy(20, 30)], 20, 50],
    ["more than the usable ones count as these", [...copy(0, 9), ...copy(0, 9), ...copy(0, 9)], 9, 100],
  ])("%s", (_, changes, until, percent) => {
    expect(fullPercent(changes, 2, until)).toBeCloseTo(percent);
  });

  it("is not known of no copies", () => {
    expect(fullPercent([], 2, null)).toBeNull();
  });
});
