import { DescribeInstanceStatusCommand, DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type TargetHealth,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  DescribeInstanceInformationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import type { Verify } from "../../functions/core/model/plan.ts";
import type { Server } from "../../functions/core/model/server.ts";
import type { HttpAnswer } from "../../functions/runtime/context.ts";
import { verify } from "../../functions/verify.ts";
import { aPlan, aResource, aServerItem } from "../support/builders.ts";
import { passInput, serversIn, toldIn, waveScene } from "../support/wave-scene.ts";

const ec2 = mockClient(EC2Client);
const elb = mockClient(ElasticLoadBalancingV2Client);
const ssm = mockClient(SSMClient);

const now = "2026-03-02T12:00:00.000Z";
/** Attached so many seconds ago. */
const attached = (secondsAgo = 0, over: Partial<Server> = {}) => {
  const attachedAt = new Date(Date.parse(now) - secondsAgo * 1_000).toISOString();
  return aServerItem({ state: "attached", instance: "i-new", attachedAt, ...over });
};
const from = (where: Verify["from"], withinSeconds = 300): Verify => ({
  http: { port: 8080, path: "/healthz" },
  withinSeconds,
  from: where,
});
type Given = { targetGroups?: string[]; http?: Record<string, HttpAnswer>; servers?: Server[] };
const aScene = (how: Verify | null, { targetGroups = [], http = {}, servers = [attached()] }: Given = {}) => {
  const resource = aResource({ verify: how, launch: { ...aResource().launch, targetGroups } });
  return waveScene({ plan: aPlan({ protect: [resource] }), servers }, { http });
};
/** A look in a wave that began long ago; what the table says of the first server then. */
const input = passInput({ waveSince: "2026-03-02T11:00:00.000Z", since: "2026-03-02T11:00:00.000Z" });
const look = async (context: Awaited<ReturnType<typeof aScene>>) => {
  const pass = await verify(input, context);
  return { ...(await serversIn(context))[0]!, next: pass.next };
};

beforeEach(() => {
  for (const mock of [ec2, elb, ssm]) mock.reset();
});

describe("verify by status checks", () => {
  const statuses = (Status: "ok" | "initializing") => ({
    InstanceStatuses: [{ InstanceId: "i-new", SystemStatus: { Status: "ok" as const }, InstanceStatus: { Status } }],
  });

  it("a server is good when both status checks are ok, read for all in pages, and the ledger says so", async () => {
    const context = await aScene(null);
    ec2.on(DescribeInstanceStatusCommand).resolvesOnce({ NextToken: "2" }).resolves(statuses("ok"));

    expect(await look(context)).toMatchObject({
      next: "JudgeWave",
      state: "served",
      servedAt: now,
      because: "status checks: system ok, instance ok",
    });
    expect(ec2).toHaveReceivedCommandWith(DescribeInstanceStatusCommand, {
      Filters: [{ Name: "instance-state-name", Values: ["running"] }],
      MaxResults: 1000,
    });
    expect(await toldIn(context)).toEqual(["Verify i-0a Served"]);
  });

  it("verify waits while one status check is initializing, and while there is none", async () => {
    ec2.on(DescribeInstanceStatusCommand).resolvesOnce(statuses("initializing")).resolves({ InstanceStatuses: [] });
    for (const _ of [1, 2]) {
      const context = await aScene(null, { servers: [attached(10)] });
      expect(await look(context)).toMatchObject({ next: "Verify", state: "attached", version: 0 });
      expect(await toldIn(context)).toEqual([]);
    }
  });

  it("verify gives a server up once its time is over, and checks the others as before", async () => {
    const servers = [attached(600), attached(10, { server: "i-0b", name: "web-2", instance: "i-two" })];
    const context = await aScene(null, { servers });
    ec2.on(DescribeInstanceStatusCommand).resolves({});

    const { error } = await look(context);
    expect(error).toEqual({
      name: "ResourceFailedError",
      message:
        "web-1 (i-new) does not serve: no status checks yet, after 600 s; 600 s allowed -> Look at the instance's console output; raise verify.within in the plan if it only needs longer to boot.",
    });
    expect((await serversIn(context)).map(({ state }) => state)).toEqual(["lost", "attached"]);
    expect(await toldIn(context)).toEqual(["Verify i-0a TooLate"]);
  });

  it("verify counts no time without a poll: a server is not lost because the controller's Region was down", async () => {
    const looked = { Verify: "2026-03-02T11:50:30.000Z" };
    for (const [secondsAgo, state] of [
      [1_169, "attached"],
      [1_170, "lost"],
    ] as const) {
      const context = await aScene(null, { servers: [attached(secondsAgo)] });
      ec2.on(DescribeInstanceStatusCommand).resolves({});
      await verify({ ...input, pass: { value: { ...input.pass.value, looked } } }, context);
      expect(await serversIn(context)).toMatchObject([{ state }]);
    }
  });

  it("verify counts the time of a server from the start of its own wave, even when it booted earlier", async () => {
    const context = await aScene(null, { servers: [attached(900)] });
    ec2.on(DescribeInstanceStatusCommand).resolves({});
    await verify(passInput({ waveSince: "2026-03-02T11:55:00.000Z" }), context);
    expect(await serversIn(context)).toMatchObject([{ state: "attached" }]);
  });
});

describe("verify from targetGroup", () => {
  const health = (over: TargetHealth, Id = "i-new") => ({
    TargetHealthDescriptions: [{ Target: { Id }, TargetHealth: over }],
  });

  it("a server is good when it is healthy in every target group, each asked once", async () => {
    const context = await aScene(from("targetGroup"), { targetGroups: ["arn:a", "arn:b"] });
    elb.on(DescribeTargetHealthCommand).resolves(health({ State: "healthy" }));

    expect(await look(context)).toMatchObject({ state: "served", servedAt: now });

    expect(elb).toHaveReceivedCommandTimes(DescribeTargetHealthCommand, 2);
    expect(elb).toHaveReceivedCommandWith(DescribeTargetHealthCommand, { TargetGroupArn: "arn:b" });
  });

  it("verify by target group waits while one group does not have it healthy, and says why when its time is over", async () => {
    const targetGroups = ["arn:a", "arn:b", "arn:c", "arn:d"];
    const context = await aScene(from("targetGroup"), { targetGroups, servers: [attached(300)] });
    elb
      .on(DescribeTargetHealthCommand)
      .resolvesOnce(health({ State: "healthy" }))
      .resolvesOnce(health({ State: "initial", Description: "in progress" }))
      .resolvesOnce(health({ State: "healthy" }, "i-other"))
      .resolves(health({ State: "unhealthy" }));

    expect((await look(context)).error?.message).toContain(
      "healthy in 1 of 4 target groups: initial (in progress), unused, unhealthy, after 300 s; 300 s allowed",
    );
  });

  it("verify by target group never calls good a server without a target group", async () => {
    expect(await look(await aScene(from("targetGroup")))).toMatchObject({ state: "attached" });
  });
});

describe("verify from public", () => {
  const url = "http://198.51.100.10:8080/healthz";
  const shown = { Reservations: [{ Instances: [{ InstanceId: "i-new", PublicIpAddress: "198.51.100.10" }] }] };

  it("a server is good after three good answers in a row", async () => {
    const context = await aScene(from("public"), { http: { [url]: { status: 302, body: "" } } });
    ec2.on(DescribeInstancesCommand).resolves(shown);
    const because = `3 good answers in a row from ${url}`;
    expect(await look(context)).toMatchObject({ state: "served", servedAt: now, because });
  });

  it("verify by public address takes the time of the first of the three", async () => {
    const context = await aScene(from("public"));
    ec2.on(DescribeInstancesCommand).resolves(shown);
    let seconds = 0;
    const clock = () => new Date(Date.parse(now) + seconds * 1_000);
    const net = {
      ...context.net,
      http: async () => {
        seconds += 1;
        return { status: 200, body: "" };
      },
    };
    expect((await look({ ...context, net, now: clock })).servedAt).toBe("2026-03-02T12:00:01.000Z");
  });

  it.each<[string, HttpAnswer[], string]>([
    ["a bad status", [{ status: 503, body: "" }], `${url}: HTTP 503`],
    ["no answer", [{ error: "ECONNREFUSED" }], `${url}: no answer (ECONNREFUSED)`],
    ["two good ones, then a bad one", [200, 200, 500].map((status) => ({ status, body: "" })), `${url}: HTTP 500`],
  ])("a server is not good after %s", async (_, answers, because) => {
    const context = await aScene(from("public"), { servers: [attached(300)] });
    ec2.on(DescribeInstancesCommand).resolves(shown);
    const http = async () => answers.shift() ?? { error: "asked too often" };
    const { state, error } = await look({ ...context, net: { ...context.net, http } });
    expect(state).toBe("lost");
    expect(error?.message).toContain(`${because}, after 300 s`);
  });

  it("verify by public address waits for a public address", async () => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [{ InstanceId: "i-new" }] }] });
    const { error } = await look(await aScene(from("public"), { servers: [attached(300)] }));
    expect(error?.message).toContain("i-new has no public address yet");
  });
});

describe("verify from ssm", () => {
  const managed = (...ids: string[]) =>
    ssm.on(DescribeInstanceInformationCommand).resolves({
      InstanceInformationList: ids.map((InstanceId) => ({ InstanceId, PingStatus: "Online" as const })),
    });
  const ended = (Status: "Success" | "InProgress" | "Failed") =>
    ssm.on(ListCommandInvocationsCommand).resolves({ CommandInvocations: [{ InstanceId: "i-new", Status }] });
  const sent = { servers: [attached(9, { command: "command-1" })] };

  it("verify by SSM sends the probe to all that Systems Manager knows, by one command that names the run, and keeps its id", async () => {
    const more = ["b", "c"].map((id) => attached(0, { server: id, name: id, instance: `i-${id}` }));
    const context = await aScene(from("ssm"), { servers: [attached(), ...more] });
    managed("i-new", "i-b");
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: "command-1" } });

    await verify(input, context);

    const commands = new Map((await serversIn(context)).map(({ instance, command }) => [instance, command]));
    expect(commands).toEqual(
      new Map([
        ["i-new", "command-1"],
        ["i-b", "command-1"],
        ["i-c", null],
      ]),
    );
    const [call, ...others] = ssm.commandCalls(SendCommandCommand);
    expect(others).toEqual([]);
    expect(call?.args[0].input).toMatchObject({
      DocumentName: "AWS-RunShellScript",
      TimeoutSeconds: 30,
      Comment: "lifeboat run-1",
    });
    expect(call?.args[0].input.InstanceIds?.toSorted()).toEqual(["i-b", "i-new"]);
    expect(call?.args[0].input.Parameters?.commands?.[0]).toContain("curl --fail");
  });

  it("verify by SSM sends Windows servers a command of their own: PowerShell", async () => {
    const context = await aScene(from("ssm"), { servers: [attached(), attached(0, { server: "b", instance: "i-b" })] });
    ssm.on(DescribeInstanceInformationCommand).resolves({
      InstanceInformationList: [
        { InstanceId: "i-new", PingStatus: "Online", PlatformType: "Windows" },
        { InstanceId: "i-b", PingStatus: "Online", PlatformType: "Linux" },
      ],
    });
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: "command-1" } });
    await verify(input, context);
    const sent = ssm.commandCalls(SendCommandCommand).map(({ args: [{ input: one }] }) => one);
    expect(sent.map(({ DocumentName, InstanceIds }) => [DocumentName, InstanceIds]).toSorted()).toEqual([
      ["AWS-RunPowerShellScript", ["i-new"]],
      ["AWS-RunShellScript", ["i-b"]],
    ]);
  });

  it.each([
    ["Success", { state: "served", because: "the command succeeded" }],
    ["InProgress", { state: "attached", command: "command-1" }],
  ] as const)("verify by SSM reads a command that is %s", async (status, expected) => {
    ended(status);
    expect(await look(await aScene(from("ssm"), sent))).toMatchObject(expected);
    expect(ssm).toHaveReceivedCommandWith(ListCommandInvocationsCommand, { CommandId: "command-1" });
    expect(ssm).not.toHaveReceivedCommand(SendCommandCommand);
  });

  it("verify by SSM sends a new one after a failed one", async () => {
    ended("Failed");
    managed("i-new");
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: "command-2" } });
    expect(await look(await aScene(from("ssm"), sent))).toMatchObject({ state: "attached", command: "command-2" });
  });

  it("verify by SSM says why the last command failed when its time is over", async () => {
    ended("Failed");
    managed();
    const late = { servers: [attached(300, { command: "command-1" })] };
    expect((await look(await aScene(from("ssm"), late))).error?.message).toContain("the command ended Failed");
  });

  it("verify by SSM waits while Systems Manager does not know the instance", async () => {
    managed();
    expect(await look(await aScene(from("ssm")))).toMatchObject({ state: "attached", command: null });
    expect(ssm).not.toHaveReceivedCommand(SendCommandCommand);
  });

  it("verify by SSM sends nothing once the lease has moved on", async () => {
    const stale = { ...input, lease: { value: { generation: 2 } } };
    await expect(verify(stale, await aScene(from("ssm")))).rejects.toMatchObject({ name: "StaleLeaseError" });
    expect(ssm.calls()).toEqual([]);
  });
});
