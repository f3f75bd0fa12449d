import type {
  DescribeInstanceInformationRequest,
  GetCommandInvocationRequest,
  ListCommandInvocationsRequest,
  SendCommandRequest,
} from "@aws-sdk/client-ssm";

import { drawn } from "../durations.ts";
import { trafficSeconds } from "../durations-traffic.ts";
import { originOf } from "../ec2/boot.ts";
import { isServing } from "../ec2/serves.ts";
import { ec2Of } from "../ec2/state.ts";
import { AwsError, account, type Operation, type World } from "../kernel.ts";
import { askingSecondsOf, isLookUp, isPowerShellLine, isProbe, lookUp } from "./ssm-scripts.ts";

type Invocation = { at: number; status: "Pending" | "InProgress" | "Success" | "Failed"; error: string };

/**
 * Systems Manager of instances whose agent has registered: lines that ask the instance itself, or look names up, by the
 * document of its platform; and documents of the account's own, which succeed.
 */
export const ssm: Record<string, Operation> = {
  SendCommand: ({ DocumentName = "", InstanceIds: ids = [], Parameters }: SendCommandRequest, { world, region }) => {
    const line = (Parameters?.commands ?? []).join("\n");
    const [isShell, isPowerShell] = [DocumentName === shellDocument, DocumentName === powerShellDocument];
    if (!isShell && !isPowerShell && !documentsOf(world, region).has(DocumentName))
      throw new AwsError("InvalidDocument", `Document with name ${DocumentName} does not exist.`);
    if (ids.length > instancesMax) throw new AwsError("ValidationException", `At most ${instancesMax} InstanceIds`);
    if (ids.length === 0 || ids.some((id) => !hasAgent(world, region, id)))
      throw new AwsError(
        "InvalidInstanceId",
        `Instances [[${ids.join(", ")}]] not in a valid state for account ${account}`,
      );
    if ((isShell && !(isProbe(line) || isLookUp(line))) || (isPowerShell && !isPowerShellLine(line)))
      throw new Error(
        `simulator/services/ssm.ts: only curl against the instance itself and getent are simulated (got ${line})`,
      );
    const wrong = isShell && ids.find((id) => platformOf(world, region, id) === "Windows");
    if (wrong)
      throw new AwsError(
        "UnsupportedPlatformType",
        `Cannot perform operation for instance id ${wrong} of platform type Windows`,
      );
    const CommandId = world.uuid();
    for (const id of ids) run(world, region, `${CommandId} ${id}`, id, { line, document: DocumentName });
    return { Command: { CommandId, Status: "Pending", InstanceIds: ids, DocumentName } };
  },

  DescribeInstanceInformation: (input: DescribeInstanceInformationRequest, { world, region }) => {
    const [filter, ...others] = input.Filters ?? [];
    if (filter?.Key !== "InstanceIds" || others.length > 0)
      throw new Error("simulator/services/ssm.ts: only the filter InstanceIds is simulated");
    const known = (filter.Values ?? []).filter((id) => hasAgent(world, region, id));
    return {
      InstanceInformationList: known.map((InstanceId) => ({
        InstanceId,
        PingStatus: "Online",
        PlatformType: platformOf(world, region, InstanceId),
      })),
    };
  },

  GetCommandInvocation: (input: GetCommandInvocationRequest, { world, region }) => {
    const found = invocationsOf(world, region).get(`${input.CommandId} ${input.InstanceId}`);
    // Not there at once after SendCommand. [SDK SSM: GetCommandInvocation]
    if (!found || world.now() < found.at + 500)
      throw new AwsError("InvocationDoesNotExist", "The command ID and managed node ID did not match any invocations");
    const code = { Pending: -1, InProgress: -1, Success: 0, Failed: 22 }[found.status];
    return {
      CommandId: input.CommandId,
      InstanceId: input.InstanceId,
      Status: found.status,
      StatusDetails: found.status,
      ResponseCode: code,
      StandardOutputContent: "",
      StandardErrorContent: found.error,
    };
  },

  ListCommandInvocations: (
    { CommandId, MaxResults = 50, NextToken }: ListCommandInvocationsRequest,
    { world, region },
  ) => {
    const all = [...invocationsOf(world, region)].filter(([key]) => key.startsWith(`${CommandId} `));
    const from = Number(NextToken ?? 0);
    // as GetCommandInvocation: not there at once
    const shown = all.slice(from, from + MaxResults).filter(([, { at }]) => world.now() >= at + 500);
    return {
      CommandInvocations: shown.map(([key, { status }]) => ({
        CommandId,
        InstanceId: key.split(" ")[1],
        Status: status,
        StatusDetails: status,
      })),
      ...(from + MaxResults < all.length && { NextToken: String(from + MaxResults) }),
    };
  },
};

const [shellDocument, powerShellDocument] = ["AWS-RunShellScript", "AWS-RunPowerShellScript"];
/** [SDK SSM: SendCommandRequest] */
const instancesMax = 50;

/** Documents of the account's own. */
const documentsOf = (world: World, region: string) => world.region("SSM documents", region, () => new Set<string>());
export const addDocument = (world: World, region: string, name: string) => documentsOf(world, region).add(name);

const platformOf = (world: World, region: string, id: string) =>
  ec2Of(world, region).instances.get(id)?.platform.startsWith("Windows") ? "Windows" : "Linux";

const invocationsOf = (world: World, region: string) =>
  world.region("SSM", region, () => new Map<string, Invocation>());

const hasAgent = (world: World, region: string, id: string) => {
  const instance = ec2Of(world, region).instances.get(id);
  if (instance?.state !== "running" || instance.runningAt === null) return false;
  const agent = drawn(world.random.fork(`agent ${id}`), trafficSeconds.agent);
  return world.now() >= instance.runningAt + agent * 1_000;
};

type Sent = { line: string; document: string };

const run = (world: World, region: string, key: string, id: string, { line, document }: Sent) => {
  const invocation: Invocation = { at: world.now(), status: "Pending", error: "" };
  invocationsOf(world, region).set(key, invocation);
  const instance = ec2Of(world, region).instances.get(id);
  const seconds = commandSeconds(world, instance ? originOf(world, region, instance) : id);
  const report = (error: string) =>
    world.within(region, seconds.reported, () =>
      Object.assign(invocation, { error, status: error ? "Failed" : "Success" }),
    );
  const tryUntil = (end: number) => {
    const error = errorOf(world, region, id, { line, document });
    if (error === "" || world.now() >= end) report(error);
    else world.within(region, 1, () => tryUntil(end));
  };
  world.within(region, seconds.delivered, () => {
    invocation.status = "InProgress";
    tryUntil(world.now() + askingSecondsOf(line) * 1_000);
  });
};

/** How long a command takes to its server, and what it said from there. Of seed and server alone. */
export const commandSeconds = (world: World, server: string) => {
  const random = world.random.fork(`command ${server}`);
  return { delivered: drawn(random, trafficSeconds.command), reported: drawn(random, trafficSeconds.command) };
};

/** What a command ends with on its instance: "" when it succeeds. */
const errorOf = (world: World, region: string, id: string, { line, document }: Sent): string => {
  if (document !== shellDocument && document !== powerShellDocument) return "";
  if (document === powerShellDocument && platformOf(world, region, id) !== "Windows") return "pwsh: command not found";
  if (isLookUp(line)) return lookUp(world, line);
  const instance = ec2Of(world, region).instances.get(id);
  if (instance !== undefined && isServing(world, region, instance)) return "";
  return document === shellDocument
    ? "curl: (7) Failed to connect to 127.0.0.1: Connection refused"
    : "Unable to connect to the remote server";
};
