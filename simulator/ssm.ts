import type {
  DescribeInstanceInformationRequest,
  GetCommandInvocationRequest,
  ListCommandInvocationsRequest,
  SendCommandRequest,
} from "@aws-sdk/client-ssm";

import { ask, vpcResolver } from "./dns.ts";
import { drawn } from "./durations.ts";
import { trafficSeconds } from "./durations-traffic.ts";
import { isServing } from "./ec2/serves.ts";
import { ec2Of } from "./ec2/state.ts";
import { AwsError, type Operation, type World } from "./kernel.ts";

type Invocation = { at: number; status: "Pending" | "InProgress" | "Success" | "Failed"; error: string };

/** Systems Manager: shell lines of curl against the instance itself, and of getent, on instances whose agent has registered. */
export const ssm: Record<string, Operation> = {
  SendCommand: (input: SendCommandRequest, { world, region }) => {
    const line = (input.Parameters?.commands ?? []).join("\n");
    if (input.DocumentName !== "AWS-RunShellScript" || !(isProbe(line) || isLookUp(line)))
      throw new Error(`simulator/ssm.ts: only curl against the instance itself and getent are simulated (got ${line})`);
    const ids = input.InstanceIds ?? [];
    if (ids.length === 0 || ids.some((id) => !hasAgent(world, region, id)))
      throw new AwsError("InvalidInstanceId", "Instances not in a valid state for account");
    const CommandId = world.uuid();
    for (const id of ids) run(world, region, `${CommandId} ${id}`, id, line);
    return { Command: { CommandId, Status: "Pending", InstanceIds: ids, DocumentName: input.DocumentName } };
  },

  DescribeInstanceInformation: (input: DescribeInstanceInformationRequest, { world, region }) => {
    const [filter, ...others] = input.Filters ?? [];
    if (filter?.Key !== "InstanceIds" || others.length > 0)
      throw new Error("simulator/ssm.ts: only the filter InstanceIds is simulated");
    const known = (filter.Values ?? []).filter((id) => hasAgent(world, region, id));
    return { InstanceInformationList: known.map((InstanceId) => ({ InstanceId, PingStatus: "Online" })) };
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

const invocationsOf = (world: World, region: string) =>
  world.region("SSM", region, () => new Map<string, Invocation>());

const isProbe = (line: string) =>
  line
    .split("&&")
    .every((part) =>
      /^\s*(curl\s.*https?:\/\/(127\.0\.0\.1|localhost)[:/]|timeout \d+ bash -c '<\/dev\/tcp\/127\.0\.0\.1\/\d+'\s*$)/.test(
        part,
      ),
    );

/** Names looked up by getent, each with the values one of which must be in what it says, and those that must not. */
const lookUps = /lifeboat_dns (ahosts(?:v4|v6)?) '([^']*)' '([^']*)' '([^']*)'/g;
const isLookUp = (line: string) => line.includes("getent") && [...line.matchAll(lookUps)].length > 0;

/** What the line ends with: the first name that answers otherwise, or "". */
const lookUp = (world: World, line: string): string => {
  for (const [, how, name = "", wanted = "", refused = ""] of line.matchAll(lookUps)) {
    const answer = ask(world, { name, type: how === "ahostsv6" ? "AAAA" : "A", server: vpcResolver });
    if ("error" in answer) return `${name}: no answer`;
    const among = (list: string) => answer.values.find((value) => list.split(" ").includes(value));
    const bad = among(refused) ?? (wanted && !among(wanted) ? answer.values.at(-1) : undefined);
    if (bad) return `${name}: ${bad}`;
  }
  return "";
};

const hasAgent = (world: World, region: string, id: string) => {
  const instance = ec2Of(world, region).instances.get(id);
  if (instance?.state !== "running" || instance.runningAt === null) return false;
  const agent = drawn(world.random.fork(`agent ${id}`), trafficSeconds.agent);
  return world.now() >= instance.runningAt + agent * 1_000;
};

const run = (world: World, region: string, key: string, id: string, line: string) => {
  const invocation: Invocation = { at: world.now(), status: "Pending", error: "" };
  invocationsOf(world, region).set(key, invocation);
  const random = world.random.fork(`command ${key}`);
  world.within(region, drawn(random, trafficSeconds.command), () => {
    invocation.status = "InProgress";
    world.within(region, drawn(random, trafficSeconds.command), () => {
      const instance = ec2Of(world, region).instances.get(id);
      const serving = instance !== undefined && isServing(world, region, instance);
      const refused = "curl: (7) Failed to connect to 127.0.0.1: Connection refused";
      invocation.error = isLookUp(line) ? lookUp(world, line) : serving ? "" : refused;
      invocation.status = invocation.error ? "Failed" : "Success";
    });
  });
};
