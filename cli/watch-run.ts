import { secondsBetween } from "../functions/core/clock/time.ts";
import { commandLine } from "../functions/core/command-line.ts";
import { homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { duration } from "../terminal/format.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import { type Ended, endedOf } from "./ended.ts";
import { followExecution } from "./follow-execution.ts";
import type { Session } from "./run-options.ts";

/** An execution that a command looks at; `arn` is null while nobody knows whether it has started. */
export type Watched = { machine: string; name: string; arn: string | null };

/** Ctrl-C ends the looking, not the run: it says so, and how to look again and how to stop it. Gives what ends that. */
export const reportAtInterrupt = (run: Watched, { application, regions }: Plan, { output, outside }: Session) =>
  outside.onInterrupt(() => {
    const line = (command: string) => commandLine(command, application, homeOf({ regions }));
    output.live(null);
    if (run.arn === null) {
      output.error(`${run.name} may or may not have started`);
      output.error(`see:  ${line("status")}`);
      return;
    }
    output.error(`${run.name} continues in AWS; this command no longer follows it`);
    output.error(`look: ${line("follow")}`);
    output.error(`stop: ${line("abort")}`);
  });

/** Follows an execution to its end and tells how that was; exit code 0 when it succeeded. */
export const watchRun = async (
  { machine, name, arn }: Watched & { arn: string },
  plan: Plan,
  { context, output, options, outside }: Session,
): Promise<ExitCode> => {
  const { application, regions } = plan;
  const how = { output, quiet: options.json, wait: outside.wait };
  const execution = await followExecution(context.clients, homeOf({ regions }), arn, how);
  const ended = endedOf(execution);
  const { status, startedAt, stoppedAt } = execution;
  if (options.json)
    output.out(
      JSON.stringify({
        application,
        machine,
        name,
        execution: arn,
        status,
        startedAt,
        endedAt: stoppedAt,
        ...ended,
      }),
    );
  else printEnd(name, secondsOf(startedAt, stoppedAt), ended, output);
  return ended.outcome === "succeeded" ? 0 : 1;
};

const printEnd = (name: string, seconds: number | null, ended: Ended, { out, error, paint }: Output) => {
  const { outcome, because, problems, report } = ended;
  for (const problem of problems) out(`${paint.yellow("problem:")} ${problem}`);
  const colour = outcome === "succeeded" ? paint.green : outcome === "partial" ? paint.yellow : paint.red;
  out(
    `${name}: ${colour(outcome)}${because ? `, ${because}` : ""}${seconds === null ? "" : ` after ${duration(seconds)}`}`,
  );
  if (report) out(`report: ${report}`);
  if (!ended.error) return;
  error(`${paint.red("error:")} ${ended.error.message}`);
  error(`${paint.dim("next:")} ${ended.error.hint || "read the report, fix the cause, then start the run again"}`);
};

const secondsOf = (from: string | null, to: string | null) => (from && to ? secondsBetween(from, to) : null);
