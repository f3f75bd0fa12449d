import { DescribeInstancesCommand, EC2Client, type InstanceStateName } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { launchProgress } from "../../../functions/kinds/instances/launch-progress.ts";
import { aPlan, aRow, aRun, aServer } from "../../support/builders.ts";
import { aContext } from "../../support/context.ts";
import { withTable } from "../../support/memory-table.ts";

const ec2 = mockClient(EC2Client);
const value = {
  done: false,
  again: false,
  instance: "i-new",
  polls: 3,
  waitSeconds: 8,
  slot: "m5.large/subnet-a",
  since: "2026-03-02T12:00:00.000Z",
};
const aScene = () => withTable(aContext(), { plan: aPlan(), row: aRow() });
const look = async (over: Partial<{ instance: string | null; again: boolean }> = {}, context = aScene()) =>
  launchProgress({ run: aRun(), server: aServer(), launch: { value: { ...value, ...over } } }, await context);
const showing = (Name: InstanceStateName) => {
  const StateReason = { Code: "Client.VolumeLimitExceeded", Message: "too many" };
  ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [{ Instances: [{ InstanceId: "i-new", State: { Name }, StateReason }] }],
  });
};

beforeEach(() => {
  ec2.reset();
  ec2.on(DescribeInstancesCommand).resolves({});
});

describe("the progress of a launch", () => {
  it("is done when the instance runs", async () => {
    showing("running");
    const context = await aScene();
    expect(await look({}, Promise.resolve(context))).toEqual({ ...value, done: true, polls: 4, waitSeconds: 3 });
    expect(ec2).toHaveReceivedCommandWith(DescribeInstancesCommand, {
      Filters: [{ Name: "instance-id", Values: ["i-new"] }],
    });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([{ state: "CheckProgress", outcome: "Running" }]);
  });

  it("goes on while it is pending, or not visible yet", async () => {
    expect(await look()).toEqual({ ...value, polls: 4, waitSeconds: 3 });
    showing("pending");
    expect(await look()).toEqual({ ...value, polls: 4, waitSeconds: 3 });
  });

  it.each(["shutting-down", "terminated"] as const)("asks for another slot when it is %s", async (state) => {
    showing(state);
    const context = await aScene();
    const again = { ...value, again: true, instance: null, slot: null, polls: 4, waitSeconds: 3 };
    expect(await look({}, Promise.resolve(context))).toEqual(again);
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { outcome: "Ended", detail: { because: "i-new (Client.VolumeLimitExceeded: too many)" } },
    ]);
  });

  it.each(["stopping", "stopped"] as const)("fails when it is %s by itself", async (state) => {
    showing(state);
    await expect(look()).rejects.toMatchObject({
      name: "ResourceFailedError",
      message: "web-1: i-new (Client.VolumeLimitExceeded: too many) stopped after its launch",
    });
  });

  it("sends a launch that has no instance yet back to Launch, without a call", async () => {
    expect(await look({ instance: null, again: true })).toMatchObject({ again: true, instance: null, polls: 4 });
    expect(ec2.calls()).toHaveLength(0);
  });
});
