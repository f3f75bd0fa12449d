import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { circlesOf, importsOf, loadedBy, root, sourcesIn } from "./support/import-graph.ts";

const files = sourcesIn("functions");
const imports = files.flatMap((file) => importsOf(file));
const steps = files.filter((file) => /^functions\/[^/]+\.ts$/.test(file));

/** `steps` are the files of functions/ itself, `outside` every other folder of the tree, `package` what npm or Node gives. */
const layerOf = (path: string) => {
  const [top, ...rest] = path.split("/");
  if (!path.endsWith(".ts")) return "package";
  if (top !== "functions") return "outside";
  return rest.length === 1 ? "steps" : rest[0]!;
};

/** Each layer with those it may import; also the table of docs/architecture.md. */
const mayImport: Record<string, string[]> = {
  core: ["core"],
  aws: ["aws", "core"],
  runtime: ["runtime", "aws", "core"],
  operators: ["operators", "runtime", "aws", "core"],
  detection: ["detection", "operators", "runtime", "aws", "core"],
  readiness: ["readiness", "operators", "runtime", "aws", "core"],
  traffic: ["traffic", "detection", "operators", "runtime", "aws", "core"],
  kinds: ["kinds", "traffic", "runtime", "aws", "core"],
  steps: ["kinds", "traffic", "readiness", "detection", "operators", "runtime", "aws", "core"],
};

/** Folders beside functions/, with what they may see of the tree. */
const outside: Record<string, string[]> = {
  terminal: ["terminal", "runtime", "aws", "core"],
  online: ["online", "terminal", "kinds", "runtime", "aws", "core"],
  infra: ["infra", "online", "terminal", "aws", "core"],
  simulator: ["simulator", "terminal", "steps", "operators", "runtime", "aws", "core"],
  cli: ["cli", "online", "terminal", "simulator", "kinds", "operators", "runtime", "aws", "core"],
};

/** The rooms of core, each with those before it that it may use; "" is core itself. Also the table of docs/architecture.md. */
const rooms = [
  ...["", "clock", "model", "detect", "points", "traffic", "run", "fence", "approval", "readiness", "report"],
  ...["instances/capture", "instances/copy", "instances/launch", "servers"],
  ...["plan/values", "plan/schema", "plan/build", "plan/rules", "plan"],
];

test.each(Object.entries(outside))("%s imports only %j of the tree", (folder, allowed) => {
  const own = sourcesIn(folder).flatMap((file) => importsOf(file));
  const seen = (path: string) => (layerOf(path) === "outside" ? path.split("/")[0]! : layerOf(path));
  expect(told(own.filter(({ to }) => layerOf(to) !== "package" && !allowed.includes(seen(to))))).toEqual([]);
});

test("docs/architecture.md tells the same directions", () => {
  const page = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const rows = new Map(
    [...page.matchAll(/^\| `([^`]+)` \|.*\| ([^|]*) \|$/gm)].map(([, folder, may]) => [folder, may]),
  );
  const home = (layer: string) => (layer === "steps" ? "functions/*.ts" : `functions/${layer}/`);
  for (const [layer, allowed] of Object.entries(mayImport)) expect(rows.get(home(layer))).toBe(allowed.join(", "));
  for (const [folder, allowed] of Object.entries(outside))
    expect(rows.get(`${folder}/`)).toBe(allowed.filter((one) => one !== folder).join(", "));
  const named = [...page.matchAll(/^\| `core\/([^`]*)` \|/gm)].map(([, room]) => room!.replace(/\/$/, ""));
  expect(named).toEqual(rooms.filter(Boolean));
});

test("a room of core imports itself and rooms before it, types included", () => {
  const roomOf = (path: string) => path.slice("functions/core/".length).split("/").slice(0, -1).join("/");
  const inCore = imports.filter(({ from, to }) => layerOf(from) === "core" && layerOf(to) === "core");
  expect([...new Set(inCore.map(({ from }) => roomOf(from)))].filter((room) => !rooms.includes(room))).toEqual([]);
  const back = inCore.filter(({ from, to }) => rooms.indexOf(roomOf(to)) > rooms.indexOf(roomOf(from)));
  expect(told(back)).toEqual([]);
});

/** Folders that are one list by nature: a command a file, a step a file, a fragment a file. */
const longLists = ["cli", "infra", "functions"];

test("no folder has more than 20 files; instead: a folder for each concern", () => {
  const folders = ["functions", "terminal", "online", "infra", "simulator", "cli", "bench", "statemachines", "docs"];
  const count = (folder: string): [string, number][] => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    const below = entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => count(`${folder}/${name}`));
    return [[folder, entries.filter((entry) => entry.isFile()).length], ...below];
  };
  const long = folders.flatMap(count).filter(([folder, files]) => files > 20 && !longLists.includes(folder));
  expect(long).toEqual([]);
});

/** Types count too: a decision that names a client's type belongs elsewhere. */
const told = (broken: { from: string; to: string }[]) => broken.map(({ from, to }) => `${from} imports ${to}`);

test("functions/ has no folder that the table of layers does not know", () => {
  expect([...new Set(files.map(layerOf))].sort()).toEqual(Object.keys(mayImport).sort());
});

test.each(Object.entries(mayImport))("%s imports only %j of functions/, and nothing outside it", (layer, allowed) => {
  const own = imports.filter(({ from, to }) => layerOf(from) === layer && layerOf(to) !== "package");
  expect(own.length).toBeGreaterThan(0);
  expect(told(own.filter(({ to }) => !allowed.includes(layerOf(to))))).toEqual([]);
});

/** Packages by who may import them. */
const packages: [string, RegExp, RegExp][] = [
  [
    "core imports no package but zod/mini, node:crypto and croner",
    /^functions\/core\//,
    /^(zod\/mini|node:crypto|croner)$/,
  ],
  ["aws imports the SDK and node:crypto", /^functions\/aws\//, /^(@aws-sdk\/|@smithy\/core\/|node:crypto$)/],
  ["kinds import no package but zod/mini", /^functions\/kinds\//, /^zod\/mini$/],
  ["steps import no package but zod/mini", /^functions\/[^/]+\.ts$/, /^zod\/mini$/],
  [
    "runtime imports middy, Powertools, Lambda's types and sockets",
    /^functions\/runtime\//,
    /^(@middy\/|@aws-lambda-powertools\/|aws-lambda$|zod\/mini$|node:(http|https|dns\/promises|net|tls)$)/,
  ],
];

test.each(packages)("%s", (_, from, allowed) => {
  const own = imports.filter((one) => from.test(one.from) && layerOf(one.to) === "package");
  expect(told(own.filter(({ to }) => !allowed.test(to)))).toEqual([]);
});

test.each([
  ["the AWS SDK", /^@(aws-sdk|smithy)\//, "aws"],
  ["middy and Powertools", /^@(middy|aws-lambda-powertools)\//, "runtime"],
  ["sockets", /^node:(http|https|http2|dns|net|tls|dgram)(\/|$)/, "runtime"],
])("%s: imported by one layer only", (_, what, layer) => {
  const users = imports.filter(({ to }) => what.test(to));
  expect(users.length).toBeGreaterThan(0);
  expect(told(users.filter(({ from }) => layerOf(from) !== layer))).toEqual([]);
});

test("only runtime reads the environment", () => {
  const readers = files.filter((file) => /\bprocess\b/.test(codeOf(file)));
  expect(readers.filter((file) => layerOf(file) !== "runtime")).toEqual([]);
});

/** The text of a file without its comments and strings. */
const codeOf = (file: string) =>
  readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$|"(?:[^"\\\n]|\\.)*"/gm, "");

/** YAML, schemas of the plan and cron are the work of `check` and `deploy`: a Lambda reads checked JSON. */
const neverLoaded = /^(yaml|zod|zod\/v4|croner|functions\/core\/plan\/.*)$/;

/** Whether a window of maintenance is open is known at the time of the look, and not before: detect has to read its cron. */
const mayLoad: Record<string, string[]> = { "functions/detect.ts": ["croner"] };

test.each(steps)("%s loads no YAML, no classic zod, no cron and no schema of the plan", (file) => {
  const found = [...loadedBy(file)].filter(([to]) => neverLoaded.test(to) && !mayLoad[file]?.includes(to));
  expect(found.map(([to, from]) => `${from} loads ${to}`)).toEqual([]);
});

test("every file of functions/ is loaded by a step, by the plan's compiler or by a command", () => {
  const users = [...steps, "functions/core/plan/compile.ts", ...["cli", "online", "infra"].flatMap(sourcesIn)];
  const used = new Set(users.flatMap((file) => [...loadedBy(file).keys()]));
  const typesOnly = new Set(imports.filter(({ typeOnly }) => typeOnly).map(({ to }) => to));
  const standIns = [
    "functions/runtime/stand-ins/environment-credentials.ts",
    "functions/runtime/stand-ins/no-endpoint-cache.ts",
    "functions/runtime/stand-ins/no-event-streams.ts",
  ];
  expect(files.filter((file) => !used.has(file) && !typesOnly.has(file) && !standIns.includes(file))).toEqual([]);
});

test("no file imports itself in the end, types included", () => {
  const tree = ["functions", "terminal", "online", "infra", "cli", "simulator", "bench", "test"].flatMap(sourcesIn);
  const targets = new Map(tree.map((file) => [file, importsOf(file).map(({ to }) => to)]));
  expect(circlesOf(targets)).toEqual([]);
});

test("a circle is found, and told once", () => {
  const targets = { a: ["b"], b: ["c", "d"], c: ["a"], d: ["zod"] };
  expect(circlesOf(new Map(Object.entries(targets)))).toEqual([["a", "b", "c"]]);
});

test("imports are read in each of their forms", () => {
  const text = [
    'import "./plan.ts";',
    'import type { Plan } from "./plan.ts";',
    'import {\n  type Row,\n  rowOf,\n} from "../../aws/store/table.ts";',
    'import * as z from "zod/mini";',
    'export * from "./run.ts";',
    'export const late = () => import("../../../cli/main.ts");',
    'export const words = `moves from "here";`;',
  ].join("\n");
  expect(importsOf("functions/core/model/made-up.ts", text).map(({ to, typeOnly }) => [to, typeOnly])).toEqual([
    ["functions/core/model/plan.ts", false],
    ["functions/core/model/plan.ts", true],
    ["functions/aws/store/table.ts", false],
    ["zod/mini", false],
    ["functions/core/model/run.ts", false],
    ["cli/main.ts", false],
  ]);
});

test.each(files)("%s has no import that was not read", (file) => {
  const lines = readFileSync(join(root, file), "utf8").match(/^import\b/gm) ?? [];
  const read = importsOf(file).length;
  expect(read).toBeGreaterThanOrEqual(lines.length);
});
