import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import nodeJson from "../.ci/node/package.json" with { type: "json" };
import packageJson from "../package.json" with { type: "json" };
import { root } from "./support/import-graph.ts";

/** Everything that git would give a newcomer; this file names what it bans, so it is not searched. */
const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((file) => file && file !== "test/tidy.test.ts" && existsSync(join(root, file)));
const textOf = (file: string) => readFileSync(join(root, file), "utf8");
const sources = tracked.filter((file) => file.endsWith(".ts"));
const texts = tracked.filter((file) => basename(file) !== "package-lock.json");
const inFunctions = sources.filter((file) => file.startsWith("functions/"));
const timers = [
  "functions/aws/calls/clients.ts",
  "functions/runtime/attempt.ts",
  "functions/runtime/net.ts",
  "functions/runtime/sleep.ts",
];

const without = (files: string[], kept: string) => files.filter((file) => !file.startsWith(kept));
const comment = /^\s*(\/\*|\*|\/\/)/;

/** What is banned, where, and what stands in its place. */
const bans: { ban: RegExp; files: string[]; instead: string; inComments?: true }[] = [
  {
    ban: /AbortSignal\.timeout/,
    files: inFunctions,
    instead: "setTimeout and clearTimeout: a virtual clock moves those, and not an AbortSignal's own timer",
  },
  {
    ban: /Date\.now\(|new Date\(\)|performance\.now/,
    files: without(inFunctions, "functions/runtime/"),
    instead: "context.now(), or a time that the caller gives",
  },
  {
    ban: /\bsetTimeout\b|\bsetInterval\b|node:timers/,
    files: inFunctions.filter((file) => !timers.includes(file)),
    instead: "a Wait state with the step's waitSeconds; runtime/sleep.ts for a second or two that users wait for",
  },
  {
    ban: /Math\.random|randomUUID|randomBytes/,
    files: inFunctions,
    instead: "core/names.ts: names and tokens come from the run, so that a step that runs twice says the same",
  },
  { ban: /\bconsole\./, files: inFunctions, instead: "context.log" },
  { ban: /^(export )?interface /, files: sources, instead: "type" },
  {
    ban: /\.\.\.\{/,
    files: sources,
    instead: "the properties themselves: in a spread literal TypeScript looks for no excess property",
  },
  {
    ban: /z\.custom(<.*>)?\(\)/,
    files: sources,
    instead: "z.custom with a check: without one it takes anything",
  },
  {
    ban: /(?<!["`])\bregions\.(primary|recovery)\b/,
    files: sources.filter(
      (file) => !/^(test|functions\/core\/plan)\//.test(file) && file !== "functions/core/model/direction.ts",
    ),
    instead: "core/model/direction.ts: a plan has two Regions and no direction",
  },
  { ban: /@ts-(ignore|nocheck|expect-error)/, files: sources, instead: "a type that is right", inComments: true },
  {
    ban: /\b(test|it|describe|suite|bench)(\.\w+)*\.(skip|only|todo|skipIf|runIf|fails)\b|\bx(it|test|describe)\(/,
    files: sources,
    instead: "a test that runs, or none",
  },
  { ban: /expect\((true|false|1)\)/, files: sources, instead: "an expectation about the case" },
  {
    ban: /\b(TODO|FIXME|XXX|HACK)\b/,
    files: texts,
    instead: "the code itself, or an issue",
    inComments: true,
  },
  {
    ban: /registry\.[a-z]+\.[a-z]+\/|npmjs\.org|pypi\.org|pythonhosted/,
    files: tracked,
    instead: "no host: npm and pip know their registry",
    inComments: true,
  },
  {
    ban: /\b(npx|npm exec|bunx|pnpx|dlx)( --?[\w-]+)* (lifeboat|@lifeboat-dr\/)/,
    files: texts,
    instead: "lifeboat, as it is installed: npx would run whatever a registry has by that name",
    inComments: true,
  },
  {
    ban: /(^|[^\w.-])\/(work|root|tmp|home|Users)\//,
    files: texts,
    instead: "a path from import.meta.url, or os.tmpdir()",
    inComments: true,
  },
];

test.each(bans)("nowhere $ban: $instead", ({ ban, files, instead, inComments }) => {
  const found = files.flatMap((file) =>
    textOf(file)
      .split("\n")
      .flatMap((line, index) =>
        ban.test(line) && (inComments || !comment.test(line))
          ? [`${file}:${index + 1} ${line.trim()}; instead: ${instead}`]
          : [],
      ),
  );
  expect(files.length).toBeGreaterThan(0);
  expect(found).toEqual([]);
});

test("no source file is longer than 250 lines, no test than 300; instead: a decision in core/, its I/O in aws/, cases by their subject", () => {
  const long = sources.map((file) => ({ file, lines: textOf(file).split("\n").length - 1 }));
  expect(long.filter(({ file, lines }) => lines > (file.startsWith("test/") ? 300 : 250))).toEqual([]);
});

test("no file is called after nothing; instead: its main export", () => {
  const empty = /^(utils?|helpers?|common|misc|manager|data|index|constants)\b/;
  expect(sources.filter((file) => empty.test(basename(file)))).toEqual([]);
});

test("files are named in kebab-case", () => {
  expect(sources.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.ts$/.test(basename(file)))).toEqual(
    [],
  );
});

test("a test of functions/ is named after a file there, or after a machine, and may go on with its subject", () => {
  const tests = sources.filter((file) => /^test\/functions\/.*\.test\.ts$/.test(file));
  const named = (file: string) => file.replace(/^test\/functions\/|\.test\.ts$/g, "");
  const stems = (name: string) => name.split("-").map((_, count, words) => words.slice(0, count + 1).join("-"));
  const homes = (file: string) =>
    stems(named(file)).flatMap((stem) => [`functions/${stem}.ts`, `statemachines/${stem}.asl.json`]);
  expect(tests.filter((file) => !homes(file).some((home) => existsSync(join(root, home))))).toEqual([]);
});

test("every dependency is pinned exactly", () => {
  const { devDependencies, overrides } = packageJson;
  const pins = Object.entries({ ...devDependencies, ...nodeJson.optionalDependencies, ...overrides });
  expect(pins.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test("the lock names no host and has a hash for every package", () => {
  const packages = Object.entries(JSON.parse(textOf("package-lock.json")).packages as Record<string, object>);
  const { workspaces } = packageJson;
  const own = ["", ...workspaces];
  // the link to a workspace is "resolved" to its folder
  const isLink = (entry: object) => "link" in entry && "resolved" in entry && own.includes(`${entry.resolved}`);
  expect(packages.filter(([, entry]) => "resolved" in entry && !isLink(entry))).toEqual([]);
  const fetched = packages.filter(([path, entry]) => !own.includes(path) && !isLink(entry) && !("inBundle" in entry));
  expect(fetched.filter(([, entry]) => !("integrity" in entry))).toEqual([]);
});

test("npm scripts run on Node 24, whatever the system has", () => {
  expect(process.version).toMatch(/^v24\./);
});

test("the package asks for no other one: its command is a bundle", () => {
  expect(Object.keys(packageJson).filter((key) => /^(optionalD|peerD|bundleD|d)ependencies$/.test(key))).toEqual([]);
  expect(packageJson.name).toMatch(/^@lifeboat-dr\//);
});

test("the Node that npm brought is the one whose hash is pinned", () => {
  const pins = textOf(".ci/node/SHA256SUMS").matchAll(/^([0-9a-f]{64}) {2}(node-linux-\w+)\/bin\/node$/gm);
  const pinned = new Map([...pins].map(([, hash, name]) => [name!, hash!]));
  expect([...pinned.keys()].sort()).toEqual(Object.keys(nodeJson.optionalDependencies).sort());
  const installed = [...pinned.keys()].filter((name) => existsSync(join(root, "node_modules", name)));
  const hashOf = (name: string) => {
    const program = readFileSync(join(root, "node_modules", name, "bin/node"));
    return createHash("sha256").update(program).digest("hex");
  };
  expect(installed.map((name) => [name, hashOf(name)])).toEqual(installed.map((name) => [name, pinned.get(name)]));
});

test.each(tracked.filter((file) => file.endsWith(".json")))("%s is JSON", (file) => {
  expect(() => JSON.parse(textOf(file))).not.toThrow();
});

test.each(tracked.filter((file) => /\.ya?ml$/.test(file) && !file.startsWith("test/cli/")))("%s is YAML", (file) => {
  const problems = [parseAllDocuments(textOf(file))]
    .flat()
    .flatMap((document) => ("errors" in document ? document.errors : []));
  expect(problems.map(({ message }) => message)).toEqual([]);
});

const pages = tracked.filter((file) => file.endsWith(".md"));
const anchorsOf = (page: string) =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

test.each(pages)("%s: every link leads somewhere", (page) => {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  const broken = links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [path, anchor] = link.split("#") as [string, string?];
    const target = path ? join(dirname(page), path) : page;
    return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
  expect(broken).toEqual([]);
});

const folders = "functions|statemachines|infra|simulator|terminal|online|cli|test|bench|examples|docs";
const named = new RegExp(`(?<![\\w./-])((?:${folders})/[\\w./-]*[\\w/-])`, "g");

test.each(pages)("%s: every file, script and command that it names exists", (page) => {
  const text = textOf(page);
  const files = [...text.matchAll(named)].map(([, file]) => file!);
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  const scripts = [...text.matchAll(/(?:^|`|&& )npm (?:run )?([a-z0-9:-]+)/gm)].map(([, script]) => script!);
  const ofNpm = ["ci", "install", "scripts", "run", "pack", "publish", "ls"];
  expect(scripts.filter((script) => !(script in packageJson.scripts) && !ofNpm.includes(script))).toEqual([]);
});
