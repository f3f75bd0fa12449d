import { bothRegions } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import type { Online } from "../online/check-online.ts";
import type { Dependencies } from "../simulator/story/dependencies.ts";
import { type ExitCode, type Output, UsageError } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import {
  fixPlan,
  giveFile,
  isUnread,
  placeText,
  problemText,
  type ReadPlan,
  type Remark,
  readPlan,
} from "../terminal/plan-file.ts";
import { dependencyLines } from "./dependencies.ts";

export type CheckOptions = {
  json: boolean;
  online: boolean;
  dependencies?: boolean;
  endpointUrl?: string | undefined;
};
type Checked = ReadPlan & { online?: Online; dependencies?: Dependencies };

/** More lines than a person reads; `--json` has them all. */
const linesMax = 200;

/** Checks every file and says all that is wrong with each; online also asks AWS about those that are right. */
export const check = async (
  files: string[],
  { json, online, dependencies, endpointUrl }: CheckOptions,
  output: Output,
  outside: Pick<Outside, "contextOf" | "accountOf">,
): Promise<ExitCode> => {
  if (files.filter((file) => file === "-").length > 1)
    throw new UsageError("-: expected once, because standard input is read once (got twice)", "give it once");
  const checked: Checked[] = files.map(readPlan);
  if (online) {
    const { checkOnline } = await import("../online/check-online.ts");
    for (const one of checked) if (one.plan) one.online = await checkOnline(one.plan, endpointUrl, outside);
  }
  if (dependencies) {
    const { dependenciesOf } = await import("../simulator/story/dependencies.ts");
    for (const one of checked) if (one.plan) one.dependencies = await dependenciesOf(one.plan);
  }
  const ok = checked.every(isOk);
  if (json)
    output.out(JSON.stringify({ ok, files: checked.map(({ file, ...rest }) => ({ file, ok: isOk(rest), ...rest })) }));
  else for (const one of checked) print(one, output);
  return ok ? 0 : 2;
};

const isOk = ({ plan, refusals, online, dependencies }: Omit<Checked, "file">) =>
  plan !== null && refusals.length === 0 && !online?.problems.length && !dependencies?.problems.length;

const print = (checked: Checked, { out, paint }: Output) => {
  const { file, plan, problems, refusals, warnings, notes, online, dependencies } = checked;
  for (const problem of problems.slice(0, linesMax)) out(problemText(problem));
  if (problems.length > linesMax) out(`${file}: and ${problems.length - linesMax} more`);
  for (const refusal of refusals) {
    out(problemText(refusal));
    out(`${paint.dim("next:")} ${refusal.todo}`);
  }
  for (const warning of warnings) out(`${placeText(warning)}${paint.yellow("warning:")} ${warning.message}`);
  for (const [message, group] of Map.groupBy(notes, ({ message }) => message))
    out(`${file}: ${paint.cyan("note:")} ${message}: ${group.map(noteText).join(", ")}`);
  for (const fact of online?.facts ?? []) out(`${file}: ${fact}`);
  for (const warning of online?.warnings ?? []) out(`${file}: ${paint.yellow("warning:")} ${warning}`);
  for (const problem of online?.problems ?? []) out(`${file}: ${paint.red("problem:")} ${problem}`);
  for (const one of online?.waiting ?? []) out(`${file}: ${paint.yellow("not yet:")} ${one}`);
  for (const one of online?.todo ?? []) out(`${file}: ${paint.yellow("to do:")} ${one}`);
  if (online?.ready === true) out(`${file}: ${paint.green("READY")}`);
  if (online?.ready === false) out(`${file}: ${paint.red("NOT READY")}: ${countOf(reasonsIn(online), "reason")}`);
  if (dependencies) for (const line of dependencyLines(file, dependencies, paint)) out(line);
  const all = problems.length + refusals.length + (online?.problems.length ?? 0) + (dependencies?.problems.length ?? 0);
  if (plan && all === 0) {
    out(`${file}: ${paint.green("ok")} - ${planText(plan)}`);
    return;
  }
  out(`${file}: ${paint.red(all === 1 ? "1 problem" : `${all} problems`)}`);
  if (all > refusals.length)
    out(`${paint.dim("next:")} ${problems.some(isUnread) ? giveFile : fixPlan}, then run lifeboat check again`);
};

const reasonsIn = ({ problems, waiting }: Online) => problems.length + waiting.length;

const noteText = ({ path, line }: Remark) => `${path} (line ${line})`;

const planText = ({ application, regions, protect, recover, traffic }: Plan) =>
  [
    `${application}: ${bothRegions({ regions }).join(" -> ")}`,
    protect.length > 0
      ? `${countOf(protect.length, "resource")} in ${countOf(recover.waves.length, "wave")}`
      : "a warm standby",
    traffic ? `traffic by ${traffic.switch}` : "no traffic",
  ].join(", ");

const countOf = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
