/** Turns the schema's issues into problems with a place, an expectation and what came. */

import type { z } from "zod";
import { nearestWord } from "../../functions/core/nearest-word.ts";
import { gotText, type PlanPath, type PlanProblem, valueAt } from "../../functions/core/plan/values/problems.ts";

type Issue = z.core.$ZodIssue;
/** The part of a schema that this file reads: what zod calls its definition. */
type Def = {
  type: string;
  innerType?: Schema;
  element?: Schema;
  valueType?: Schema;
  in?: Schema;
  shape?: Record<string, Schema>;
  options?: Schema[];
  discriminator?: string;
  values?: unknown[];
};
type Schema = { def: Def };

/** The schema's issues in the words of the project: one per place, with what was expected and what came. */
export const scenarioProblems = (schema: z.ZodType, issues: readonly Issue[], document: unknown): PlanProblem[] =>
  issues.flatMap((issue): PlanProblem[] => {
    const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    const value = valueAt(document, path);
    if (issue.code === "unrecognized_keys") {
      const allowed = keysAt(schema as unknown as Schema, path, document);
      return issue.keys.map((key) => ({
        path: [...path, key],
        at: "key",
        expected: `one of the keys ${allowed.join(", ")}`,
        got: `the unknown key ${gotText(key)}${meant(key, allowed)}`,
      }));
    }
    const got =
      typeof value === "string" ? gotText(value) + meant(value, wordsOf(issue, schema, document)) : gotText(value);
    return [{ path, at: value === undefined ? "parent" : "value", expected: expectedBy(issue, schema, document), got }];
  });

const meant = (word: string, allowed: readonly string[]) => {
  const nearest = nearestWord(word, allowed);
  return nearest ? `; did you mean ${nearest}?` : "";
};

const types: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

const expectedBy = (issue: Issue, schema: z.ZodType, document: unknown): string => {
  const words = wordsOf(issue, schema, document);
  if (words.length > 0) return words.length === 1 ? words[0]! : `one of ${words.join(", ")}`;
  if (issue.code === "invalid_type") return types[issue.expected] ?? issue.expected;
  if (issue.code === "too_small") {
    if (issue.origin === "string" || issue.origin === "array") return "a value that is not empty";
    return `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
  }
  if (issue.code === "too_big") return `at most ${issue.maximum}`;
  return issue.message.replace(/^expected /, "");
};

/** The words that may stand there, where they are few. */
const wordsOf = (issue: Issue, schema: z.ZodType, document: unknown): string[] => {
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code !== "invalid_union" || issue.path.length === 0) return [];
  const union = schemaAt(schema as unknown as Schema, issue.path.slice(0, -1) as PlanPath, document);
  if (!union?.def.discriminator) return [];
  return (union.def.options ?? []).flatMap(({ def }) => valuesOf(def.shape?.[union.def.discriminator!]));
};

const valuesOf = (schema: Schema | undefined) => (schema?.def.values ?? []).map(String);

const keysAt = (schema: Schema, path: PlanPath, document: unknown): string[] => {
  const found = schemaAt(schema, path, document);
  const chosen = found && optionOf(found, valueAt(document, path));
  return Object.keys(chosen?.def.shape ?? {});
};

/** The schema of what stands at a path; null where the document leaves it. */
const schemaAt = (schema: Schema, path: PlanPath, document: unknown, walked: PlanPath = []): Schema | null => {
  const bare = unwrapped(schema);
  const [part, ...rest] = path;
  if (part === undefined) return bare;
  const { element, valueType, shape } = optionOf(bare, valueAt(document, walked)).def;
  const next =
    typeof part === "number" ? element : (valueType ?? (shape && Object.hasOwn(shape, part) ? shape[part] : undefined));
  return next ? schemaAt(next, rest, document, [...walked, part]) : null;
};

const unwrapped = (schema: Schema): Schema => {
  const inner = schema.def.innerType ?? schema.def.in;
  return inner ? unwrapped(inner) : schema;
};

/** Of a union by a word, the branch that the document has chosen. */
const optionOf = (schema: Schema, value: unknown): Schema => {
  const { discriminator, options = [] } = schema.def;
  if (!discriminator) return schema;
  const word = valueAt(value, [discriminator]);
  return options.find(({ def }) => valuesOf(def.shape?.[discriminator]).includes(String(word))) ?? schema;
};
