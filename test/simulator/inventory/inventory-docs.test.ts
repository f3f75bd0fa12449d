import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { Inventory } from "../../../simulator/inventory/inventory.ts";

const page = readFileSync("docs/scenarios.md", "utf8").split("## The world")[1]!.split("\n## ")[0]!;
const rows = [...page.matchAll(/^\| (.*?) \|/gm)].flatMap(([, names]) =>
  [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
);
const { properties } = z.toJSONSchema(Inventory, { io: "input" }) as Json;
type Json = { properties: Record<string, Json>; additionalProperties: Json; items: Json };
const server = properties.servers!.additionalProperties.items.properties;

it("docs/scenarios.md has a row for each key of `world` and of a server, and for nothing else", () => {
  expect(rows.toSorted()).toEqual([...Object.keys(properties), ...Object.keys(server)].toSorted());
});

it("docs/scenarios.md names each key of a volume", () => {
  const keys = Object.keys(server.volumes!.items.properties);
  expect(keys.filter((key) => !new RegExp(`\`volumes\`.*\\b${key}\\b`).test(page))).toEqual([]);
});
