import { DescribeInstanceStatusCommand, DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type TargetHealth,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import type { Verify } from "../../functions/core/plan.ts";
import type { HttpAnswer } from "../../functions/runtime/context.ts";
import { verify } from "../../functions/verify.ts";
import { aPlan, aResource, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const ec2 = mockClient(EC2Client);
const elb = mockClient(ElasticLoadBalancingV2Client);
const ssm = mockClient(SSMClient);

const run = aRun();
const now = "2026-03-02T12:00:00.000Z";
const input = {
  run,
  lease: { value: { generation: 1 } },
  server: { resource: "web", server: "i-0a", point: "p", name: "web-1", index: 0, zone: 0 },
  launch: { value: { instance: "i-new" } },
};
const lookedAt = (secondsAgo: number, command: string | null = null) => ({
  ...input,
  verify: { value: { polls: 3, since: new Date(Date.parse(now) - secondsAgo * 1_000).toISOString(), command } },
});
const from = (where: Verify["from"], withinSeconds = 300): Verify => ({
  http: { port: 8080, path: "/healthz" },
  withinSeconds,
  from: where,
});
const aScene = (
  how: Verify | null,
  { targetGroups = [] as string[], http = {} as Record<string, HttpAnswer> } = {},
) => {
  const resource = aResource({ verify: how, launch: { ...aResource().launch, targetGroups } });
  const row = aRow({
    phase: "running",
    run: { id: run.id, name: run.name, machine: "failover", acquiredAt: "", phaseBefore: "protected", points: {} },
  });
  return withTable(aContext({ http }), { plan: aPlan({ protect: [resource] }), row });
};

beforeEach(() => {
  for (const mock of [ec2, elb, ssm]) mock.reset();
});

describe("verify by status checks", () => {
  it("is good when both checks are ok, and says so in the ledger", async () => {
    const context = await aScene(null);
    ec2.on(DescribeInstanceStatusCommand).resolves({
      InstanceStatuses: [{ SystemStatus: { Status: "ok" }, InstanceStatus: { Status: "ok" } }],
    });

    const result = await verify(input, context);

    expect(result).toEqual({
      done: true,
      polls: 1,
      waitSeconds: 3,
      servedAt: now,
      because: "status checks: system ok, instance ok",
      since: now,
      command: null,
    });
    expect(ec2).toHaveReceivedCommandWith(DescribeInstanceStatusCommand, { InstanceIds: ["i-new"] });
    expect(await context.store.ledger("shop", run.name)).toMatchObject([
      { state: "Verify", subject: "i-0a", outcome: "Served", detail: { instance: "i-new", servedAt: now } },
    ]);
  });

  it("waits while one check is initializing, and while there is none", async () => {
    const context = await aScene(null);
    ec2
      .on(DescribeInstanceStatusCommand)
      .resolvesOnce({
        InstanceStatuses: [{ SystemStatus: { Status: "ok" }, InstanceStatus: { Status: "initializing" } }],
      })
      .resolves({ InstanceStatuses: [] });

    expect(await verify(lookedAt(10), context)).toMatchObject({
      done: false,
      polls: 4,
      servedAt: null,
      because: "status checks: system ok, instance initializing, after 10 of 600 s",
    });
    expect((await verify(lookedAt(12), context)).because).toBe("no status checks yet, after 12 of 600 s");
    expect(await context.store.ledger("shop", run.name)).toEqual([]);
  });

  it("fails for good once its time is over", async () => {
    const context = await aScene(null);
    ec2.on(DescribeInstanceStatusCommand).resolves({});

    await expect(verify(lookedAt(600), context)).rejects.toMatchObject({
      name: "ResourceFailedError",
      message: "web-1 (i-new) does not serve: no status checks yet, after 600 s; 600 s allowed",
    });
    expect(await context.store.ledger("shop", run.name)).toMatchObject([{ outcome: "TooLate" }]);
  });
});

describe("verify from targetGroup", () => {
  const health = (over: TargetHealth) => ({ TargetHealthDescriptions: [{ TargetHealth: over }] });

  it("is good when the server is healthy in every target group", async () => {
    const context = await aScene(from("targetGroup"), { targetGroups: ["arn:a", "arn:b"] });
    elb.on(DescribeTargetHealthCommand).resolves(health({ State: "healthy" }));

    expect(await verify(input, context)).toMatchObject({ done: true, servedAt: now });

    expect(elb).toHaveReceivedCommandTimes(DescribeTargetHealthCommand, 2);
    expect(elb).toHaveReceivedCommandWith(DescribeTargetHealthCommand, {
      TargetGroupArn: "arn:b",
      Targets: [{ Id: "i-new" }],
    });
  });

  it("waits while one group does not have it healthy, and says why", async () => {
    const context = await aScene(from("targetGroup"), { targetGroups: ["arn:a", "arn:b", "arn:c"] });
    elb
      .on(DescribeTargetHealthCommand)
      .resolvesOnce(health({ State: "healthy" }))
      .resolvesOnce(health({ State: "initial", Description: "in progress" }))
      .resolves(health({ State: "unhealthy" }));

    expect((await verify(lookedAt(7), context)).because).toBe(
      "healthy in 1 of 3 target groups: initial (in progress), unhealthy, after 7 of 300 s",
    );
  });

  it("never calls good a server without a target group", async () => {
    await expect(verify(input, await aScene(from("targetGroup")))).rejects.toMatchObject({
      name: "ResourceFailedError",
    });
  });
});

describe("verify from public", () => {
  const url = "http://198.51.100.10:8080/healthz";
  const shown = { Reservations: [{ Instances: [{ InstanceId: "i-new", PublicIpAddress: "198.51.100.10" }] }] };

  it("is good after three good answers in a row", async () => {
    const context = await aScene(from("public"), { http: { [url]: { status: 302, body: "" } } });
    ec2.on(DescribeInstancesCommand).resolves(shown);

    expect(await verify(input, context)).toMatchObject({
      done: true,
      servedAt: now,
      because: `3 good answers in a row from ${url}`,
    });
  });

  it("takes the time of the first of the three", async () => {
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

    expect((await verify(input, { ...context, net, now: clock })).servedAt).toBe("2026-03-02T12:00:01.000Z");
  });

  it.each<[string, HttpAnswer[], string]>([
    ["a bad status", [{ status: 503, body: "" }], `${url}: HTTP 503`],
    ["no answer", [{ error: "ECONNREFUSED" }], `${url}: no answer (ECONNREFUSED)`],
    ["two good ones, then a bad one", [200, 200, 500].map((status) => ({ status, body: "" })), `${url}: HTTP 500`],
  ])("waits after %s", async (_, answers, because) => {
    const context = await aScene(from("public"));
    ec2.on(DescribeInstancesCommand).resolves(shown);
    const http = async () => answers.shift() ?? { error: "asked too often" };

    const result = await verify(lookedAt(4), { ...context, net: { ...context.net, http } });

    expect(result).toMatchObject({ done: false, servedAt: null, because: `${because}, after 4 of 300 s` });
  });

  it("waits for a public address", async () => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [{ InstanceId: "i-new" }] }] });

    const { because } = await verify(lookedAt(4), await aScene(from("public")));

    expect(because).toBe("i-new has no public address yet, after 4 of 300 s");
  });
});

describe("verify from ssm", () => {
  it("sends the probe as a command that names the run, and keeps its id", async () => {
    const context = await aScene(from("ssm"));
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: "command-1" } });

    expect(await verify(input, context)).toMatchObject({ done: false, command: "command-1" });

    const [call] = ssm.commandCalls(SendCommandCommand);
    expect(call?.args[0].input).toMatchObject({
      DocumentName: "AWS-RunShellScript",
      InstanceIds: ["i-new"],
      TimeoutSeconds: 30,
      Comment: "lifeboat run-1",
    });
    expect(call?.args[0].input.Parameters?.commands?.[0]).toContain("curl --fail");
  });

  it.each([
    ["Success", true, null, "the command succeeded"],
    ["InProgress", false, "command-1", "the command is InProgress, after 9 of 300 s"],
  ])("reads a command that is %s: done %s", async (Status, done, command, because) => {
    const context = await aScene(from("ssm"));
    ssm.on(GetCommandInvocationCommand).resolves({ Status: Status as never });

    expect(await verify(lookedAt(9, "command-1"), context)).toMatchObject({ done, command, because });

    expect(ssm).toHaveReceivedCommandWith(GetCommandInvocationCommand, {
      CommandId: "command-1",
      InstanceId: "i-new",
    });
    expect(ssm).not.toHaveReceivedCommand(SendCommandCommand);
  });

  it("sends a new one after a failed one, and says why that failed", async () => {
    const context = await aScene(from("ssm"));
    ssm
      .on(GetCommandInvocationCommand)
      .resolves({ Status: "Failed", StandardErrorContent: "curl: (7) refused\nmore\n" })
      .on(SendCommandCommand)
      .resolves({ Command: { CommandId: "command-2" } });

    expect(await verify(lookedAt(9, "command-1"), context)).toMatchObject({
      command: "command-2",
      because: "the command ended Failed: curl: (7) refused, after 9 of 300 s",
    });
  });

  it("waits while Systems Manager does not know the instance", async () => {
    const context = await aScene(from("ssm"));
    ssm.on(SendCommandCommand).rejects(Object.assign(new Error("unknown"), { name: "InvalidInstanceId" }));

    expect(await verify(lookedAt(9), context)).toMatchObject({
      command: null,
      because: "Systems Manager does not know the instance yet, after 9 of 300 s",
    });
  });

  it("sends nothing once the lease has moved on", async () => {
    const context = await aScene(from("ssm"));

    await expect(verify({ ...input, lease: { value: { generation: 2 } } }, context)).rejects.toMatchObject({
      name: "StaleLeaseError",
    });
    expect(ssm.calls()).toEqual([]);
  });
});
