import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromAttributes, toAttributes } from "../../../functions/aws/ec2/attributes.ts";
import { simulated } from "../../support/simulated.ts";

/** What every object has without having been given it, and what a map of somebody's tags may hold all the same. */
const inherited = [...Object.getOwnPropertyNames(Object.prototype), "toJSON", "then", "length"];
const key = fc.oneof(fc.constantFrom(...inherited, "~__proto__", "~~__proto__"), fc.string({ minLength: 1 }));
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(key, tie("any"), { maxKeys: 4 }),
  ),
})).any;

describe("an item on its way to DynamoDB and back", () => {
  it("an item on its way to DynamoDB and back is the same, whatever its keys are called", () => {
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (item) => {
        const back = fromAttributes(throughTheSdk(toAttributes(item)));
        expect(JSON.stringify(back)).toBe(JSON.stringify(item));
      }),
    );
  });

  it("an item on its way to DynamoDB and back leaves out what is undefined, in maps and in lists", () => {
    expect(toAttributes({ a: undefined, b: [undefined, 1], c: { d: undefined } })).toEqual({
      b: { L: [{ N: "1" }] },
      c: { M: {} },
    });
  });

  it.each([
    ["a Date", new Date(0), "got Date"],
    ["a Set", new Set(["a"]), "got Set"],
    ["no number", Number.NaN, "got number NaN"],
    ["a number that would come back as another", 2 ** 53 + 2, "got number 9007199254740994"],
    ["a function", () => 1, "got function"],
  ])("an item on its way to DynamoDB and back is refused with %s in it", (_, given, because) => {
    expect(() => toAttributes({ list: [{ given }] })).toThrow(because);
  });
});

describe("a table takes items with keys that every object has", () => {
  const tags = Object.fromEntries(inherited.map((name) => [name, `of ${name}`]));
  const item = { pk: "shop", sk: "item" };

  it.each([
    ["put", async (table: Table) => table.put(item, { tags, ...tags })],
    ["write", async (table: Table) => table.write([{ key: item, item: { tags, ...tags } }])],
    ["update", async (table: Table) => table.update(item, { set: { tags, ...tags } })],
  ])("%s", async (_, write) => {
    const found = await simulated({}, async ({ context: { table } }) => {
      await write(table);
      return [await table.get(item), (await table.getMany([item]))[0], (await table.query("shop", "it"))[0]];
    });
    for (const one of found) expect(sorted(one)).toEqual(sorted({ tags, ...tags }));
  });
});

type Table = Parameters<Parameters<typeof simulated>[1]>[0]["context"]["table"];
const sorted = (item: unknown) => Object.entries(item as object).sort(([a], [b]) => a.localeCompare(b));

/** As the SDK does it on both ways: an assignment per key, in which `__proto__` vanishes. */
const throughTheSdk = <T>(sent: T): T => {
  if (typeof sent !== "object" || sent === null) return sent;
  if (Array.isArray(sent)) return sent.map(throughTheSdk) as T;
  const out: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(sent)) out[name] = throughTheSdk(one);
  return out as T;
};
