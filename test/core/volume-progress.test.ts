import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { tagKeys } from "../../functions/core/names.ts";
import type { SnapshotFact } from "../../functions/core/snapshot-fact.ts";
import { progressOf, surplusOf } from "../../functions/core/volume-progress.ts";
import { aPoint } from "../support/builders.ts";
import { aCopy, anUntaken, aSource, aTaken, aVolume, theOpenPoint } from "../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const justTaken = "2026-03-02T11:59:00.000Z";
const point = theOpenPoint();
const failed = (id: string) => aCopy({ id, state: "error", because: "Given key ID is not accessible" });

describe("the progress of a volume", () => {
  test.each([
    ["not snapshotted", anUntaken(), [], [], "untaken"],
    ["snapshot not visible yet", aTaken({ takenAt: justTaken }), [], [], "snapshotting"],
    ["snapshot gone", aTaken(), [], [], "lost"],
    ["snapshot pending", aTaken(), [aSource({ state: "pending", progress: 40 })], [], "snapshotting"],
    ["snapshot in error", aTaken(), [aSource({ state: "error", because: "internal" })], [], "lost"],
    ["snapshot in error for no reason", aTaken(), [aSource({ state: "error" })], [], "lost"],
    ["snapshot completed", aTaken(), [aSource()], [], "ready"],
    ["source silent", aTaken(), null, [], "unknown"],
    ["copy pending", aTaken(), [aSource()], [aCopy({ state: "pending", progress: 10 })], "copying"],
    ["copy pending, source silent", aTaken(), null, [aCopy({ state: "pending" })], "copying"],
    ["copy completed", aTaken(), null, [aCopy()], "copied"],
    ["copy completed, another pending", aTaken(), null, [aCopy({ id: "a", state: "pending" }), aCopy()], "copied"],
    ["one copy failed", aTaken(), [aSource()], [failed("1")], "ready"],
    ["two copies failed", aTaken(), [aSource()], [failed("1"), failed("2")], "failed"],
    ["a copy of something else", aTaken(), [aSource()], [aCopy({ of: "snap-other" })], "ready"],
  ] as const)("%s", (_, manifest, sources, copies, state) => {
    const listed = { sources: sources && [...sources], copies: [...copies] };
    const [progress] = progressOf(point, [manifest], listed, now);
    expect(progress?.state).toBe(state);
    expect(progress?.because).not.toBe("");
  });

  it("tells why copies failed", () => {
    const [progress] = progressOf(point, [aTaken()], { sources: [], copies: [failed("1"), failed("2")] }, now);
    expect(progress?.because).toContain("2 copies of snap-src-a ended in error: Given key ID is not accessible");
  });

  it("counts the oldest completed copy, else the oldest pending one", () => {
    const copies = [
      aCopy({ id: "late", startedAt: "2026-03-02T11:50:00.000Z" }),
      aCopy({ id: "early", startedAt: "2026-03-02T11:40:00.000Z" }),
      aCopy({ id: "first", startedAt: "2026-03-02T11:30:00.000Z", state: "pending" }),
    ];
    expect(progressOf(point, [aTaken()], { sources: [], copies }, now)[0]?.copy?.id).toBe("early");
    const pending = copies.map((one) => ({ ...one, state: "pending" }));
    expect(progressOf(point, [aTaken()], { sources: [], copies: pending }, now)[0]?.copy?.id).toBe("first");
  });
});

const ids = (snapshots: SnapshotFact[]) => snapshots.map(({ id }) => id);

describe("surplus", () => {
  const other = aSource({ id: "snap-other-set", startedAt: "2026-03-02T11:31:00.000Z" });
  const twin = aCopy({ id: "snap-twin", startedAt: "2026-03-02T11:34:00.000Z" });

  it("of an open point is every other set, every further copy and every failed one", () => {
    const listed = { sources: [aSource(), other], copies: [twin, aCopy(), failed("snap-failed")] };
    const surplus = surplusOf(point, [aTaken()], listed);
    expect(ids(surplus.sources)).toEqual(["snap-other-set"]);
    expect(ids(surplus.copies)).toEqual(["snap-twin", "snap-failed"]);
  });

  it("is nothing of a server whose set is not on record: one of them may become the set", () => {
    const surplus = surplusOf(point, [anUntaken()], { sources: [aSource(), other], copies: [aCopy()] });
    expect(surplus).toEqual({ sources: [], copies: [] });
  });

  it("is nothing when the manifests could not be found", () => {
    expect(surplusOf(aPoint(), [], { sources: [aSource()], copies: [aCopy()] })).toEqual({ sources: [], copies: [] });
  });

  it("is everything of a server that was left out, and of a discarded point", () => {
    const leftOut = aSource({ id: "snap-gone", tags: { ...aSource().tags, [tagKeys.server]: "i-gone" } });
    expect(ids(surplusOf(point, [aTaken()], { sources: [aSource(), leftOut], copies: [] }).sources)).toEqual([
      "snap-gone",
    ]);
    const discarded = aPoint({ state: "discarded" });
    expect(ids(surplusOf(discarded, [aTaken()], { sources: [aSource()], copies: [aCopy()] }).copies)).toEqual([
      "snap-dst-a",
    ]);
    expect(surplusOf(discarded, [], { sources: null, copies: [] })).toEqual({ sources: [], copies: [] });
  });

  it("of a complete point is only what its manifests do not name, even an older copy", () => {
    const named = aTaken({ volumes: [aVolume({ snapshot: "snap-twin" })] });
    const surplus = surplusOf(aPoint(), [named], { sources: [aSource(), other], copies: [aCopy(), twin] });
    expect(ids(surplus.copies)).toEqual(["snap-dst-a"]);
    expect(ids(surplus.sources)).toEqual(["snap-other-set"]);
  });

  it("never holds what a complete point is restored from, whatever is listed", () => {
    const named = aTaken({ volumes: [aVolume({ snapshot: "snap-dst-a" })] });
    const copy = fc.record({
      id: fc.constantFrom("snap-1", "snap-2", "snap-3"),
      state: fc.constantFrom("pending", "completed", "error"),
      of: fc.constantFrom("snap-src-a", "snap-x"),
    });
    void fc.assert(
      fc.property(
        fc.uniqueArray(copy, { selector: ({ id }) => id }),
        fc.constantFrom("open" as const, "complete" as const),
        (drawn, state) => {
          const copies = [aCopy(), ...drawn.map((one) => aCopy(one))];
          const surplus = surplusOf(aPoint({ state }), [named], { sources: [aSource()], copies });
          if (state === "complete") expect(ids(surplus.copies)).not.toContain("snap-dst-a");
          expect(ids(surplus.sources)).toEqual([]);
          const left = copies.filter((one) => !surplus.copies.includes(one));
          expect(left.filter(({ tags }) => tags[tagKeys.sourceSnapshot] === "snap-src-a")).toHaveLength(1);
        },
      ),
    );
  });
});
