import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Clients } from "./clients.ts";

/**
 * Starts an execution once: a name that was used in the last 90 days is not started again. `started` is false then.
 * [SFN API: StartExecution]
 */
export const startOnce = async (
  clients: Clients,
  region: string,
  { machine, name, input }: { machine: string; name: string; input: Record<string, unknown> },
): Promise<{ started: boolean }> => {
  try {
    await clients(SFNClient, region).send(
      new StartExecutionCommand({ stateMachineArn: machine, name, input: JSON.stringify(input) }),
    );
    return { started: true };
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionAlreadyExists") return { started: false };
    throw error;
  }
};
