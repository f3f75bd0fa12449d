import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { type Document, LineCounter, parseDocument, type YAMLError } from "yaml";
import { PlanInvalidError } from "../functions/core/errors.ts";
import type { Plan } from "../functions/core/plan.ts";
import { compilePlan } from "../functions/core/plan-compile.ts";
import { pathText } from "../functions/core/plan-problems.ts";
import { positionOf, toPosition } from "./plan-position.ts";

/** A mistake with its place; `line` and `column` are null when the file could not be read at all. */
export type Problem = Place & { expected: string; got: string };
export type Remark = Place & { message: string };
type Place = { file: string; line: number | null; column: number | null; path: string };
export type ReadPlan = { file: string; plan: Plan | null; problems: Problem[]; warnings: Remark[]; notes: Remark[] };

const bytesMax = 1_048_576;
const aliasesMax = 100;

/** Reads, checks and compiles a plan. Every mistake is a value: nothing is thrown. */
export const readPlan = (file: string): ReadPlan => {
  const refuse = (expected: string, got: string, offset: Partial<Place> = {}): ReadPlan => ({
    file,
    plan: null,
    problems: [{ file, line: null, column: null, path: "", ...offset, expected, got }],
    warnings: [],
    notes: [],
  });
  const read = textOf(file);
  if ("expected" in read) return refuse(read.expected, read.got);
  const lines = new LineCounter();
  try {
    return check(
      file,
      parseDocument(read.text, { lineCounter: lines, prettyErrors: false, logLevel: "silent" }),
      lines,
    );
  } catch (error) {
    const start = { line: 1, column: 1 };
    if (error instanceof ReferenceError) return refuse(`at most ${aliasesMax} uses of YAML aliases`, "more", start);
    if (error instanceof RangeError) return refuse("a plan", "YAML nested too deeply", start);
    return refuse("a plan", `YAML that cannot be read: ${firstLine(error)}`, start);
  }
};

/** @throws PlanInvalidError with every mistake, a line each. */
export const readPlanOrThrow = (file: string): Plan => {
  const { plan, problems } = readPlan(file);
  if (plan) return plan;
  const lines = problems.map(problemText).join("\n");
  throw new PlanInvalidError(problems.length === 1 ? lines : `${problems.length} problems\n${lines}`, mend);
};
const mend = "mend the plan (docs/plan.md explains every key), then run lifeboat check";

/** `file:line:column path: expected … (got …)` */
export const problemText = ({ expected, got, ...place }: Problem) =>
  `${placeText(place)}expected ${expected} (got ${got})`;
export const placeText = ({ file, line, column, path }: Place) => {
  const where = line === null ? file : `${file}:${line}:${column}`;
  return path ? `${where} ${path}: ` : `${where}: `;
};

const textOf = (file: string): { text: string } | { expected: string; got: string } => {
  const type = extname(file).toLowerCase();
  try {
    const found = statSync(file);
    if (found.isDirectory()) return { expected: "a plan file", got: "a directory" };
    if (!found.isFile()) return { expected: "a plan file", got: "something that is no regular file" };
    if (![".yml", ".yaml", ".json"].includes(type))
      return { expected: "a file that ends in .yml, .yaml or .json", got: type || "no ending" };
    if (found.size > bytesMax)
      return { expected: "a plan of at most 1 MiB", got: `${(found.size / bytesMax).toFixed(1)} MiB` };
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
    return text.includes("\0") ? { expected: "a text file", got: "binary data" } : { text };
  } catch (error) {
    if (error instanceof TypeError) return { expected: "a text file in UTF-8", got: "binary data" };
    const { code } = error as NodeJS.ErrnoException;
    return {
      expected: "a plan file that can be read",
      got: code === "ENOENT" ? "no such file" : (code ?? firstLine(error)),
    };
  }
};

const check = (file: string, document: Document.Parsed, lines: LineCounter): ReadPlan => {
  const faults = [...document.errors, ...document.warnings];
  const duplicates = faults.filter(({ code }) => code === "DUPLICATE_KEY");
  const broken = faults.find(({ code }) => code !== "DUPLICATE_KEY");
  const toProblem = (fault: YAMLError): Problem => ({
    file,
    ...toPosition(lines, fault.pos[0]),
    path: "",
    ...phraseOf(fault),
  });
  if (broken) return { file, plan: null, problems: [toProblem(broken)], warnings: [], notes: [] };
  if (document.contents === null || (document.contents as { value?: unknown }).value === null) {
    const empty = { file, line: 1, column: 1, path: "", expected: "a plan", got: "an empty file" };
    return { file, plan: null, problems: [empty], warnings: [], notes: [] };
  }
  const compiled = compilePlan(document.toJS({ maxAliasCount: aliasesMax }));
  const place = (path: (string | number)[], at?: "key" | "value" | "parent") => ({
    file,
    ...positionOf(document, lines, path, at),
    path: pathText(path),
  });
  const problems = [
    ...duplicates.map(toProblem),
    ...compiled.problems.map(({ path, at, expected, got }) => ({ ...place(path, at), expected, got })),
  ].sort((a, b) => a.line! - b.line! || a.column! - b.column!);
  const remark = ({ path, message }: { path: (string | number)[]; message: string }) => ({
    ...place(path, "key"),
    message,
  });
  return {
    file,
    plan: problems.length ? null : compiled.plan,
    problems,
    warnings: compiled.warnings.map(remark),
    notes: compiled.notes.map(remark),
  };
};

const phrases: Record<string, { expected: string; got: string }> = {
  TAB_AS_INDENT: { expected: "spaces for indentation", got: "a tab" },
  MULTIPLE_DOCS: { expected: "one YAML document", got: "more than one" },
  DUPLICATE_KEY: { expected: "each key once", got: "the same key again" },
  TAG_RESOLVE_FAILED: { expected: "plain YAML", got: "a tag (!...)" },
};
const phraseOf = (fault: YAMLError) => phrases[fault.code] ?? { expected: "well-formed YAML", got: firstLine(fault) };

const firstLine = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]!.slice(0, 200);
