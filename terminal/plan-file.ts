import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { PlanInvalidError } from "../functions/core/errors.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { compilePlan } from "../functions/core/plan/compile.ts";
import { type PlanNote, type PlanPath, type PlanProblem, pathText } from "../functions/core/plan/values/problems.ts";
import { type Fault, type ParsedYaml, parseYaml } from "./yaml.ts";
import { createPositions, toPosition } from "./yaml-position.ts";

/** A mistake with its place; `line` and `column` are null when the file could not be read at all. */
export type Problem = Location & { expected: string; got: string };
export type Remark = Location & { message: string };
type Location = { file: string; line: number | null; column: number | null; path: string };
/** A plan that can be rehearsed as it is, and not be deployed; `todo` says what to do. */
export type Refusal = Problem & { todo: string };
export type ReadPlan = {
  file: string;
  plan: Plan | null;
  problems: Problem[];
  refusals: Refusal[];
  warnings: Remark[];
  notes: Remark[];
};

const bytesMax = 1_048_576;
const nothing = { plan: null, problems: [], refusals: [], warnings: [], notes: [] };

/** Reads, checks and compiles a plan. Every mistake is a value: nothing is thrown. */
export const readPlan = (file: string): ReadPlan => {
  const read = textOf(file);
  if ("text" in read) return readPlanText(file, read.text);
  const problem = { file, line: null, column: null, path: "", ...read };
  return { ...nothing, file, problems: [problem] };
};

/** The same of a text; `file` is what places are told in. */
export const readPlanText = (file: string, text: string): ReadPlan => check(file, text, parseYaml(text));

/** @throws PlanInvalidError with every mistake, a line each. */
export const readPlanOrThrow = (file: string): Plan => {
  const { plan, problems } = readPlan(file);
  if (plan) return plan;
  const lines = problems.map(problemText).join("\n");
  const hint = problems.some(isUnread) ? giveFile : `${fixPlan}, then run lifeboat check`;
  throw new PlanInvalidError(problems.length === 1 ? lines : `${problems.length} problems\n${lines}`, hint);
};
export const fixPlan = "fix the plan (docs/plan.md explains every key)";
export const giveFile = "give the path of a plan; lifeboat init writes one to start from";
/** The file could not be read at all. */
export const isUnread = ({ line }: Problem) => line === null;

/** `file:line:column path: expected … (got …)` */
export const problemText = ({ expected, got, ...place }: Problem) =>
  `${placeText(place)}expected ${expected} (got ${got})`;
export const placeText = ({ file, line, column, path }: Location) => {
  const where = line === null ? file : `${file}:${line}:${column}`;
  return path ? `${where} ${path}: ` : `${where}: `;
};

/** `-`: the standard input, which no ending is asked of. */
const textOf = (file: string): { text: string } | { expected: string; got: string } => {
  const type = file === "-" ? ".yml" : extname(file).toLowerCase();
  try {
    if (file === "-") return decoded(readFileSync(0));
    const found = statSync(file);
    if (found.isDirectory()) return { expected: "a plan file", got: "a directory" };
    if (!found.isFile()) return { expected: "a plan file", got: "not a regular file" };
    if (![".yml", ".yaml", ".json"].includes(type))
      return { expected: "a file that ends in .yml, .yaml or .json", got: type || "no ending" };
    return found.size > bytesMax ? tooLarge(found.size) : decoded(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) return { expected: "a text file in UTF-8", got: "binary data" };
    const { code } = error as NodeJS.ErrnoException;
    return {
      expected: "a plan file that can be read",
      got: code === "ENOENT" ? "no such file" : (code ?? "an error"),
    };
  }
};

const tooLarge = (bytes: number) => ({
  expected: "a plan of at most 1 MiB (1,048,576 bytes)",
  got: `${bytes.toLocaleString("en")} bytes`,
});

const decoded = (bytes: Buffer): { text: string } | { expected: string; got: string } => {
  if (bytes.length > bytesMax) return tooLarge(bytes.length);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  return text.includes("\0") ? { expected: "a text file", got: "binary data" } : { text };
};

/** Lines on which init has left a value to be filled in. */
const unfilled = (file: string, text: string): Remark[] =>
  text.split("\n").flatMap((line, index) => {
    const [comment, what] =
      /# (YOUR (?:PAGE|SUBNETS|SECURITY GROUPS|ELASTIC IP|HOSTED ZONE|RECORD|TOPICS))\b/.exec(line) ?? [];
    if (!comment) return [];
    const message = `${what}: fill it in, then delete the comment`;
    return [{ file, line: index + 1, column: line.indexOf(comment) + 1, path: "", message }];
  });

const check = (file: string, text: string, { document, lines, value, broken, repeated }: ParsedYaml): ReadPlan => {
  const ofYaml = ({ offset, expected, got }: Fault): Problem => {
    return { file, ...toPosition(lines, offset), path: "", expected, got };
  };
  if (broken) return { ...nothing, file, problems: [ofYaml(broken)] };
  const { plan, problems, refusals, warnings, notes } = compilePlan(value);
  const positionOf = createPositions(document, lines);
  const place = (path: PlanPath, at: PlanProblem["at"]) => ({ file, ...positionOf(path, at), path: pathText(path) });
  const remark = ({ path, message }: PlanNote) => ({ ...place(path, "key"), message });
  const all = [
    ...repeated.map(ofYaml),
    ...problems.map(({ path, at, expected, got }) => ({ ...place(path, at), expected, got })),
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  return {
    file,
    plan: all.length ? null : plan,
    problems: all,
    refusals: all.length ? [] : refusals.map(({ path, ...rest }) => ({ ...place(path, "value"), ...rest })),
    warnings: [...unfilled(file, text), ...warnings.map(remark)],
    notes: notes.map(remark),
  };
};
