import { RefusedError } from "../functions/core/errors.ts";
import { homeOf } from "../functions/core/model/direction.ts";
import type { Row } from "../functions/core/model/row.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { atDeployed, type DeployedOptions } from "./deployed.ts";
import { reportAtInterrupt, watchRun } from "./watch-run.ts";

/** What is on: a run that moves the application before a pass of replication or a rotation; null when nothing is. */
export const whatIsOn = (row: Row | null) => row?.run ?? row?.protect ?? row?.rotate ?? null;

/** Nothing is on: said with what was last. */
export const nothingIsOn = (application: string, call: string, row: Row | null) =>
  new RefusedError(
    `${application}: nothing is running`,
    row?.lastRun
      ? `The last run, ${row.lastRun.name}, ended at ${row.lastRun.endedAt}: ${row.lastRun.outcome}.`
      : `See its state: lifeboat status ${call}`,
  );

/** Attaches to the execution that is on, whoever started it, and follows it to its end. */
export const follow = (target: string, options: DeployedOptions, output: Output, outside: Outside): Promise<ExitCode> =>
  atDeployed(target, options, output, outside, async ({ context, plan, call }) => {
    const row = await context.store.row(plan.application);
    const on = whatIsOn(row);
    if (!on) throw nothingIsOn(plan.application, call, row);
    const run = { machine: on.machine, name: on.name, arn: on.id };
    const given = { context, output, options: { ...options, dryRun: false }, outside };
    if (!options.json) output.out(`${on.name} in ${homeOf(plan)}: running since ${on.acquiredAt}`);
    const quiet = reportAtInterrupt(run, plan, given);
    try {
      return await watchRun(run, plan, given);
    } finally {
      quiet();
    }
  });
