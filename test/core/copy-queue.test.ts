import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { copyWaitSeconds, nextCopies } from "../../functions/core/copy-queue.ts";
import { limits } from "../../functions/core/limits.ts";
import { aCopy, aVolume, aVolumeProgress, theOpenPoint } from "../support/replication.ts";

const none = new Set<string>();
const volume = (id: string, sizeGiB: number, openedAt = "2026-03-02T11:30:00.000Z", resource = "web") =>
  aVolumeProgress({ point: theOpenPoint({ openedAt, resource }), volume: aVolume({ volume: id, sizeGiB }) });
const idsOf = ({ start }: ReturnType<typeof nextCopies>) => start.map((one) => one.volume.volume);

describe("the copies to start", () => {
  it("are those of the newest point first, and of it the largest volumes", () => {
    const queue = nextCopies(
      [volume("old", 900, "2026-03-02T11:00:00.000Z"), volume("b", 8), volume("a", 8), volume("large", 100)],
      0,
      none,
    );
    expect(idsOf(queue)).toEqual(["large", "a", "b", "old"]);
    expect(queue.waiting).toBe(0);
  });

  it("are none of a resource that AWS refuses, nor of a volume that is not ready", () => {
    const volumes = [volume("a", 8), volume("b", 8, undefined, "db"), aVolumeProgress({ state: "copying" })];
    expect(idsOf(nextCopies(volumes, 0, new Set(["web"])))).toEqual(["b"]);
  });

  it("never take more slots than are free, whoever has the others", () => {
    void fc.assert(
      fc.property(fc.nat(60), fc.nat(30), (count, inFlight) => {
        const volumes = Array.from({ length: count }, (_, at) => volume(`vol-${at}`, at));
        const { start, waiting } = nextCopies(volumes, inFlight, none);
        expect(start.length + inFlight).toBeLessThanOrEqual(Math.max(inFlight, limits.copySlots));
        expect(start.length).toBeLessThanOrEqual(limits.mutatingCallsPerPass);
        expect(start.length + waiting).toBe(count);
      }),
    );
  });
});

const now = new Date("2026-03-02T12:00:00.000Z");
const pending = (progress: number, ageSeconds: number) =>
  aCopy({ state: "pending", progress, startedAt: new Date(now.getTime() - ageSeconds * 1_000).toISOString() });

describe("the wait for copies", () => {
  test.each([
    ["nothing to wait for", [], false, 0, 1],
    ["only a slot", [], true, 0, 30],
    ["one that has just begun", [pending(0, 0)], false, 0, 30],
    ["one not visible yet", [], false, 1, 30],
    ["one near its end", [pending(98, 300)], false, 0, 15],
    ["one half way", [pending(50, 40)], false, 0, 40],
    ["a long one", [pending(10, 300)], false, 0, 60],
    ["the last to end, when nothing else can start", [pending(98, 300), pending(10, 300)], false, 0, 60],
    ["the first to end, when something waits for it", [pending(98, 300), pending(10, 300)], true, 0, 15],
  ] as const)("%s", (_, list, more, unseen, seconds) => {
    expect(copyWaitSeconds([...list], more, unseen, now)).toBe(seconds);
  });

  it("is between 15 and 60 whole seconds while anything is pending", () => {
    const one = fc.record({ progress: fc.integer({ min: -1, max: 101 }), age: fc.integer({ min: -5, max: 100_000 }) });
    void fc.assert(
      fc.property(fc.array(one, { minLength: 1 }), fc.boolean(), (drawn, more) => {
        const seconds = copyWaitSeconds(
          drawn.map(({ progress, age }) => pending(progress, age)),
          more,
          0,
          now,
        );
        expect(seconds).toBeGreaterThanOrEqual(15);
        expect(seconds).toBeLessThanOrEqual(60);
        expect(Number.isInteger(seconds)).toBe(true);
      }),
    );
  });
});
