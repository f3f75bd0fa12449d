import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { notARegion } from "../../functions/core/region-names.ts";

/** Of the SDK that Lifeboat is built with. */
const knownToTheSdk = () => {
  const home = join(createRequire(import.meta.url).resolve("@aws-sdk/core"), "../..");
  const file = "dist-es/submodules/client/util-endpoints/lib/aws/partitions.js";
  const names = readFileSync(join(home, file), "utf8").matchAll(/^ +"((?:[a-z]{2}|us-gov)-[a-z]+-\d)": \{$/gm);
  return [...names].map(([, name]) => name!);
};

test("every Region that the SDK knows is one", () => {
  const names = knownToTheSdk();
  expect(names.length).toBeGreaterThanOrEqual(40);
  expect(names.filter((name) => notARegion(name))).toEqual([]);
});

test.each([
  ["us-wast-2", "us-wast-2; did you mean us-west-2?"],
  ["us-east-3", "us-east-3; did you mean us-east-1?"],
  ["eu-centrall-1", "eu-centrall-1; did you mean eu-central-1?"],
  ["US-EAST-1", "US-EAST-1; did you mean us-east-1?"],
  ["frankfurt", "frankfurt"],
  ["", ""],
])("%j is no Region", (name, got) => {
  expect(notARegion(name)).toEqual({ expected: "the name of a Region of AWS, such as eu-west-1", got });
});

test("no Region is there that the SDK does not know", () => {
  const known = knownToTheSdk();
  const source = readFileSync(new URL("../../functions/core/region-names.ts", import.meta.url), "utf8");
  const names = [...source.matchAll(/"((?:[a-z]{2}|us-gov)-[a-z]+-\d)"/g)].map(([, name]) => name!);
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});
