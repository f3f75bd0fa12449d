import { describe, expect, it } from "vitest";
import { healthTexts } from "../../../../functions/core/plan/schema/health-text.ts";

const witnesses = [
  { name: "region", api: "eu-west-1" },
  { name: "one", healthCheck: "x" },
  undefined,
  { healthCheck: "y" },
  { name: "two", healthCheck: "z" },
];

describe("the names of the TXT pairs", () => {
  it("stand beside the first record of the zone, further ones with the name of their witness", () => {
    const records = [
      { name: "other.example.org", zone: "Z2" },
      { name: "Shop.Example.com." },
      { name: "later.example.com" },
    ];
    expect(healthTexts("shop", witnesses, { zone: "Z1", records })).toEqual({
      one: "_lifeboat-shop.shop.example.com",
      two: "_lifeboat-shop-two.shop.example.com",
    });
  });

  it("the names of the TXT pairs leave out a wildcard", () => {
    const records = [{ name: "*.example.com", zone: "Z1" }];
    expect(healthTexts("shop", witnesses, { zone: "Z1", records })).toMatchObject({
      one: "_lifeboat-shop.example.com",
    });
  });

  it.each([
    ["without traffic", undefined],
    ["without a record in the zone", { zone: "Z1", records: [{ name: "a.example.com", zone: "Z2" }] }],
    ["when the schema refused the name of the record", { zone: "Z1", records: [{ type: "A" as const }] }],
  ])("the names of the TXT pairs are none %s", (_name, traffic) => {
    expect(healthTexts("shop", witnesses, traffic)).toEqual({});
  });
});
