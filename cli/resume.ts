import { resumeApplication } from "../functions/operators/controls.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { atDeployed, type DeployedOptions, nameOf } from "./deployed.ts";

/** Ends a pause. Nothing to end is no fault. */
export const resume = (
  target: string,
  options: DeployedOptions,
  output: Output,
  outside: Outside,
): Promise<ExitCode> => {
  const by = nameOf(options, outside);
  return atDeployed(target, options, output, outside, async ({ context, plan: { application } }) => {
    const ended = await resumeApplication(context, application, by);
    if (options.json) output.out(JSON.stringify({ application, resumed: ended !== null, pause: ended }));
    else if (!ended) output.out(`${application}: was not paused`);
    else output.out(`${application}: resumed by ${by}; paused by ${ended.by} at ${ended.at}`);
    return 0;
  });
};
