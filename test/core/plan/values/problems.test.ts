import { describe, expect, it } from "vitest";
import { nearestWord } from "../../../../functions/core/nearest-word.ts";
import { gotText, pathText, valueAt } from "../../../../functions/core/plan/values/problems.ts";

describe("what a message says", () => {
  it.each([
    [undefined, "nothing"],
    [null, "an empty value"],
    ["", '""'],
    [0, "0"],
    [false, "false"],
    [[], "a list of 0 entries"],
    [[1], "a list of 1 entry"],
    [{}, "an empty map"],
    [{ a: 1, b: 2 }, "a map with a, b"],
    ["x".repeat(100), `"${"x".repeat(76)}...`],
    ["a\u001bb", '"a\\u001bb"'],
    [{ "a\u0007": 1 }, "a map with a?"],
  ])("shows %j as %s", (value, text) => {
    expect(gotText(value)).toBe(text);
  });

  it.each([
    [[], ""],
    [["protect", 0, "launch"], "protect[0].launch"],
    [["tags", "lifeboat:run"], 'tags."lifeboat:run"'],
    [[0], "[0]"],
  ])("writes the path %j as %s", (path, text) => {
    expect(pathText(path)).toBe(text);
  });

  it.each([
    ["aplication", "application"],
    ["Regions", "regions"],
    ["objective", "objectives"],
    ["colour", null],
    ["x", null],
    ["", null],
  ])("nearestWord finds for %s the nearest word: %s", (word, nearest) => {
    expect(nearestWord(word, ["version", "application", "regions", "objectives"])).toBe(nearest);
  });

  it("own reads own properties only", () => {
    expect(valueAt({}, ["constructor"])).toBeUndefined();
    expect(valueAt({ a: [{ b: 1 }] }, ["a", 0, "b"])).toBe(1);
    expect(valueAt("text", ["length"])).toBeUndefined();
  });
});
