import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { root } from "./support/import-graph.ts";
import { stringsOf, type Text } from "./support/strings.ts";

/** Where the words are held, by path: what people read there is searched. */
const held = [
  "cli",
  "terminal",
  "online",
  "infra",
  "statemachines",
  "functions",
  "simulator",
  "examples",
  "test/scenarios",
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "test/scenarios/README.md",
  "docs",
];

/** What no text for people says, and the word to use instead. */
const banned: [word: RegExp, instead: string][] = [
  [/\b(mend(s|ed|ing)?)\b/i, "fix"],
  [/\bill\b/i, "unhealthy"],
  [/\bdark(er|est)?\b/i, "does not answer, has failed"],
  [/\b(un)?told\b|\btell(s|ing)?\b/i, "report, send, show, distinguish; or the message itself as the subject"],
  [/\b(hears?|heard|hearing)\b/i, "receive, last heartbeat"],
  [/\bdoomed\b/i, "to be deleted"],
  [/\bwh(o|om|at)(so)?ever\b/i, "the person: the operator, the caller; each"],
  [/\bthereof\b/i, "its, or the name of the thing"],
  [/\bno row\b|\bits row\b|\bthe row\b/i, "state record"],
];

/** Texts that keep a banned word, and why. */
const allowed: { file?: string; text: RegExp; because: string }[] = [
  { text: /\bcannot[- ]tell\b/, because: "a state of a witness, as plans, status and JSON name it" },
  { file: "docs/architecture.md", text: /`untold#<run>`/, because: "a key of stored items" },
  { file: "functions/aws/store/store.ts", text: /^untold#/, because: "a key of stored items" },
  { file: "simulator/world/state-of.ts", text: /^untold#/, because: "a key of stored items" },
  { file: "simulator/invariants/ends.ts", text: /^6 /, because: "the name of an invariant, as JSON gives it" },
  { file: "simulator/invariants/runs.ts", text: /^3 /, because: "the name of an invariant, as JSON gives it" },
  { file: "docs/invariants.md", text: /^\| \d+ \| `/, because: "names of invariants, as JSON gives them" },
  { file: "docs/deploy.md", text: /\[its row\]\(architecture/, because: "a row of a table of that page" },
];
const isAllowed = (file: string, text: string) =>
  allowed.some((one) => (one.file ?? file) === file && one.text.test(text));

const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
const files = tracked.filter(
  (file) => held.some((place) => file === place || file.startsWith(`${place}/`)) && existsSync(join(root, file)),
);

const linesOf = (text: string, pick: (line: string) => string | undefined): Text[] =>
  text.split("\n").flatMap((line, index) => {
    const found = pick(line);
    return found ? [{ line: index + 1, text: found }] : [];
  });

/** What people read of a file: strings of code, comments of machines and examples, pages whole. */
const textsOf = (file: string): Text[] => {
  const text = readFileSync(join(root, file), "utf8");
  // where another file stands is no text
  if (file.endsWith(".ts")) return stringsOf(text).filter((one) => !/^\.{1,2}\/.*\.ts$/.test(one.text));
  if (file.endsWith(".asl.json")) return linesOf(text, (line) => /"Comment": "(.*)"/.exec(line)?.[1]);
  if (/\.ya?ml$/.test(file)) return linesOf(text, (line) => /(?:^|\s)#(.*)/.exec(line)?.[1]);
  return file.endsWith(".md") ? linesOf(text, (line) => line) : [];
};

test.each(held)("what people read in %s is in plain words", (place) => {
  const own = files.filter((file) => file === place || file.startsWith(`${place}/`));
  const found = own.flatMap((file) =>
    textsOf(file).flatMap(({ line, text }) =>
      banned.flatMap(([word, instead]) =>
        word.test(text) && !isAllowed(file, text)
          ? [`${file}:${line} ${word.exec(text)?.[0]}; instead: ${instead}: ${text.trim()}`]
          : [],
      ),
    ),
  );
  expect(own.length).toBeGreaterThan(0);
  expect(found).toEqual([]);
});

it("allows only what is there", () => {
  const texts = files.map((file) => ({ file, own: textsOf(file) }));
  const isThere = (one: (typeof allowed)[number]) =>
    texts.some(({ file, own }) => (one.file ?? file) === file && own.some(({ text }) => one.text.test(text)));
  expect(allowed.filter((one) => !isThere(one))).toEqual([]);
});

describe("the strings of a source", () => {
  it("are its literals and the fixed parts of its templates, without comments and regular expressions", () => {
    const source = [
      "// a 'comment' and `another`",
      'const a = "one \\" two"; /* "none" */',
      "const b = `three ${f({ x: `four` }, 'five')} six`;",
      "const c = /\"['`]/.test(a) ? 8 / 2 / 1 : 'seven';",
    ].join("\n");
    expect(stringsOf(source)).toEqual([
      { line: 2, text: 'one \\" two' },
      { line: 3, text: "three " },
      { line: 3, text: "four" },
      { line: 3, text: "five" },
      { line: 3, text: " six" },
      { line: 4, text: "seven" },
    ]);
  });
});
