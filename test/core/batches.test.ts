import { expect, test } from "vitest";
import { batchesOf } from "../../functions/core/batches.ts";

test.each([
  [[], []],
  [["a"], [["a"]]],
  [["a", "b"], [["a", "b"]]],
  [
    ["a", "b", "c"],
    [["a", "b"], ["c"]],
  ],
])("%j comes in batches of two as %j", (items, batches) => {
  expect(batchesOf(items, 2)).toEqual(batches);
});
