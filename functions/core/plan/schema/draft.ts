import type { PlanNote, PlanPath, PlanProblem } from "../values/problems.ts";
import type { PlanDocument } from "./plan.ts";

/** A document with every part left out that the schema refused: cross-field rules still see all the rest. */
export type Draft = Partially<PlanDocument>;
type Partially<T> = T extends readonly (infer Item)[]
  ? (Partially<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: Partially<T[Key]> | undefined }
    : T;

/** A cross-field rule: reads what is there, stays silent about what is not. */
export type Rule = (draft: Draft, say: Say) => void;
export type Say = {
  problem(path: PlanPath, expected: string, got: string, at?: PlanProblem["at"]): void;
  warning(path: PlanPath, message: string): void;
};

/** The document without the parts at `paths`; lists keep their indices. The document itself stays as it is. */
export const draftOf = (document: unknown, paths: PlanPath[]): Draft => {
  const bad = new Set(paths.map((path) => JSON.stringify(path)));
  const copy = (node: unknown, path: PlanPath): unknown => {
    if (bad.has(JSON.stringify(path)) || path.length > depthMax) return undefined;
    if (Array.isArray(node)) return node.map((item, index) => copy(item, [...path, index]));
    if (node === null || typeof node !== "object") return node;
    const entries = Object.entries(node).map(([key, value]) => [key, copy(value, [...path, key])] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  };
  return (copy(document, []) ?? {}) as Draft;
};

/** Deeper than any plan. */
const depthMax = 10;

/** Entries of a list or a map that are there, with their index or key. */
export const each = <T>(items: (T | undefined)[] | undefined): [T, number][] =>
  (items ?? []).flatMap((item, index): [T, number][] => (item === undefined ? [] : [[item, index]]));
export const eachKey = <T>(items: Record<string, T | undefined> | undefined): [T, string][] =>
  Object.entries(items ?? {}).flatMap(([key, item]): [T, string][] => (item === undefined ? [] : [[item, key]]));

/** What the rules said. */
export const runRules = (rules: Rule[], draft: Draft) => {
  const problems: PlanProblem[] = [];
  const warnings: PlanNote[] = [];
  const say: Say = {
    problem: (path, expected, got, at = "value") => void problems.push({ path, at, expected, got }),
    warning: (path, message) => void warnings.push({ path, message }),
  };
  for (const rule of rules) rule(draft, say);
  return { problems, warnings };
};
