import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
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

test.each(pages)("%s names only files of code that exist", (page) => {
  const named = [...textOf(page).matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.ts)`/g)].map(([, path]) => path!);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
