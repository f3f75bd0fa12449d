import pc from "picocolors";
import { LifeboatError, PlanInvalidError } from "../functions/core/errors.ts";
import { columnsOf, wrapped } from "./wrap.ts";

/**
 * Where a command writes. `paint` colours on a terminal only. `live` keeps one line at the bottom of a terminal, null
 * takes it away; elsewhere nothing is shown.
 */
export type Output = {
  out(line: string): void;
  error(line: string): void;
  live(line: string | null): void;
  isTerminal: boolean;
  paint: ReturnType<typeof pc.createColors>;
};

/** 0 done, 1 the run failed or was refused, 2 bad usage or plan. */
export type ExitCode = 0 | 1 | 2;

type Stream = Pick<NodeJS.WriteStream, "write" | "isTTY"> & { columns?: number };

export const createOutput = (stdout: Stream, stderr: Stream, noColour = false): Output => {
  const isTerminal = stdout.isTTY === true && stderr.isTTY === true;
  let shown = false;
  const live = (line: string | null) => {
    if (!isTerminal || (line === null && !shown)) return;
    shown = line !== null;
    stdout.write(`\r\x1b[2K${line?.slice(0, (stdout.columns ?? 80) - 1) ?? ""}`);
  };
  const write = (stream: Stream) => (line: string) => {
    live(null);
    stream.write(`${line.replace(unseen, "?")}\n`);
  };
  const paint = pc.createColors(isTerminal && !noColour);
  const [out, error] = [write(stdout), write(stderr)];
  /** For people alone, so that it is broken where words end. */
  const wrappedError = (text: string) => {
    const width = isTerminal ? stderr.columns : undefined;
    for (const line of text.split("\n")) for (const part of width ? wrapped(line, width) : [line]) error(part);
  };
  /** JSON, and a text of several lines, are laid out already. */
  const wrappedOut = (text: string) => {
    const width = isTerminal ? stdout.columns : undefined;
    if (!width || text.includes("\n") || /^[[{]/.test(text)) return out(text);
    for (const part of wrapped(text, width, lastColumn(text, width))) out(part);
  };
  return { out: wrappedOut, error: wrappedError, live, isTerminal, paint };
};

/** Columns of a terminal without which a column of a table is too narrow to read. */
const narrowest = 20;
/** Where the last column of a row of a table begins, so that it goes on below itself; of any other line four spaces. */
const lastColumn = (line: string, width: number) => {
  const before = / {2}/.test(line.trim()) ? columnsOf(/^.*\S {2,}(?=\S)/.exec(line)?.[0] ?? "") : 0;
  return before > 0 && before <= width - narrowest ? before : 4;
};

/** Names, reasons and errors come from elsewhere: of what commands a terminal, only line breaks and our colours pass. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const unseen = /(?!\n|\x1b\[\d*m|\p{Cf})[\p{C}\p{Zl}\p{Zp}]/gu;

/** The words on the command line were wrong. */
export class UsageError extends LifeboatError {
  override name = "UsageError";
}

/** Names of errors that the caller's words or files caused. */
const callersErrors = ["UsageError", "ScenarioInvalidError", new PlanInvalidError("").name];

/** One line what, one line what to do next; with `json` the same as one object on standard output. */
export const printError = (error: unknown, output: Output, json = false): ExitCode => {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const isCallers = callersErrors.includes(name);
  const hint =
    (error instanceof LifeboatError && error.hint) || (isCallers ? "lifeboat --help lists the commands" : reportIt);
  if (json) output.out(JSON.stringify({ error: { name, message, hint } }));
  output.error(`${output.paint.red("error:")} ${message}`);
  output.error(`${output.paint.dim("next:")} ${hint}`);
  if (process.env.LIFEBOAT_STACK && error instanceof Error) output.error(`${error.stack}`);
  return isCallers ? 2 : 1;
};

const reportIt =
  "this is a Lifeboat bug: please report it with the command and the plan; LIFEBOAT_STACK=1 prints the stack trace";
