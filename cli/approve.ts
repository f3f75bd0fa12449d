import { waitingQuestion } from "../functions/core/approval/approval.ts";
import { RefusedError } from "../functions/core/errors.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { atDeployed, type DeployedOptions, nameOf } from "./deployed.ts";
import { runMachine } from "./run-machine.ts";

/** Lets the run that waits go on. */
export const approve = (target: string, options: DeployedOptions, output: Output, outside: Outside) =>
  answer(true, target, options, output, outside);

/** Answers the run that waits by an execution of its own, and follows that. RefusedError when nothing waits. */
export const answer = (
  approved: boolean,
  target: string,
  options: DeployedOptions,
  output: Output,
  outside: Outside,
): Promise<ExitCode> => {
  const by = nameOf(options, outside);
  return atDeployed(target, options, output, outside, async ({ context, plan, call }) => {
    const { application } = plan;
    const [question, row] = await Promise.all([context.store.question(application), context.store.row(application)]);
    const waiting = waitingQuestion(question, row);
    if (!waiting)
      throw new RefusedError(`no run of ${application} waits for approval`, `See its state: lifeboat status ${call}`);
    const { run, code, because } = waiting;
    if (!options.json) output.out(`${run} needs approval: ${code}: ${because}`);
    const given = { context, output, options: { ...options, dryRun: false }, outside };
    const ended = await runMachine("failover", plan, { answer: { run, approved, by } }, given, "answer");
    if (ended === 0 && !options.json)
      output.out(`${run} ${approved ? "continues" : "stops"}: lifeboat status ${call} shows its progress`);
    return ended;
  });
};
