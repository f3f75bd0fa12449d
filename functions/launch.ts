import { checkLease } from "./aws/store/lease.ts";
import { dryPass, type Pass } from "./core/run/wave-pass.ts";
import { proveLaunch } from "./kinds/instances/readiness/prove-launch.ts";
import { launchPass } from "./kinds/instances/recover/launch-pass.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";
import { beginPass, PassInput } from "./runtime/wave-pass.ts";

/** Starts, or finds, the instances of all servers of the waves under way that have none. Safe to run twice. */
export const launch = async (input: PassInput, context: Context): Promise<Pass> => {
  const [wave] = await Promise.all([beginPass(input, context), checkLease(context, input.run, input.lease.value)]);
  return wave.end("Launch", await launchPass(context, input.run, wave));
};

export const handler = step("launch", PassInput, launch, {
  table: ["Query", "BatchWriteItem"],
  tries: proveLaunch,
  result: () => dryPass("CheckProgress"),
});
