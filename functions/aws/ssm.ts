import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { batchesOf } from "../core/batches.ts";
import { plain } from "../core/plain.ts";
import { noServer, type Tried, triedWithout } from "../core/readiness/proof.ts";
import type { Script } from "../core/servers/script.ts";
import type { Clients } from "./calls/clients.ts";
import { codeOf } from "./calls/errors.ts";
import { tryRight } from "./calls/try-right.ts";

/**
 * Sends one line to instances (at most 50) and gives the id of the command, or null while Systems Manager does not
 * know all of them (an agent registers some time after boot). SendCommand has no client token: the comment names the run.
 */
export const sendShellToAll = async (
  clients: Clients,
  region: string,
  {
    instances,
    document = "AWS-RunShellScript",
    line,
    comment,
  }: Partial<Script> & { instances: string[]; line: string; comment: string },
): Promise<string | null> => {
  try {
    const { Command } = await clients(SSMClient, region, "once").send(
      new SendCommandCommand({
        DocumentName: document,
        InstanceIds: instances,
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

/** The same to one instance. */
export const sendShell = (
  clients: Clients,
  region: string,
  { instance, ...rest }: Partial<Script> & { instance: string; line: string; comment: string },
): Promise<string | null> => sendShellToAll(clients, region, { instances: [instance], ...rest });

/** May the caller send lines to servers? Tried with one that is not there, and so without the tag that a launched one has. */
export const tryShell = async (clients: Clients, region: string): Promise<Tried[]> =>
  triedWithout(
    await tryRight("ssm:SendCommand", region, () =>
      sendShell(clients, region, { instance: noServer, line: "exit 0", comment: "lifeboat proof" }),
    ),
    "ssm:resourceTag/lifeboat:run",
  );

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
    return { state: "failed", because: `the command ended ${status}${error ? `: ${plain(error.slice(0, 200))}` : ""}` };
  } catch (error) {
    if (codeOf(error) === "InvocationDoesNotExist")
      return { state: "pending", because: "the command is not there yet" };
    throw error;
  }
};

/**
 * Those of these instances that Systems Manager knows, and whose agent answers, each with its platform (Windows, Linux,
 * MacOS). Asked in portions of 100. [SDK SSM: InstanceInformationStringFilter]
 */
export const managedAmong = async (
  clients: Clients,
  region: string,
  instances: string[],
): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (const Values of batchesOf(instances, filterValuesMax)) {
    let NextToken: string | undefined;
    do {
      const page = await clients(SSMClient, region).send(
        new DescribeInstanceInformationCommand({
          Filters: [{ Key: "InstanceIds", Values }],
          MaxResults: 50,
          NextToken,
        }),
      );
      for (const { InstanceId, PingStatus, PlatformType = "Linux" } of page.InstanceInformationList ?? [])
        if (InstanceId && PingStatus === "Online") found.set(InstanceId, PlatformType);
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return found;
};
const filterValuesMax = 100;

/**
 * Runs a document on these instances (at most 50) and gives the id of the command. No client token: a reply that was
 * lost leaves it open whether it runs. One unknown instance makes the call fail with InvalidInstanceId.
 */
export const sendDocument = async (
  clients: Clients,
  region: string,
  { document, instances, comment }: { document: string; instances: string[]; comment: string },
): Promise<string> => {
  const { Command } = await clients(SSMClient, region, "once").send(
    new SendCommandCommand({
      DocumentName: document,
      InstanceIds: instances,
      TimeoutSeconds: deliverySeconds,
      Comment: comment.slice(0, 100),
    }),
  );
  return Command?.CommandId ?? "";
};
/** After this an instance that did not begin will not begin any more: the least that is allowed. [SDK SSM: SendCommand] */
const deliverySeconds = 30;

/** How a command fares on each of its instances; one that does not show yet is left out. */
export const documentResults = async (
  clients: Clients,
  region: string,
  command: string,
): Promise<Map<string, ShellResult>> => {
  const found = new Map<string, ShellResult>();
  let NextToken: string | undefined;
  do {
    const page = await clients(SSMClient, region).send(
      new ListCommandInvocationsCommand({ CommandId: command, MaxResults: 50, NextToken }),
    );
    for (const { InstanceId, Status, StatusDetails } of page.CommandInvocations ?? [])
      found.set(InstanceId ?? "", resultOf(Status ?? "Pending", StatusDetails));
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
};

const resultOf = (status: string, detail: string | undefined): ShellResult => {
  if (status === "Success") return { state: "succeeded", because: "the command succeeded" };
  if (pending.has(status)) return { state: "pending", because: `the command is ${status}` };
  return { state: "failed", because: `the command ended ${detail ?? status}` };
};
