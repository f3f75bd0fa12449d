import type { GetCommandInvocationRequest, SendCommandRequest } from "@aws-sdk/client-ssm";
import { drawn } from "./durations.ts";
import { trafficSeconds } from "./durations-traffic.ts";
import { isServing } from "./ec2/serves.ts";
import { ec2Of } from "./ec2/state.ts";
import { AwsError, type Operation, type World } from "./kernel.ts";

type Invocation = { at: number; status: "Pending" | "InProgress" | "Success" | "Failed"; error: string };

/** Systems Manager: shell lines of curl against the instance itself, on instances whose agent has registered. */
export const ssm: Record<string, Operation> = {
  SendCommand: (input: SendCommandRequest, { world, region }) => {
    const line = (input.Parameters?.commands ?? []).join("\n");
    if (input.DocumentName !== "AWS-RunShellScript" || !isProbe(line))
      throw new Error(`simulator/ssm.ts: only curl against the instance itself is simulated (got ${line})`);
    const ids = input.InstanceIds ?? [];
    if (ids.length === 0 || ids.some((id) => !hasAgent(world, region, id)))
      throw new AwsError("InvalidInstanceId", "Instances not in a valid state for account");
    const CommandId = world.id("command");
    for (const id of ids) run(world, region, `${CommandId} ${id}`, id);
    return { Command: { CommandId, Status: "Pending", InstanceIds: ids, DocumentName: input.DocumentName } };
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
};

const invocationsOf = (world: World, region: string) =>
  world.region("SSM", region, () => new Map<string, Invocation>());

const isProbe = (line: string) =>
  line.split("&&").every((part) => /^\s*curl\s.*https?:\/\/(127\.0\.0\.1|localhost)[:/]/.test(part));

const hasAgent = (world: World, region: string, id: string) => {
  const instance = ec2Of(world, region).instances.get(id);
  if (instance?.state !== "running" || instance.runningAt === null) return false;
  const agent = drawn(world.random.fork(`agent ${id}`), trafficSeconds.agent);
  return world.now() >= instance.runningAt + agent * 1_000;
};

const run = (world: World, region: string, key: string, id: string) => {
  const invocation: Invocation = { at: world.now(), status: "Pending", error: "" };
  invocationsOf(world, region).set(key, invocation);
  const random = world.random.fork(`command ${key}`);
  world.within(region, drawn(random, trafficSeconds.command), () => {
    invocation.status = "InProgress";
    world.within(region, drawn(random, trafficSeconds.command), () => {
      const instance = ec2Of(world, region).instances.get(id);
      const good = instance !== undefined && isServing(world, region, instance);
      invocation.status = good ? "Success" : "Failed";
      if (!good) invocation.error = "curl: (7) Failed to connect to 127.0.0.1: Connection refused";
    });
  });
};
