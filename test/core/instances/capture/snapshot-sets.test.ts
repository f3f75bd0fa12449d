import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { unseenSeconds } from "../../../../functions/core/clock/visibility.ts";
import { chooseSet, withSet } from "../../../../functions/core/instances/capture/snapshot-sets.ts";
import { anUntaken, aSource, aVolume } from "../../../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
const two = anUntaken({
  volumes: [
    aVolume({ volume: "vol-a", sourceSnapshot: null }),
    aVolume({ volume: "vol-b", device: "/dev/sdf", sourceSnapshot: null }),
  ],
});
const of = (volume: string, startedAt: string, id: string, state = "pending", because: string | null = null) =>
  aSource({ id, volume, startedAt, state, because });

describe("the set of a server", () => {
  test.each([
    ["none found", [], "create"],
    ["a whole one", [of("vol-a", ago(9), "1"), of("vol-b", ago(9), "2")], "adopt"],
    ["one that is only partly visible yet", [of("vol-a", ago(9), "1")], "wait"],
    ["one that stayed partial", [of("vol-a", ago(unseenSeconds + 1), "1")], "create"],
    ["two halves of different moments", [of("vol-a", ago(999), "1"), of("vol-b", ago(900), "2")], "create"],
    ["one that failed", [of("vol-a", ago(9), "1", "error"), of("vol-b", ago(9), "2")], "create"],
  ])("%s", (_, found, action) => {
    expect(chooseSet(two, found, now).action).toBe(action);
  });

  it("the set of a server is the earliest whole one of two", () => {
    const found = [5, 60].flatMap((age) => [of("vol-a", ago(age), `a${age}`), of("vol-b", ago(age), `b${age}`)]);
    const choice = chooseSet(two, found, now);
    expect(choice.action === "adopt" && choice.set.map(({ id }) => id)).toEqual(["a60", "b60"]);
  });

  it("the set of a server is given up when three ended in error, with EBS's reason", () => {
    const found = [1, 2, 3].map((age) => of("vol-a", ago(age), `${age}`, "error", age === 2 ? "no key" : null));
    expect(chooseSet(two, found, now)).toMatchObject({ action: "giveUp", because: "3 sets ended in error: no key" });
    const silent = found.map((one) => ({ ...one, because: null }));
    expect(chooseSet(two, silent, now).because).toContain("no reason given");
  });

  it("the set of a server is never mixed from two moments", () => {
    const snapshot = fc.record({
      volume: fc.constantFrom("vol-a", "vol-b"),
      age: fc.integer({ min: 1, max: 4 }),
      id: fc.uuid(),
      state: fc.constantFrom("pending", "completed", "error"),
    });
    void fc.assert(
      fc.property(fc.array(snapshot), (drawn) => {
        const choice = chooseSet(
          two,
          drawn.map(({ volume, age, id, state }) => of(volume, ago(age * 200), id, state)),
          now,
        );
        if (choice.action !== "adopt") return;
        expect(new Set(choice.set.map(({ startedAt }) => startedAt)).size).toBe(1);
        expect(new Set(choice.set.map(({ volume }) => volume)).size).toBe(2);
        expect(choice.set.some(({ state }) => state === "error")).toBe(false);
      }),
    );
  });
});

describe("the manifest with its set", () => {
  it("the manifest with its set names the source snapshot of each volume and the time of the set", () => {
    const manifest = withSet(two, [of("vol-b", ago(9), "2"), of("vol-a", ago(9), "1"), of("vol-new", ago(9), "3")]);
    expect(manifest.volumes.map(({ volume, sourceSnapshot }) => [volume, sourceSnapshot])).toEqual([
      ["vol-a", "1"],
      ["vol-b", "2"],
    ]);
    expect(manifest.takenAt).toBe(ago(9));
  });

  it("drops a volume that was detached in between", () => {
    expect(withSet(two, [of("vol-b", ago(9), "2")]).volumes.map(({ volume }) => volume)).toEqual(["vol-b"]);
    expect(withSet(two, [])).toMatchObject({ volumes: [], takenAt: null });
  });
});
