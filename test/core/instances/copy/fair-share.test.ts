import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Claim, fairShares } from "../../../../functions/core/instances/copy/fair-share.ts";

const claim = (name: string, wanted: number, deadline: string | null = null): Claim => ({ name, wanted, deadline });

describe("max-min fair shares", () => {
  test.each([
    ["one takes what it wants", 18, [claim("a", 5)], { a: 5 }],
    ["one cannot have more than there is", 18, [claim("a", 100)], { a: 18 }],
    ["two that want all share evenly", 18, [claim("a", 100), claim("b", 100)], { a: 9, b: 9 }],
    [
      "what a small one leaves goes to the others",
      18,
      [claim("a", 2), claim("b", 99), claim("c", 99)],
      { a: 2, b: 8, c: 8 },
    ],
    [
      "the rest goes to the earliest deadline",
      4,
      [claim("a", 9, "2"), claim("b", 9, "1"), claim("c", 9)],
      { a: 1, b: 2, c: 1 },
    ],
    ["nothing is shared when there is nothing", 0, [claim("a", 9)], { a: 0 }],
    ["who wants nothing gets nothing", 18, [claim("a", 0), claim("b", 3)], { a: 0, b: 3 }],
  ])("%s", (_, total, claims, expected) => {
    expect(Object.fromEntries(fairShares(total, claims))).toEqual(expected);
  });

  const claims = fc
    .uniqueArray(fc.tuple(fc.string(), fc.nat(40)), { selector: ([name]) => name, maxLength: 12 })
    .map((all) => all.map(([name, wanted]) => claim(name, wanted)));

  it("max-min sharing gives away as much as is wanted and there, and nobody more than it wants", () => {
    fc.assert(
      fc.property(fc.nat(60), claims, (total, all) => {
        const shares = fairShares(total, all);
        const wanted = all.reduce((sum, one) => sum + one.wanted, 0);
        expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBe(Math.min(total, wanted));
        for (const { name, wanted } of all) expect(shares.get(name)).toBeLessThanOrEqual(wanted);
      }),
    );
  });

  it("max-min sharing leaves nobody short while another has two more", () => {
    fc.assert(
      fc.property(fc.nat(60), claims, (total, all) => {
        const shares = fairShares(total, all);
        const most = Math.max(0, ...shares.values());
        for (const { name, wanted } of all)
          if (shares.get(name)! < wanted) expect(shares.get(name)).toBeGreaterThanOrEqual(most - 1);
      }),
    );
  });

  it("max-min sharing does not depend on the order of the claims", () => {
    fc.assert(
      fc.property(fc.nat(60), claims, (total, all) => {
        const [one, other] = [fairShares(total, all), fairShares(total, [...all].reverse())];
        for (const { name } of all) expect(other.get(name)).toBe(one.get(name));
      }),
    );
  });
});
