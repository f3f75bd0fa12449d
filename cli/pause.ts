import { pauseApplication } from "../functions/operators/controls.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { atDeployed, type DeployedOptions, nameOf, reasonOf } from "./deployed.ts";

export type PauseOptions = DeployedOptions & { reason?: string | undefined };

/** Keeps Lifeboat from starting anything by itself; a run that is on goes on, and is told of. */
export const pause = (target: string, options: PauseOptions, output: Output, outside: Outside): Promise<ExitCode> => {
  const by = nameOf(options, outside);
  const reason = reasonOf(options);
  return atDeployed(target, options, output, outside, async ({ context, plan: { application }, call }) => {
    const paused = await pauseApplication(context, application, by, reason);
    const run = (await context.store.row(application))?.run?.name ?? null;
    if (options.json) output.out(JSON.stringify({ application, paused, run }));
    else {
      output.out(`${application}: paused by ${by}; Lifeboat starts no run automatically until lifeboat resume ${call}`);
      if (run) output.out(`${run} is running and continues`);
    }
    return 0;
  });
};
