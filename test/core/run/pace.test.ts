import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answered, fullBucket, takeToken, throttled } from "../../../functions/core/run/pace.ts";
import { at } from "../../support/wave-scene.ts";

describe("the pace of RunInstances", () => {
  it("the pace of RunInstances is five at once, then two a second", () => {
    let pace = fullBucket(at(0));
    const waits = Array.from({ length: 8 }, () => {
      const taken = takeToken(pace, at(0));
      pace = taken.pace;
      return taken.waitSeconds;
    });
    expect(waits).toEqual([0, 0, 0, 0, 0, 0.5, 1, 1.5]);
  });

  it("the pace of RunInstances refills, and never beyond the bucket", () => {
    const empty = { ...fullBucket(at(0)), tokens: 0 };
    expect(takeToken(empty, at(1)).pace.tokens).toBe(1);
    expect(takeToken(empty, at(600)).pace.tokens).toBe(4);
  });

  it("the pace of RunInstances is halved by a throttle, once for those that come together, and comes back with what succeeds", () => {
    const once = throttled(fullBucket(at(0)), at(0));
    expect(once).toMatchObject({ tokens: 0, perSecond: 1 });
    expect(throttled(once, at(1))).toBe(once);
    const many = Array.from({ length: 9 }, (_, nth) => at(2 * (nth + 1)));
    expect(many.reduce(throttled, once).perSecond).toBe(0.25);
    expect(Array.from({ length: 99 }).reduce<typeof once>(answered, once).perSecond).toBe(2);
  });

  it("the pace of RunInstances never asks for more than the bucket gives in any stretch of time", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2_000), { minLength: 1, maxLength: 100 }), (gaps) => {
        let pace = fullBucket(at(0));
        let now = 0;
        const asked = gaps.map((gap) => {
          now += gap / 1_000;
          const taken = takeToken(pace, at(now));
          pace = taken.pace;
          return now + taken.waitSeconds;
        });
        for (const [index, when] of asked.entries()) expect(index + 1).toBeLessThanOrEqual(5 + 2 * when + 0.01);
      }),
    );
  });
});
