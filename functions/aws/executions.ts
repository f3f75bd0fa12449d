import {
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Clients } from "./calls/clients.ts";
import { codeOf } from "./calls/errors.ts";
import { tryRight } from "./calls/try-right.ts";

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

/** An execution of a machine (ARN, or that of its alias) by name: how it ended, or that it runs; null when there is none. */
export const executionOf = async (
  clients: Clients,
  region: string,
  machine: string,
  name: string,
): Promise<{ status: string; error: string | null; stoppedAt: Date; input: unknown } | null> => {
  const parts = machine.split(":");
  const executionArn = [...parts.slice(0, 5), "execution", parts[6], name].join(":");
  try {
    const found = await clients(SFNClient, region).send(new DescribeExecutionCommand({ executionArn }));
    return {
      status: found.status ?? "RUNNING",
      error: found.error ?? null,
      stoppedAt: found.stopDate ?? new Date(0),
      input: JSON.parse(found.input ?? "{}"),
    };
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionDoesNotExist") return null;
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

/** May the caller end the wait of a task? Tried with the token of a dry execution, which waits for nothing else. */
export const tryResume = (clients: Clients, region: string, taskToken: string) =>
  tryRight("states:SendTaskSuccess", region, () => resumeTask(clients, region, taskToken));
