import { gotText, type PlanNote, type PlanPath, type PlanProblem, valueAt } from "./plan-problems.ts";

/** What the contract of a plan has and this version does not do yet (docs/plan.md, "Not supported yet"). */
const refusedValues: [path: string[], values: string[]][] = [
  [["detect", "action"], ["approve"]],
  [["traffic", "switch"], ["routing-control"]],
  [
    ["traffic", "records", "*", "policy"],
    ["weighted", "latency", "geolocation", "multivalue"],
  ],
];
const refusedKeys: string[][] = [
  ["detect", "witnesses", "*", "healthCheck"],
  ["detect", "witnesses", "*", "silence"],
  ["detect", "witnesses", "*", "awsHealth"],
  ["traffic", "cluster"],
  ["traffic", "records", "*", "steps"],
  ["traffic", "records", "*", "gate"],
  ["traffic", "records", "*", "routingControls"],
];
const laterKinds = ["aurora", "bucket", "files", "drs"];

const notUsed = "stored, not used yet";
const stored: [path: string[], message: string][] = [
  [["priority"], notUsed],
  [["detect", "approval"], notUsed],
  [["detect", "block"], "used by detect; acknowledging is not supported yet"],
  [["detect", "maintenance"], notUsed],
  [["protect", "*", "launch", "drillSubnets"], notUsed],
];

/** `covers`: the part of the document about which the schema has nothing to say, since a later version reads it. */
export type Later = { problem: PlanProblem; covers: PlanPath };

/** What would change a failover and is not built yet: refused, never ignored. */
export const notSupportedYet = (document: unknown): Later[] => [
  ...refusedValues.flatMap(([pattern, values]) =>
    placesOf(document, pattern)
      .filter((path) => values.some((value) => value === valueAt(document, path)))
      .map((path) => refuse(document, path, path)),
  ),
  ...refusedKeys.flatMap((pattern) =>
    placesOf(document, pattern).map((path) => {
      const isWitness = pattern[1] === "witnesses";
      return refuse(document, path, isWitness ? path.slice(0, -1) : path, "key");
    }),
  ),
  ...placesOf(document, ["protect", "*", "kind"])
    .filter((path) => laterKinds.some((kind) => kind === valueAt(document, path)))
    .map((path) => refuse(document, path, path.slice(0, -1))),
  ...placesOf(document, ["protect", "*", "verify", "from"])
    .filter((path) => isMap(valueAt(document, path)))
    .map((path) => refuse(document, path, path)),
];

/** What was validated and stored, and changes nothing yet. */
export const storedNotUsed = (document: unknown): PlanNote[] =>
  stored.flatMap(([pattern, message]) => placesOf(document, pattern).map((path) => ({ path, message })));

/** Whether a problem at `path` lies in what a refusal covers. */
export const isCovered = (later: Later[], path: PlanPath) =>
  later.some(({ covers }) => covers.every((part, index) => part === path[index]));

const supported: Record<string, string> = {
  action: "notify or automatic",
  switch: "takeover or records",
  policy: "failover or simple",
  kind: "instances",
  from: "targetGroup, public or ssm",
};

const refuse = (document: unknown, path: PlanPath, covers: PlanPath, at: "key" | "value" = "value"): Later => {
  const key = String(path.at(-1));
  const got = at === "key" ? `the key ${key}` : gotText(valueAt(document, path));
  const expected =
    at === "key" ? (covers === path ? `no key ${key}` : "a witness of alarm, probe or api") : supported[key]!;
  return { problem: { path, at, expected, got: `${got}: not supported yet` }, covers };
};

const isMap = (value: unknown) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Paths that exist in the document and match a pattern; `*` stands for every index of a list. */
const placesOf = (document: unknown, pattern: string[]): PlanPath[] => {
  let places: PlanPath[] = [[]];
  for (const part of pattern)
    places = places.flatMap((path) => {
      const node = valueAt(document, path);
      if (part === "*") return Array.isArray(node) ? node.map((_, index) => [...path, index]) : [];
      return isMap(node) && Object.hasOwn(node as object, part) ? [[...path, part]] : [];
    });
  return places;
};
