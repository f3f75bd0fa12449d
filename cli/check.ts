import type { Plan } from "../functions/core/plan.ts";
import type { ExitCode, Output } from "./output.ts";
import { placeText, problemText, type ReadPlan, type Remark, readPlan } from "./plan-file.ts";

/** More lines than a person reads; `--json` has them all. */
const linesMax = 200;

/** Checks every file and says all that is wrong with each. */
export const check = (files: string[], { json }: { json: boolean }, output: Output): ExitCode => {
  const read = files.map(readPlan);
  const ok = read.every(({ plan }) => plan !== null);
  if (json)
    output.out(
      JSON.stringify({ ok, files: read.map(({ file, ...rest }) => ({ file, ok: rest.plan !== null, ...rest })) }),
    );
  else for (const one of read) tell(one, output);
  return ok ? 0 : 2;
};

const tell = ({ file, plan, problems, warnings, notes }: ReadPlan, { out, paint }: Output) => {
  for (const problem of problems.slice(0, linesMax)) out(problemText(problem));
  if (problems.length > linesMax) out(`${file}: and ${problems.length - linesMax} more`);
  for (const warning of warnings) out(`${placeText(warning)}${paint.yellow("warning:")} ${warning.message}`);
  for (const [message, group] of Map.groupBy(notes, ({ message }) => message))
    out(`${file}: ${paint.cyan("note:")} ${message}: ${group.map(noteText).join(", ")}`);
  if (plan) {
    out(`${file}: ${paint.green("ok")} - ${planText(plan)}`);
    return;
  }
  out(`${file}: ${paint.red(problems.length === 1 ? "1 problem" : `${problems.length} problems`)}`);
  out(`${paint.dim("next:")} mend the plan (docs/plan.md explains every key), then run lifeboat check again`);
};

const noteText = ({ path, line }: Remark) => `${path} (line ${line})`;

const planText = ({ application, regions, protect, recover, traffic }: Plan) =>
  [
    `${application}: ${regions.primary} -> ${regions.recovery}`,
    `${countOf(protect.length, "resource")} in ${countOf(recover.waves.length, "wave")}`,
    traffic ? `traffic by ${traffic.switch}` : "no traffic",
  ].join(", ");

const countOf = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
