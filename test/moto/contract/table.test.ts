import { describe, expect, it } from "vitest";
import { createTable } from "../../../functions/aws/store/table.ts";
import { everyAws } from "../given.ts";
import { recovery, tableName } from "../shop.ts";

const key = { pk: "shop", sk: "row" };

describe.each(everyAws)("the table on %s", (_, on) => {
  const onTable = <T>(body: (table: ReturnType<typeof createTable>) => Promise<T>) =>
    on(({ clients }) => body(createTable(clients, recovery, tableName)));

  it("gives back what was put, without its keys; null for what is not there", async () => {
    const item = { name: "a", count: 0, flag: false, none: null, list: [1, "two", { three: 3 }], map: { "a-b": "c" } };
    const found = await onTable(async (table) => {
      await table.put(key, { ...item, left: undefined });
      return [await table.get(key), await table.get({ ...key, sk: "other" })];
    });
    expect(found).toEqual([item, null]);
  });

  it("puts over what is there, but not under the condition that it be absent", async () => {
    const [first, absent, put, found] = await onTable(async (table) => [
      await table.put(key, { turn: 1 }, { absent: "pk" }),
      await table.put(key, { turn: 2 }, { absent: "pk" }),
      await table.put(key, { turn: 3 }),
      await table.get(key),
    ]);
    expect([first, absent, put, found]).toEqual([true, false, true, { turn: 3 }]);
  });

  it("puts under the condition that an attribute is equal", async () => {
    const [equal, unequal, missing, found] = await onTable(async (table) => {
      await table.put(key, { count: 1 });
      return [
        await table.put(key, { count: 2 }, { equal: ["count", 1] }),
        await table.put(key, { count: 9 }, { equal: ["count", 1] }),
        await table.put({ ...key, sk: "other" }, { count: 9 }, { equal: ["count", 1] }),
        await table.get(key),
      ];
    });
    expect([equal, unequal, missing, found]).toEqual([true, false, false, { count: 2 }]);
  });

  it("sets and removes attributes under conditions on dotted paths; reserved words are names like others", async () => {
    const found = await onTable(async (table) => {
      await table.put(key, { run: { id: "one", points: { web: "p" } }, name: "n", phase: "running", switch: 0 });
      const whenOne = { all: [{ equal: ["run.id", "one"] as [string, string] }, { absent: "protect" }] };
      const held = [
        await table.update(key, { set: { switch: 1, status: null }, remove: ["name"] }, whenOne),
        await table.update(key, { set: { switch: 2 } }, { equal: ["run.id", "two"] }),
        await table.update(key, { set: { switch: 2 } }, { equal: ["protect.id", "one"] }),
        await table.update(key, { remove: ["run"] }, { equal: ["run.points", { web: "p" }] }),
        await table.update(key, { remove: ["run"] }, whenOne),
      ];
      return { held, item: await table.get(key) };
    });
    expect(found).toEqual({
      held: [true, false, false, true, false],
      item: { phase: "running", switch: 1, status: null },
    });
  });

  it("makes the item that an update under an absence does not find", async () => {
    const found = await onTable(async (table) => [
      await table.update(key, { set: { a: 1 } }, { absent: "pk" }),
      await table.get(key),
    ]);
    expect(found).toEqual([true, { a: 1 }]);
  });

  it("lists what begins with a prefix in its order, over pages of 1 MB, and nothing of another partition", async () => {
    const text = "x".repeat(300_000);
    const found = await onTable(async (table) => {
      for (const at of [3, 1, 5, 2, 4]) await table.put({ pk: "shop", sk: `point#${at}` }, { at, text });
      await table.put({ pk: "shop", sk: "plan" }, { at: 0 });
      await table.put({ pk: "shop2", sk: "point#0" }, { at: 0 });
      return table.query<{ at: number }>("shop", "point#");
    });
    expect(found.map(({ at }) => at)).toEqual([1, 2, 3, 4, 5]);
  });

  it("forgets what is removed, and what is not there as well", async () => {
    const found = await onTable(async (table) => {
      await table.put(key, { a: 1 });
      await table.remove(key);
      await table.remove(key);
      return table.get(key);
    });
    expect(found).toBeNull();
  });
});
