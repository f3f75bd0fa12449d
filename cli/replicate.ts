import { createDryRun } from "../functions/aws/calls/dry-run.ts";
import { protectedOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { count, keptBackLine } from "../online/kept-back.ts";
import { selectionOf } from "../online/selection.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { deployedPlan, runMachine, withDescribedErrors } from "./run-machine.ts";
import type { RunOptions } from "./run-options.ts";

/** Starts a pass of replication and follows it. A dry run says what a pass would make, and sends nothing that changes anything. */
export const replicate = (plan: Plan, options: RunOptions, output: Output, outside: Outside): Promise<ExitCode> =>
  withDescribedErrors(plan, async () => {
    const { watch, keptBack } = createDryRun();
    const watches = options.dryRun ? [watch] : [];
    const context = outside.contextOf(plan, { endpointUrl: options.endpointUrl, watches });
    const deployed = await deployedPlan(context, plan, output);
    const given = { context, output, options, outside };
    if (!options.dryRun) return runMachine("replicate", deployed, {}, given);

    const found = await Promise.all(
      deployed.protect.map(async (resource) => {
        const { named: _, ...selected } = await selectionOf(context.clients, protectedOf(deployed), resource);
        return { resource: resource.name, ...selected };
      }),
    );
    await runMachine("replicate", deployed, {}, given).catch(ignoreRefusal(keptBack));
    if (options.json) output.out(JSON.stringify({ application: plan.application, dryRun: true, found, keptBack }));
    else {
      for (const { resource, servers, volumes, sizeGiB } of found)
        output.out(
          `${resource}: one recovery point of ${count(servers, "server")}: CreateSnapshots ${servers} times, CopySnapshot ${volumes} times (${sizeGiB} GiB of volumes)`,
        );
      for (const call of keptBack) output.out(keptBackLine(call));
    }
    return 0;
  });

/** The seam has noted what it kept back; any other error is one. */
export const ignoreRefusal = (keptBack: unknown[]) => (error: unknown) => {
  if (keptBack.length === 0) throw error;
};
