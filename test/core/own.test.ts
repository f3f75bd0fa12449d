import { expect, it } from "vitest";
import { own } from "../../functions/core/own.ts";

it("gives what was put under a key, and nothing of what every object has", () => {
  const map = Object.fromEntries([
    ["web", 1],
    ["__proto__", 2],
  ]);
  expect(["web", "__proto__", "constructor", "toString"].map((key) => own(map, key))).toEqual([
    1,
    2,
    undefined,
    undefined,
  ]);
  expect([own(null, "web"), own(undefined, "web")]).toEqual([undefined, undefined]);
});
