import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { fence } from "../../functions/fence.ts";
import { aFenceScene, input, inputSince, late, run, showing, silence, stopping } from "../support/fence-mocks.ts";

const ec2 = mockClient(EC2Client);
beforeEach(() => {
  ec2.reset();
  ec2.on(DescribeInstancesCommand).resolves({});
});

describe("fence", () => {
  it("fence polls while servers shut down, and continues once they have", async () => {
    const context = await aFenceScene("required");
    const known = { Filters: [{ Name: "instance-id", Values: ["i-1", "i-2"] }] };
    ec2.on(DescribeInstancesCommand, known).resolves(showing({ "i-1": "stopping", "i-2": "stopped" }));
    const first = await fence(input, context);
    ec2.on(DescribeInstancesCommand, known).resolves(showing({ "i-1": "stopped", "i-2": "stopped" }));
    const second = await fence({ ...input, fence: { value: first } }, context);

    expect(first).toMatchObject({ done: false, fenced: false, polls: 1, waitSeconds: 3 });
    expect(second).toMatchObject({ done: true, fenced: true, polls: 2, since: first.since });
    expect(ec2).not.toHaveReceivedCommand(StopInstancesCommand);
  });

  it("fence waits for a silent source when the plan requires the fence, then refuses, and records that in the ledger", async () => {
    const context = await aFenceScene("required");
    ec2.on(DescribeInstancesCommand).rejects(silence).on(StopInstancesCommand).rejects(silence);

    expect(await fence(inputSince("2026-03-02T11:55:01.000Z"), context)).toMatchObject({ done: false, fenced: false });
    await expect(fence(late, context)).rejects.toMatchObject({ name: "RefusedError", hint: expect.any(String) });

    const [entry] = await context.store.ledger("shop", run.name);
    expect(entry).toMatchObject({ outcome: "SourceSilent", detail: { fenced: false, stopped: [] } });
  });

  it("fence stops by force what shuts down for two minutes, and says so", async () => {
    const context = await aFenceScene();
    const told = { kind: "server" as const, id: "i-1", stopped: true, by: run.name, at: "2026-03-02T11:58:00.000Z" };
    await context.store.saveFenceRecords("shop", "eu-west-1", [
      told,
      { ...told, id: "i-2", at: "2026-03-02T11:58:01.000Z" },
    ]);
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "stopping", "i-2": "stopping" }));
    ec2.on(StopInstancesCommand).resolves(stopping("i-1"));

    expect(await fence(inputSince(told.at), context)).toMatchObject({ done: false, fenced: false, waitSeconds: 10 });

    expect(ec2).toHaveReceivedCommandTimes(StopInstancesCommand, 1);
    expect(ec2).toHaveReceivedCommandWith(StopInstancesCommand, { InstanceIds: ["i-1"], Force: true });
    expect(await fence(late, context)).toMatchObject({
      done: true,
      fenced: false,
      sourceAnswered: true,
      because: expect.stringContaining("i-1 (stopping), i-2 (stopping); the forced stop had no effect"),
    });
    await expect(fence(inputSince("2026-03-02T11:45:00.000Z"), await aFenceScene("required"))).rejects.toMatchObject({
      name: "RefusedError",
    });
  });
});
