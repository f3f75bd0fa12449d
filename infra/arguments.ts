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

/**
 * `--plan FILE`, the switches that the script knows, and the options that may be given several times. Throws ScriptError
 * with every problem of the plan.
 */
export const readArguments = <S extends string = never, L extends string = never>(
  script: string,
  args: string[],
  switches: S[] = [],
  lists: L[] = [],
): { plan: Plan } & Record<S, boolean> & Record<L, string[]> => {
  const optional = [...switches.map((name) => `[--${name}]`), ...lists.map((name) => `[--${name} <name>]...`)];
  const usage = `npm run ${script} -- --plan <file> ${optional.join(" ")}`.trimEnd();
  const options = {
    plan: { type: "string" },
    ...Object.fromEntries(switches.map((name) => [name, { type: "boolean", default: false }])),
    ...Object.fromEntries(lists.map((name) => [name, { type: "string", multiple: true, default: [] as string[] }])),
  } as const;
  let values: Record<string, unknown>;
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
  return { ...values, plan } as { plan: Plan } & Record<S, boolean> & Record<L, string[]>;
};

/** What `package` and `deploy` are told: the plan, what the deployment has beside it, and roles for its servers. */
export const readDeployment = (script: "package" | "deploy", args: string[]) => {
  const given = readArguments(script, args, ["approval-page", "reserve-detect"], ["instance-role"]);
  const wrong = given["instance-role"].find((role) => !/^[\w+=,.@/-]{1,512}\*?$/.test(role));
  if (wrong !== undefined)
    throw new ScriptError(
      `--instance-role: expected the name of a role, with its path, or how names begin and a star (got ${wrong})`,
      "Name the roles of your servers' instance profiles, each with an option of its own.",
      2,
    );
  return {
    plan: given.plan,
    options: { approvalPage: given["approval-page"], reserveDetect: given["reserve-detect"] },
    instanceRoles: given["instance-role"],
  };
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
