import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const textsOf = (folder: URL) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(new URL(file, folder), "utf8"));

/** What is exported and takes clients, or what stands on them. */
const asksAws = /^export const (\w+) = (?:async )?\(\s*(?:clients|outside|\{ (?:clients|store|table) \}):/gm;

it("the contract has every function that asks AWS", () => {
  const contract = [...textsOf(new URL(".", import.meta.url)), ...textsOf(new URL("../", import.meta.url))].join("\n");
  const asking = textsOf(new URL("../../../functions/aws/", import.meta.url)).flatMap((text) =>
    [...text.matchAll(asksAws)].map(([, name]) => name!),
  );
  expect(asking.length).toBeGreaterThan(40);
  expect(asking.filter((name) => !new RegExp(`\\b${name}\\(`).test(contract))).toEqual(["readRow"]);
});
