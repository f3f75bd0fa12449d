import { EC2Client, RunInstancesCommand, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { Clients } from "./clients.ts";
import { codeOf, isPassing } from "./errors.ts";

/**
 * Would EC2 launch this? Null when it would, else what it says against it; nothing is made. Throws what may pass.
 * [SDK EC2: RunInstancesRequest]
 */
export const dryRunInstances = async (
  clients: Clients,
  region: string,
  input: RunInstancesCommandInput,
): Promise<{ code: string; message: string } | null> => {
  try {
    await clients(EC2Client, region, "once").send(new RunInstancesCommand({ ...input, DryRun: true }));
    return null;
  } catch (error) {
    if (isPassing(error) || codeOf(error) === "" || !(error as { $metadata?: unknown }).$metadata) throw error;
    return codeOf(error) === "DryRunOperation" ? null : { code: codeOf(error), message: (error as Error).message };
  }
};
