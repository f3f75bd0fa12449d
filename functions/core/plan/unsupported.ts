import { gotText, type PlanNote, type PlanPath, type PlanProblem, valueAt } from "./values/problems.ts";

const laterKinds = ["aurora", "bucket", "files", "drs"];

/** What is checked and kept, and changes nothing yet (docs/plan.md, "Not supported yet"). */
const stored: [path: string[], message: string][] = [
  [["protect", "*", "launch", "drillSubnets"], "stored, not used yet"],
];

/** `covers`: the part of the document about which the schema has nothing to say, since a later version reads it. */
export type Later = { problem: PlanProblem; covers: PlanPath };

/** What would change a failover and is not built yet: refused, never ignored. */
export const notSupportedYet = (document: unknown): Later[] => [
  ...placesOf(document, ["protect", "*", "kind"])
    .filter((path) => laterKinds.some((kind) => kind === valueAt(document, path)))
    .map((path) => refuse(document, path, path.slice(0, -1), "instances")),
  ...placesOf(document, ["protect", "*", "verify", "from"])
    .filter((path) => isMap(valueAt(document, path)))
    .map((path) => refuse(document, path, path, "targetGroup, public or ssm")),
];

/** What was validated and stored, and changes nothing yet. */
export const storedNotUsed = (document: unknown): PlanNote[] =>
  stored.flatMap(([pattern, message]) => placesOf(document, pattern).map((path) => ({ path, message })));

/** Whether a problem at `path` lies in what a refusal covers. */
export const isCovered = (later: Later[], path: PlanPath) =>
  later.some(({ covers }) => covers.every((part, index) => part === path[index]));

const refuse = (document: unknown, path: PlanPath, covers: PlanPath, expected: string): Later => {
  const got = `${gotText(valueAt(document, path))}: not supported yet`;
  return { problem: { path, at: "value", expected, got }, covers };
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
