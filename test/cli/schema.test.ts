import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { examples, meanings } from "../../cli/plan-descriptions.ts";
import { editorSchema } from "../../cli/schema.ts";
import { readPlan } from "../../terminal/plan-file.ts";

// biome-ignore lint/suspicious/noExplicitAny: a node of a JSON Schema
type Node = any;

/** Every property of the schema with its path. */
const propertiesOf = (node: Node, path: string): [string, Node][] => [
  ...Object.entries<Node>(node.properties ?? {}).flatMap(([key, child]): [string, Node][] => {
    const below = path ? `${path}.${key}` : key;
    return [[below, child], ...propertiesOf(child, below)];
  }),
  ...[node.items, ...(node.anyOf ?? []), ...(node.oneOf ?? [])].flatMap((child) =>
    child ? propertiesOf(child, path) : [],
  ),
  ...(typeof node.additionalProperties === "object" ? propertiesOf(node.additionalProperties, `${path}.*`) : []),
];
const schema = editorSchema();
const properties = propertiesOf(schema, "");

it("says of every property what it means, and of no other one", () => {
  expect(
    properties.filter(([path, { description }]) => !meanings[path] || !description.startsWith(meanings[path])),
  ).toEqual([]);
  const paths = new Set(properties.map(([path]) => path));
  expect([...Object.keys(meanings), ...Object.keys(examples)].filter((path) => !paths.has(path))).toEqual([]);
});

it("gives examples that it takes itself", () => {
  const given = properties.filter(([, node]) => node.examples);
  expect(given.map(([path]) => path)).toEqual(expect.arrayContaining(["protect.verify", "traffic.records.primary"]));
  const refused = given.flatMap(([path, { examples: values, ...node }]) =>
    values
      .filter((value: unknown) => !z.fromJSONSchema(node).safeParse(value).success)
      .map((value: unknown) => [path, value]),
  );
  expect(refused).toEqual([]);
});

it("has a name, and patterns that regular expressions of other languages know", () => {
  expect(schema.$id).toMatch(/^urn:lifeboat:plan:\d+\.\d+\.\d+$/);
  const patterns = [...JSON.stringify(schema).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, text]) =>
    JSON.parse(text!),
  );
  expect(patterns.length).toBeGreaterThan(50);
  expect(patterns.filter((pattern: string) => /\\p\{|\(\?<|\\[uc]\{|\\\//.test(pattern))).toEqual([]);
  for (const pattern of patterns) expect(() => new RegExp(pattern, "u")).not.toThrow();
});

it("stands in examples/plan.schema.json: UPDATE_README=1 npx vitest run --project units test/cli/schema.test.ts writes it", () => {
  const file = "examples/plan.schema.json";
  const right = `${JSON.stringify(schema, null, 2)}\n`;
  if (process.env.UPDATE_README) writeFileSync(file, right);
  else expect(readFileSync(file, "utf8")).toBe(right);
});

it.each(["minimal", "warm-standby", "web-shop", "three-tiers"])("examples/%s.yml names it, and is a plan", (name) => {
  const file = `examples/${name}.yml`;
  expect(readFileSync(file, "utf8")).toMatch(/^# yaml-language-server: \$schema=\.\/plan\.schema\.json\n/);
  expect(readPlan(file)).toMatchObject({ problems: [], refusals: [] });
});
