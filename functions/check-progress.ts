import { tryRight } from "./aws/calls/try-right.ts";
import { describeInstancesById } from "./aws/ec2/instances.ts";
import { noServer } from "./core/readiness/proof.ts";
import { dryPass, type Pass } from "./core/run/wave-pass.ts";
import { launchProgress } from "./kinds/instances/recover/launch-progress.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";
import { beginPass, PassInput } from "./runtime/wave-pass.ts";

/** Do the launched instances run yet? Asks EC2 for all of them at once. */
export const checkProgress = async (input: PassInput, context: Context): Promise<Pass> => {
  const wave = await beginPass(input, context);
  await launchProgress(context, input.run, wave);
  return wave.end("CheckProgress");
};

export const handler = step("check-progress", PassInput, checkProgress, {
  table: ["Query", "BatchWriteItem"],
  tries: async ({ run }, { clients }) => [
    await tryRight("ec2:DescribeInstances", run.target, () => describeInstancesById(clients, run.target, [noServer])),
  ],
  result: () => dryPass("Attach"),
});
