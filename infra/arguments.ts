import { parseArgs } from "node:util";
import { problemText, readPlan } from "../cli/plan-file.ts";
import { LifeboatError } from "../functions/core/errors.ts";
import type { Plan } from "../functions/core/plan.ts";

/** What a script could not do: one line what, one line what to do next. Exit code 1, or 2 for bad usage or a bad plan. */
export class ScriptError extends LifeboatError {
  override name = "ScriptError";
  readonly exitCode: 1 | 2;
  constructor(message: string, hint: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, hint, options);
    this.exitCode = exitCode;
  }
}

/** `--plan FILE`, and the switches that the script knows. Throws ScriptError with every problem of the plan. */
export const readArguments = <S extends string = never>(
  script: string,
  args: string[],
  switches: S[] = [],
): { plan: Plan } & Record<S, boolean> => {
  const usage = `npm run ${script} -- --plan <file>${switches.map((name) => ` [--${name}]`).join("")}`;
  const options = {
    plan: { type: "string" },
    ...Object.fromEntries(switches.map((name) => [name, { type: "boolean", default: false }])),
  } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    values = parseArgs({ args, options }).values as typeof values;
  } catch (error) {
    throw new ScriptError((error as Error).message.split(". ")[0]!, `Usage: ${usage}`, 2);
  }
  if (typeof values.plan !== "string") throw new ScriptError("which plan?", `Usage: ${usage}`, 2);

  const { plan, problems, refusals } = readPlan(values.plan);
  if (!plan) throw new ScriptError(problems.map(problemText).join("\n"), `Mend ${values.plan}.`, 2);
  const [refusal] = refusals;
  // what was deployed before can be removed all the same
  if (refusal && script !== "remove") throw new ScriptError(problemText(refusal), `Mend it: ${refusal.todo}.`, 2);
  return { ...values, plan } as { plan: Plan } & Record<S, boolean>;
};

/** Runs a script; an error is said in two lines, without a stack. */
export const runScript = async (script: () => Promise<void>) => {
  try {
    await script();
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    console.error(`error: ${error.message}\n  ${error.hint}`);
    process.exitCode = error.exitCode;
  }
};
