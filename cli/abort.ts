import { describeExecution, stopExecution } from "../functions/aws/execution-history.ts";
import { waitingQuestion } from "../functions/core/approval/approval.ts";
import { RefusedError } from "../functions/core/errors.ts";
import { homeOf } from "../functions/core/model/direction.ts";
import { noteAbort } from "../functions/operators/controls.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { abortLeaves } from "./abort-leaves.ts";
import { atDeployed, type DeployedOptions, nameOf, reasonOf } from "./deployed.ts";
import { nothingIsOn, whatIsOn } from "./follow.ts";

export type AbortOptions = DeployedOptions & { reason?: string | undefined; yes: boolean };

/**
 * Stops the execution that is on, after saying what it leaves behind. `close` hears of it, reports it and frees its lease, once
 * no Lambda of it can be at work any more. RefusedError when nothing is on, or nobody says yes.
 */
export const abort = (target: string, options: AbortOptions, output: Output, outside: Outside): Promise<ExitCode> => {
  const by = nameOf(options, outside);
  const reason = reasonOf(options);
  return atDeployed(target, options, output, outside, async ({ context, plan, call }) => {
    const { application, regions } = plan;
    const { store, clients } = context;
    const [row, question] = await Promise.all([store.row(application), store.question(application)]);
    const on = whatIsOn(row);
    if (!row || !on) throw nothingIsOn(application, call, row);
    const { status } = await describeExecution(clients, homeOf({ regions }), on.id);
    if (status !== "RUNNING")
      throw new RefusedError(
        `${on.name} has already ended: ${status}`,
        `close releases its lease: lifeboat status ${call}`,
      );

    const ledger = row.run ? await store.ledger(application, on.name) : [];
    const leaves = abortLeaves(
      row,
      plan,
      ledger.map(({ state }) => state),
      call,
      waitingQuestion(question, row),
    );
    if (!options.json)
      for (const line of [`${on.name} has been running since ${on.acquiredAt}`, ...leaves]) output.out(line);
    if (!options.yes) await confirm(on.name, outside);

    await stopExecution(clients, homeOf({ regions }), on.id, `stopped by ${by}${reason ? `: ${reason}` : ""}`);
    // while a person reads and answers a run may end by itself, and one that has ended stays as it is
    const { status: end } = await describeExecution(clients, homeOf({ regions }), on.id);
    if (end !== "RUNNING" && end !== "ABORTED")
      throw new RefusedError(
        `${on.name} had ended before it was stopped: ${end}`,
        `See its result: lifeboat status ${call}`,
      );
    await noteAbort(context, application, on.name, by, reason);
    if (options.json) output.out(JSON.stringify({ application, stopped: on.name, machine: on.machine, by, leaves }));
    else output.out(`${on.name}: stopped by ${by}; its lease is released within five minutes: lifeboat status ${call}`);
    return 0;
  });
};

const confirm = async (name: string, outside: Outside) => {
  const answer = await outside.ask(`Stop ${name}? [y/N] `);
  if (answer === null)
    throw new RefusedError(`${name} was not stopped`, "Read what it would leave behind, then add --yes to stop it.");
  if (!/^y(es)?$/i.test(answer.trim())) throw new RefusedError(`${name} was not stopped`, "It continues.");
};
