import { readPointRequest } from "../functions/core/points/choose-point.ts";
import { type ExitCode, type Output, UsageError } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { atDeployed, type DeployedOptions, reasonOf } from "./deployed.ts";
import { runMachine } from "./run-machine.ts";

export type FailoverOptions = DeployedOptions & {
  reason?: string | undefined;
  recoveryPoint?: string | undefined;
  approve: boolean;
  force: boolean;
};

/** Starts a failover and follows it to its end, through the wait for a person if it asks one. */
export const failover = (
  target: string,
  options: FailoverOptions,
  output: Output,
  outside: Outside,
): Promise<ExitCode> => {
  const { recoveryPoint, approve, force } = options;
  if (recoveryPoint !== undefined && !readPointRequest(recoveryPoint))
    throw new UsageError(
      `--recovery-point: expected latest, a recovery point id or an ISO 8601 time (got ${recoveryPoint})`,
      "lifeboat status PLAN lists the newest points",
    );
  const reason = reasonOf(options);
  const input = {
    ...(reason !== null && { reason }),
    ...(recoveryPoint !== undefined && { recoveryPoint }),
    ...(approve && { approve }),
    ...(force && { force }),
  };
  return atDeployed(target, options, output, outside, ({ context, plan }) =>
    runMachine("failover", plan, input, { context, output, options: { ...options, dryRun: false }, outside }),
  );
};
