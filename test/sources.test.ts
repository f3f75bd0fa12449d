import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./support/import-graph.ts";

const legend = "docs/sources.md";
const textOf = (file: string) => readFileSync(join(root, file), "utf8");
const rows = [...textOf(legend).matchAll(/^\| (`[^|]*`) \| (.+?) \| .+ \|$/gm)].map(([, names, place]) => ({
  names: [...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  place: place!,
}));
const abbreviations = rows.flatMap(({ names }) => names);

/** A name in brackets, a colon, a page; several are parted by `,` or `;`. The optional part of a call, `[STEP: ]`, is none. */
const sources = /\[([A-Z][A-Za-z0-9]*(?: [A-Za-z0-9]+)*: ?[^\]\s][^\]\n]*)/g;
const namesIn = (text: string) =>
  [...text.matchAll(sources)].flatMap(([, inside]) =>
    inside!.split(/[,;] /).flatMap((one) => /^([A-Z][^:]*):/.exec(one)?.[1] ?? []),
  );
const files = execFileSync(
  "git",
  ["ls-files", "functions", "simulator", "infra", "online", "terminal", "cli", "docs", "test"],
  {
    cwd: root,
    encoding: "utf8",
  },
)
  .split("\n")
  .filter((file) => /\.(ts|md|py)$/.test(file) && file !== legend);
const used = files.flatMap((file) => namesIn(textOf(file)).map((name) => ({ file, name })));

/** `SDK EC2` stands under `SDK`, `RFC 2544` under `RFC`; `SDK core` has a row of its own. */
const rowOf = (name: string) => (abbreviations.includes(name) ? name : name.split(" ")[0]!);

test("every abbreviation of a source has a row in docs/sources.md", () => {
  expect(used.length).toBeGreaterThan(300);
  expect(used.filter(({ name }) => !abbreviations.includes(rowOf(name)))).toEqual([]);
});

test("every row of docs/sources.md is used", () => {
  const seen = new Set(used.map(({ name }) => rowOf(name)));
  expect(abbreviations.filter((name) => !seen.has(name))).toEqual([]);
});

test("no abbreviation has two rows, and each has an address or refers to a row that has one", () => {
  expect(abbreviations).toEqual([...new Set(abbreviations)]);
  const addressed = rows.filter(({ place }) => /^`https:\/\/[^`]+`$/.test(place)).flatMap(({ names }) => names);
  const places = rows.map(({ place }) => place).filter((place) => !place.startsWith("`https://"));
  expect(places.filter((place) => !addressed.includes(/^as `([^`]+)`$/.exec(place)?.[1] ?? ""))).toEqual([]);
});
