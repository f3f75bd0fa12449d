import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { describe, expect, it } from "vitest";
import { placeholdersOf } from "../../../simulator/services/expression-tokens.ts";
import { parseCondition, parseKeyCondition, parseUpdate } from "../../../simulator/services/expressions.ts";

const names = { "#run": "run", "#id": "id", "#generation": "generation", "#phase": "phase" };
const holds = (text: string, item: Record<string, unknown>, values: Record<string, unknown> = {}) =>
  parseCondition(text, placeholdersOf(names, marshall(values)))(marshall(item));
const updated = (text: string, item: Record<string, unknown>, values: Record<string, unknown> = {}) =>
  unmarshall(parseUpdate(text, placeholdersOf(names, marshall(values)))(marshall(item)));

describe("a condition", () => {
  const item = { pk: "shop", sk: "row", generation: 3, run: { id: "a" } };
  it.each([
    ["attribute_not_exists(pk)", {}, false],
    ["attribute_exists(#run.#id)", {}, true],
    ["attribute_not_exists(#run.#phase)", {}, true],
    ["#run.#id = :id", { ":id": "a" }, true],
    ["#run.#id = :id", { ":id": "b" }, false],
    ["#generation < :three", { ":three": 3 }, false],
    ["#generation < :four", { ":four": 4 }, true],
    ["#generation < :text", { ":text": "4" }, false],
    ["#phase = :id", { ":id": "a" }, false],
    ["attribute_exists(#phase) OR attribute_exists(pk) AND #generation = :one", { ":one": 1 }, false],
    ["(attribute_exists(pk) OR attribute_exists(#phase)) AND #generation = :three", { ":three": 3 }, true],
  ])("%s with %j is %s", (text, values, expected) => {
    expect(holds(text, item, values)).toBe(expected);
  });

  it("compares numbers by value, not by how they are written", () => {
    const given = placeholdersOf(names, { ":n": { N: "3.0" } });
    expect(parseCondition("#generation = :n", given)({ generation: { N: "3" } })).toBe(true);
  });

  it.each([
    "#run <> :id",
    "contains(#run, :id)",
    "NOT attribute_exists(#run)",
    "phase = :id",
    "#run = :id AND",
    "(#run = :id",
  ])("outside the grammar is refused: %s", (text) => {
    expect(() => holds(text, item, { ":id": "a" })).toThrow(/is not part of the grammar/);
  });

  it("a condition refuses begins_with outside a key condition", () => {
    expect(() => holds("begins_with(sk, :p)", item, { ":p": "r" })).toThrow(/is not part of the grammar/);
  });

  it("a condition refuses a placeholder that is not defined, or not used, as DynamoDB does", () => {
    expect(() => holds("#nobody = :id", item, { ":id": "a" })).toThrow(/not defined: #nobody/);
    const given = placeholdersOf({ "#run": "run" }, {});
    parseCondition("attribute_exists(pk)", given);
    expect(() => given.checkAllUsed()).toThrow(/unused in expressions: #run/);
  });
});

describe("a key condition", () => {
  const read = (text: string) =>
    parseKeyCondition(text, placeholdersOf({}, marshall({ ":a": "shop", ":b": "point#" })));

  it("a key condition names a partition, and what its sort keys begin with", () => {
    expect(read("pk = :a")).toEqual({ pk: "shop", prefix: "" });
    expect(read("pk = :a AND begins_with(sk, :b)")).toEqual({ pk: "shop", prefix: "point#" });
  });

  it.each(["pk = :none", "pk = :a AND begins_with(sk, :none)"])("compares no key with nothing: %s", (text) => {
    const given = placeholdersOf({}, marshall({ ":a": "shop", ":none": "" }));
    expect(() => parseKeyCondition(text, given)).toThrow(/cannot contain an empty string value/);
  });

  it.each(["sk = :a", "pk = :a AND sk = :b", "pk = :a OR begins_with(sk, :b)", "pk < :a", "pk = :a AND"])(
    "outside the grammar is refused: %s",
    (text) => {
      expect(() => read(text)).toThrow(/is not part of the grammar/);
    },
  );
});

describe("an update", () => {
  it("sets and removes by path", () => {
    const after = updated(
      "SET #phase = :p, #run.#id = :id REMOVE #generation",
      { generation: 1, run: {} },
      { ":p": "x", ":id": "b" },
    );
    expect(after).toEqual({ phase: "x", run: { id: "b" } });
  });

  it("raises a number, from a first value when there is none", () => {
    const text = "SET #generation = if_not_exists(#generation, :zero) + :one";
    expect(updated(text, {}, { ":zero": 0, ":one": 1 })).toEqual({ generation: 1 });
    expect(updated(text, { generation: 4 }, { ":zero": 0, ":one": 1 })).toEqual({ generation: 5 });
  });

  it("an update reads every value before it writes any", () => {
    expect(updated("SET #phase = #id, #id = #phase", { phase: "a", id: "b" })).toEqual({ phase: "b", id: "a" });
  });

  it.each([
    ["SET #run.#id = :v", {}, /invalid for update/],
    ["SET #phase = :v, #phase = :v", {}, /overlap/],
    ["SET #run.#id = :v REMOVE #run", { run: {} }, /overlap/],
    ["SET #phase = #id", {}, /does not exist in the item/],
    ["SET #phase = :v + :v", {}, /incorrect data type/],
  ])("%s of %j is refused with DynamoDB's reason", (text, item, reason) => {
    expect(() => updated(text, item, { ":v": "a" })).toThrow(reason);
  });

  it.each([
    "ADD #generation :v",
    "SET #phase = list_append(#phase, :v)",
    "SET #phase = :v SET #id = :v",
    "SET #generation = :v - :v",
  ])("outside the grammar is refused: %s", (text) => {
    expect(() => updated(text, {}, { ":v": 1 })).toThrow(/is not part of the grammar/);
  });
});
