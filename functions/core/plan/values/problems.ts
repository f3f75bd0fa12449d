import type * as z from "zod/mini";
import { nearestWord } from "../../nearest-word.ts";

export type PlanPath = (string | number)[];

/** One mistake. `at`: what of the path to point at in the file; a missing key is shown at its parent. */
export type PlanProblem = { path: PlanPath; at: "key" | "value" | "parent"; expected: string; got: string };
export type PlanNote = { path: PlanPath; message: string };

/** `protect[0].launch.subnets`; keys that are no plain words stand in quotes. */
export const pathText = (path: PlanPath) =>
  path
    .map((part) =>
      typeof part === "number" ? `[${part}]` : `.${/^[\w-]+$/.test(part) ? part : JSON.stringify(part.slice(0, 80))}`,
    )
    .join("")
    .replace(/^\./, "");

/** What came, short enough for one line. Never looks deeper than one level: a document may be circular. */
export const gotText = (value: unknown): string => {
  if (value === undefined) return "nothing";
  if (value === null) return "an empty value";
  if (Array.isArray(value)) return value.length === 1 ? "a list of 1 entry" : `a list of ${value.length} entries`;
  if (typeof value === "object") {
    const keys = Object.keys(value);
    return keys.length ? shorten(`a map with ${keys.join(", ")}`) : "an empty map";
  }
  return shorten(typeof value === "string" ? JSON.stringify(withoutSecrets(value)) : String(value));
};

/** A URL may carry a password or a token: no message repeats what stands before its @ or after its ?. */
const withoutSecrets = (text: string) =>
  text.replace(/^(\w[\w+.-]*:\/\/)[^/?#\s]*@/, "$1...@").replace(/^(\w[\w+.-]*:\/\/[^?#]*)[?#].*$/s, "$1?...");

const shorten = (line: string) => {
  const clean = line.replace(/\p{Cc}/gu, "?");
  return clean.length > 80 ? `${clean.slice(0, 77)}...` : clean;
};

/** The value at a path, by own properties only; undefined when there is none. */
export const valueAt = (document: unknown, path: PlanPath): unknown =>
  path.reduce<unknown>(
    (node, part) =>
      node !== null && typeof node === "object" && Object.hasOwn(node, part)
        ? (node as Record<string | number, unknown>)[part]
        : undefined,
    document,
  );

/** Every issue of the schema as a problem, one per place. */
export const problemsOf = (issues: readonly z.core.$ZodIssue[], document: unknown): PlanProblem[] => {
  const problems = issues.flatMap((issue) => toProblems(issue, [], document));
  const unknown = problems.filter(({ at }) => at === "key").map(({ path, got }) => [path, got] as const);
  const isMeantBy = ({ path, at }: PlanProblem) =>
    at === "parent" &&
    unknown.some(
      ([other, got]) =>
        pathText(other.slice(0, -1)) === pathText(path.slice(0, -1)) && got.endsWith(`did you mean ${path.at(-1)}?`),
    );
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const place = pathText(problem.path);
    if (seen.has(place) || isMeantBy(problem)) return false;
    seen.add(place);
    return true;
  });
};

const toProblems = (issue: z.core.$ZodIssue, base: PlanPath, document: unknown): PlanProblem[] => {
  const path = [...base, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey(path, key, issue.message.split(",")));
  if (issue.code === "invalid_key")
    return [{ path, at: "key", expected: issue.issues[0]?.message ?? "another key", got: gotText(path.at(-1)) }];
  if (issue.code === "invalid_union") {
    const branch = nearestBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => toProblems(inner, path, document));
  }
  const value = valueAt(document, path);
  return [{ path, at: value === undefined ? "parent" : "value", expected: issue.message, got: gotText(value) }];
};

/**
 * The branch of a union that the author meant: right in its own type, with the fewest missing, unknown and wrong keys. Of
 * several, that of which a key was mistyped; else nobody knows.
 */
const nearestBranch = (branches: readonly (readonly z.core.$ZodIssue[])[]) => {
  const ranked = branches
    .filter(
      (issues) =>
        issues.length > 0 && issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
    )
    .map((issues) => ({ issues, cost: keysWrong(issues) }))
    .sort((a, b) => a.cost - b.cost);
  const best = ranked.filter(({ cost }) => cost === ranked[0]?.cost).map(({ issues }) => issues);
  return best.length > 1 ? best.find((issues) => issues.some(isMistyped)) : best[0];
};

const isMistyped = (issue: z.core.$ZodIssue) =>
  issue.code === "unrecognized_keys" && issue.keys.some((key) => nearestWord(key, issue.message.split(",")));

/** However much is wrong inside of a key, it is one key. */
const keysWrong = (issues: readonly z.core.$ZodIssue[]) =>
  new Set(
    issues.flatMap((issue) =>
      issue.code === "unrecognized_keys" && !issue.path.length ? issue.keys : String(issue.path[0]),
    ),
  ).size;

const unknownKey = (path: PlanPath, key: string, allowed: string[]): PlanProblem => {
  const nearest = nearestWord(key, allowed);
  const got = `the unknown key ${gotText(key)}${nearest ? `; did you mean ${nearest}?` : ""}`;
  return { path: [...path, key], at: "key", expected: `one of the keys ${allowed.join(", ")}`, got };
};

/**
 * Keys that the schema drops without a word: as a tag of `select` that would be a wider selection. Those that are refused
 * already are left out. A document may be circular.
 */
export const lostKeys = (document: unknown, refused: PlanProblem[]): PlanProblem[] => {
  const found: PlanProblem[] = [];
  const seen = new Set<object>();
  const left: { node: unknown; path: PlanPath }[] = [{ node: document, path: [] }];
  for (let one = left.pop(); one; one = left.pop()) {
    const { node, path } = one;
    if (typeof node !== "object" || node === null || seen.has(node)) continue;
    seen.add(node);
    for (const [key, value] of Object.entries(node)) {
      const below = [...path, Array.isArray(node) ? Number(key) : key];
      if (key === lostKey) found.push({ path: below, at: "key", expected: "another key", got: gotText(key) });
      left.push({ node: value, path: below });
    }
  }
  const known = new Set(refused.map(({ path }) => pathText(path)));
  return found.filter(({ path }) => !known.has(pathText(path)));
};
const lostKey = "__proto__";
