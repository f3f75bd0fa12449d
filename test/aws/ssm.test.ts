import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { createClients } from "../../functions/aws/calls/clients.ts";
import { documentResults, managedAmong, sendDocument, sendShell, shellResult } from "../../functions/aws/ssm.ts";

const ssm = mockClient(SSMClient);
const clients = createClients();
const named = (name: string) => Object.assign(new Error(name), { name });
const send = (comment = "lifeboat run-1") =>
  sendShell(clients, "eu-central-1", { instance: "i-1", document: "AWS-RunShellScript", line: "true", comment });
const result = () => shellResult(clients, "eu-central-1", "command-1", "i-1");

beforeEach(() => {
  ssm.reset();
});

describe("sendShell", () => {
  it("sends exactly one bounded command to one instance", async () => {
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: "command-1" } });

    expect(await send()).toBe("command-1");

    expect(ssm).toHaveReceivedCommandWith(SendCommandCommand, {
      DocumentName: "AWS-RunShellScript",
      InstanceIds: ["i-1"],
      Parameters: { commands: ["true"], executionTimeout: ["30"] },
      TimeoutSeconds: 30,
      Comment: "lifeboat run-1",
    });
  });

  it("cuts the comment to the 100 characters that it may have", async () => {
    ssm.on(SendCommandCommand).resolves({});

    expect(await send("x".repeat(200))).toBeNull();

    expect(ssm.commandCalls(SendCommandCommand)[0]?.args[0].input.Comment).toHaveLength(100);
  });

  it("gives null for an instance that is not registered, and any other error as it is", async () => {
    ssm.on(SendCommandCommand).rejectsOnce(named("InvalidInstanceId")).rejects(named("AccessDeniedException"));

    expect(await send()).toBeNull();
    await expect(send()).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("shellResult", () => {
  it.each([
    ["Success", "succeeded", "the command succeeded"],
    ["Pending", "pending", "the command is Pending"],
    ["Delayed", "pending", "the command is Delayed"],
    [undefined, "pending", "the command is Pending"],
    ["TimedOut", "failed", "the command ended TimedOut"],
    ["Cancelled", "failed", "the command ended Cancelled"],
  ])("%s is %s", async (Status, state, because) => {
    ssm.on(GetCommandInvocationCommand).resolves({ Status: Status as never });

    expect(await result()).toEqual({ state, because });
  });

  it("waits for an invocation that is not there yet, and gives any other error as it is", async () => {
    ssm
      .on(GetCommandInvocationCommand)
      .rejectsOnce(named("InvocationDoesNotExist"))
      .rejects(named("InternalServerError"));

    expect(await result()).toEqual({ state: "pending", because: "the command is not there yet" });
    await expect(result()).rejects.toMatchObject({ name: "InternalServerError" });
  });
});

describe("managedAmong", () => {
  it("finds those whose agent answers, over all pages and portions of 100", async () => {
    const instances = Array.from({ length: 101 }, (_, at) => `i-${at}`);
    ssm
      .on(DescribeInstanceInformationCommand)
      .resolvesOnce({ InstanceInformationList: [{ InstanceId: "i-1", PingStatus: "Online" }], NextToken: "next" })
      .resolvesOnce({ InstanceInformationList: [{ InstanceId: "i-2", PingStatus: "ConnectionLost" }, {}] })
      .resolves({ InstanceInformationList: [{ InstanceId: "i-100", PingStatus: "Online", PlatformType: "Windows" }] });
    expect([...(await managedAmong(clients, "eu-west-1", instances))]).toEqual([
      ["i-1", "Linux"],
      ["i-100", "Windows"],
    ]);
    expect(ssm).toHaveReceivedCommandTimes(DescribeInstanceInformationCommand, 3);
    expect(ssm).toHaveReceivedLastCommandWith(DescribeInstanceInformationCommand, {
      Filters: [{ Key: "InstanceIds", Values: ["i-100"] }],
    });
  });
});

describe("sendDocument", () => {
  it("runs a document as it is on several instances", async () => {
    ssm.on(SendCommandCommand).resolves({ Command: { CommandId: "c-1" } });
    const wanted = { document: "freeze", instances: ["i-1", "i-2"], comment: "x".repeat(200) };
    expect(await sendDocument(clients, "eu-west-1", wanted)).toBe("c-1");
    expect(ssm).toHaveReceivedCommandWith(SendCommandCommand, {
      DocumentName: "freeze",
      InstanceIds: ["i-1", "i-2"],
      TimeoutSeconds: 30,
      Comment: "x".repeat(100),
    });
  });

  it("tells an unknown instance as it is", async () => {
    ssm.on(SendCommandCommand).rejects(named("InvalidInstanceId"));
    const wanted = { document: "freeze", instances: ["i-1"], comment: "" };
    await expect(sendDocument(clients, "eu-west-1", wanted)).rejects.toThrow("InvalidInstanceId");
  });
});

describe("documentResults", () => {
  it("tells how each instance fares, over all pages", async () => {
    ssm
      .on(ListCommandInvocationsCommand)
      .resolvesOnce({ CommandInvocations: [{ InstanceId: "i-1", Status: "Success" }, {}], NextToken: "next" })
      .resolves({
        CommandInvocations: [{ InstanceId: "i-2", Status: "TimedOut", StatusDetails: "Delivery Timed Out" }],
      });
    const found = await documentResults(clients, "eu-west-1", "c-1");
    expect([...found].map(([id, { state }]) => [id, state])).toEqual([
      ["i-1", "succeeded"],
      ["", "pending"],
      ["i-2", "failed"],
    ]);
    expect(found.get("i-2")?.because).toBe("the command ended Delivery Timed Out");
  });
});
