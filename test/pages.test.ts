import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { root } from "./support/import-graph.ts";

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
});
const pages = tracked.split("\n").filter((file) => file.endsWith(".md"));
const textOf = (page: string) => readFileSync(join(root, page), "utf8");

/** What npm packs besides `files`. */
const always = ["README.md", "LICENSE", "package.json"];
const isPacked = (path: string) =>
  [...packageJson.files, ...always].some((one) => path === one || path.startsWith(`${one}/`));

test.each(pages.filter(isPacked))("%s links to no file that the package does not hold", (page) => {
  const links = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)\s#]+)/g)].map(([, link]) =>
    join(dirname(page), link!),
  );
  expect(links.filter((link) => !isPacked(link))).toEqual([]);
});

/** Words of no engineer of this field, each with what to write in its place. */
const banned: [word: RegExp, instead: string][] = [
  [/\bmend(s|ed|ing)?\b/i, "fix"],
  [/\bill\b/i, "down, unhealthy"],
  [/\bdark(er|est)?\b/i, "down, unreachable"],
  [/\b(un)?told\b/i, "reported, notified"],
  [/(?<!cannot )\btell(s|ing)?\b/i, "say, report, notify"],
  [/\bhear(s|d|ing)?\b/i, "receive, last seen"],
  [/\bdoomed\b/i, "to be deleted"],
  [/\bwh(o|om|at)(so)?ever\b/i, "who, each"],
  [/\bthereof\b/i, "its"],
];
const withoutCode = (page: string) => page.replaceAll(/^(`{3,}|~{3,}).*?^\1/gms, "").replaceAll(/`[^`\n]*`/g, "");

test.each(pages)("%s has no word that an engineer of this field would not use", (page) => {
  const lines = withoutCode(textOf(page)).split("\n");
  const found = lines.flatMap((line) =>
    banned.filter(([word]) => word.test(line)).map(([word, instead]) => `${word.exec(line)![0]} (${instead}): ${line}`),
  );
  expect(found).toEqual([]);
});
