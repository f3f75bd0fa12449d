import { RefusedError } from "../functions/core/errors.ts";
import { acknowledgeLast } from "../functions/operators/controls.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { atDeployed, type DeployedOptions, nameOf } from "./deployed.ts";

/** Ends the time after the last run in which no other one starts. RefusedError while a run is on. */
export const acknowledge = (
  target: string,
  options: DeployedOptions,
  output: Output,
  outside: Outside,
): Promise<ExitCode> => {
  const by = nameOf(options, outside);
  return atDeployed(target, options, output, outside, async ({ context, plan: { application } }) => {
    const row = await context.store.row(application);
    if (row?.run)
      throw new RefusedError(
        `${row.run.name} is still running: acknowledge it after it has ended`,
        "Wait, then try again.",
      );
    const acknowledged = await acknowledgeLast(context, application, by);
    if (options.json) output.out(JSON.stringify({ application, acknowledged }));
    else if (!acknowledged) output.out(`${application}: no run has ended, so there is nothing to acknowledge`);
    else
      output.out(`${application}: ${acknowledged.run} acknowledged by ${by}; it no longer blocks automatic failover`);
    return 0;
  });
};
