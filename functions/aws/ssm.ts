import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Clients } from "./clients.ts";
import { codeOf } from "./errors.ts";

/**
 * Sends one shell line to one instance and gives the id of the command, or null while Systems Manager does not know
 * the instance (its agent registers some time after boot). SendCommand has no client token: the comment names the run.
 */
export const sendShell = async (
  clients: Clients,
  region: string,
  { instance, line, comment }: { instance: string; line: string; comment: string },
): Promise<string | null> => {
  try {
    const { Command } = await clients(SSMClient, region, "once").send(
      new SendCommandCommand({
        DocumentName: "AWS-RunShellScript",
        InstanceIds: [instance],
        Parameters: { commands: [line], executionTimeout: ["30"] },
        TimeoutSeconds: 30,
        Comment: comment.slice(0, 100),
      }),
    );
    return Command?.CommandId ?? null;
  } catch (error) {
    if (codeOf(error) === "InvalidInstanceId") return null;
    throw error;
  }
};

export type ShellResult = { state: "pending" | "succeeded" | "failed"; because: string };

const pending = new Set(["Pending", "InProgress", "Delayed", "Cancelling"]);

/** How a command fares on its instance. InvocationDoesNotExist is normal right after SendCommand. [SDK SSM] */
export const shellResult = async (
  clients: Clients,
  region: string,
  command: string,
  instance: string,
): Promise<ShellResult> => {
  try {
    const found = await clients(SSMClient, region).send(
      new GetCommandInvocationCommand({ CommandId: command, InstanceId: instance }),
    );
    const status = found.Status ?? "Pending";
    if (status === "Success") return { state: "succeeded", because: "the command succeeded" };
    if (pending.has(status)) return { state: "pending", because: `the command is ${status}` };
    const error = found.StandardErrorContent?.trim().split("\n")[0];
    return { state: "failed", because: `the command ended ${status}${error ? `: ${error.slice(0, 200)}` : ""}` };
  } catch (error) {
    if (codeOf(error) === "InvocationDoesNotExist")
      return { state: "pending", because: "the command is not there yet" };
    throw error;
  }
};
