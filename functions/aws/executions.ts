import { SendTaskSuccessCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Clients } from "./clients.ts";
import { codeOf } from "./errors.ts";

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

/** Ends the wait of the task that has this token. False when it no longer waits. [SFN API: SendTaskSuccess] */
export const resumeTask = async (clients: Clients, region: string, taskToken: string): Promise<boolean> => {
  try {
    await clients(SFNClient, region).send(new SendTaskSuccessCommand({ taskToken, output: "{}" }));
    return true;
  } catch (error) {
    if (["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"].includes(codeOf(error))) return false;
    throw error;
  }
};
