import { parseArgs } from "node:util";
import { describeError, type Named } from "../terminal/describe-error.ts";
import { endWith } from "../terminal/ending.ts";
import { createOutput, type ExitCode, type Output, printError, UsageError } from "../terminal/output.ts";
import { breakingSilence } from "../terminal/silence.ts";
import { oldestWait } from "../terminal/waiting.ts";

/** One with `value` takes that, once or `many` times; the others are switches. */
type Option = { says: string; value?: string; required?: boolean; default?: string; many?: boolean };
/** A script of package.json: what `--help` prints, and all that it takes. `rest`: name of words without an option. */
export type Script = { name: string; does: string; options: Record<string, Option>; rest?: string };
export type Values = {
  texts: Record<string, string | undefined>;
  switches: Record<string, boolean | undefined>;
  lists: Record<string, string[] | undefined>;
  rest: string[];
};
/** `named`: what an error of AWS is told about, once the script knows it. */
type Body = (values: Values, outside: { out: (line: string) => void; named(one: Named): void }) => Promise<void>;

const usageOf = ({ name, options, rest }: Script) => {
  const parts = Object.entries(options).map(([option, { value, required, many }]) => {
    const text = `--${option}${value ? ` ${value}` : ""}`;
    return required ? text : `[${text}]${many ? "..." : ""}`;
  });
  return `Usage: npm run ${name} -- ${[...parts, ...(rest ? [`[${rest}]`] : [])].join(" ")}`.replace(/ -- $/, "");
};

const helpOf = (script: Script): string[] => {
  const rows = [...Object.entries(script.options), ["help", { says: "this page" }] as [string, Option]].map(
    ([option, { value, says, default: usual }]) =>
      [`--${option}${value ? ` ${value}` : ""}`, `${says}${usual ? ` (default: ${usual})` : ""}`] as const,
  );
  const width = Math.max(...rows.map(([option]) => option.length));
  return [usageOf(script), "", script.does, "", ...rows.map(([option, says]) => `  ${option.padEnd(width)}  ${says}`)];
};

/** What was given. Throws UsageError for anything else than the script takes. */
export const valuesOf = (script: Script, args: string[]): Values & { help: boolean } => {
  const usage = usageOf(script);
  const options = Object.fromEntries(
    Object.entries(script.options).map(([name, { value, default: usual, many = false }]) => [
      name,
      value
        ? { type: "string" as const, multiple: many, ...(usual !== undefined && { default: usual }) }
        : { type: "boolean" as const, default: false },
    ]),
  );
  const parsed = (() => {
    try {
      const all = { ...options, help: { type: "boolean" as const, default: false } };
      return parseArgs({ args, options: all, allowPositionals: script.rest !== undefined });
    } catch (error) {
      const [sentence = ""] = (error as Error).message.split(". ");
      throw new UsageError(sentence, usage);
    }
  })();
  const given: [string, unknown][] = Object.entries(parsed.values);
  const only = (is: (value: unknown) => boolean) => Object.fromEntries(given.filter(([, value]) => is(value)));
  const values = {
    help: parsed.values.help === true,
    texts: only((value) => typeof value === "string") as Values["texts"],
    switches: only((value) => typeof value === "boolean") as Values["switches"],
    lists: only(Array.isArray) as Values["lists"],
    rest: parsed.positionals,
  };
  const missing = Object.entries(script.options).find(([name, { required }]) => required && !values.texts[name]);
  if (missing && !values.help) throw new UsageError(`which ${missing[0]}?`, usage);
  return values;
};

/** Runs a script; an error is said in two lines, without a stack. Gives the exit code. */
export const codeOfScript = async (script: Script, args: string[], output: Output, body: Body): Promise<ExitCode> => {
  let named: Named = { application: "the application", regions: { primary: "the Region", recovery: "the Region" } };
  try {
    const values = valuesOf(script, args);
    if (values.help) {
      for (const line of helpOf(script)) output.out(line);
      return 0;
    }
    await body(values, {
      out: output.out,
      named(one) {
        named = one;
      },
    });
    return 0;
  } catch (error) {
    return printError(describeError(error, named), output);
  }
};

/** The same with this process, which ends with it, or with the exit code that the script has set. */
export const runScript = async (script: Script, body: Body): Promise<never> => {
  const output = createOutput(process.stdout, process.stderr, Boolean(process.env.NO_COLOR));
  process.on("uncaughtException", (error) => endWith(printError(error, output)));
  const code = await codeOfScript(script, process.argv.slice(2), breakingSilence(output, oldestWait).output, body);
  return endWith(code || Number(process.exitCode ?? 0));
};
