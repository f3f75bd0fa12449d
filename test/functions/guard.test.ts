import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { marshall } from "@aws-sdk/util-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { guard } from "../../functions/guard.ts";
import { aPlan, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { regionsOf } from "../support/regions.ts";

const ec2 = mockClient(EC2Client);
const dynamo = mockClient(DynamoDBClient);
const input = { application: "shop" };
const aScene = () => {
  const context = aContext();
  return { ...context, settings: { ...context.settings, region: "eu-west-1" } };
};
const key = (sk: string) => ({ pk: "shop", sk });
const moved = aRow({ phase: "failedOver", active: "eu-central-1", generation: 3 });
const item = (value: object) => marshall(value, { removeUndefinedValues: true });
/** What the table of the recovery Region says, all in one call. */
const home = (row: object | null, version: string | null = "v1") => {
  const items = [...(row ? [{ ...key("row"), ...row }] : []), ...(version ? [{ ...key("plan"), version }] : [])];
  dynamo.on(BatchGetItemCommand).resolves({ Responses: { lifeboat: items.map(item) } });
  dynamo.on(GetItemCommand, { Key: item(key("plan#v1")) }).resolves({ Item: item({ plan: aPlan() }) });
  dynamo.on(GetItemCommand, { Key: item(key("row")) }).resolves(row ? { Item: item(row) } : {});
};
const showing = (InstanceId: string, Name: "running" | "stopping") => ({
  Reservations: [{ Instances: [{ InstanceId, State: { Name } }] }],
});
const fault = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error("no"), { name, $metadata: { httpStatusCode } });

beforeEach(() => {
  ec2.reset();
  dynamo.reset();
  dynamo.on(QueryCommand).resolves({});
  dynamo.on(BatchWriteItemCommand).resolves({});
  ec2.on(DescribeInstancesCommand).resolves({});
});
// it stops in its own Region, and reads in the other one
afterEach(async () => {
  expect([[], ["eu-west-1"]]).toContainEqual(await regionsOf(ec2));
  expect(await regionsOf(dynamo)).toEqual(["eu-central-1"]);
});

describe("guard", () => {
  it("guard reads the table once, consistently, and does nothing more while nothing has failed over", async () => {
    home(aRow());
    const context = aScene();

    expect(await guard(input, context)).toEqual({ code: "NotFailedOver", because: "shop is protected", changed: [] });

    expect(dynamo).toHaveReceivedCommandTimes(BatchGetItemCommand, 1);
    const { RequestItems } = dynamo.commandCalls(BatchGetItemCommand)[0]!.args[0].input;
    expect(RequestItems?.lifeboat?.ConsistentRead).toBe(true);
    expect(dynamo.calls()).toHaveLength(1);
    expect(ec2.calls()).toHaveLength(0);
    expect(context.told.metrics).toEqual([]);
  });

  it("guard stops what the plan selects and what the fence knew, and counts it", async () => {
    home(moved);
    const held = { kind: "server", id: "i-2", stopped: true, by: "run-1", at: "2026-03-02T11:00:00.000Z" };
    dynamo.on(QueryCommand).resolves({ Items: [item({ ...key("held#eu-west-1#server#i-2"), ...held })] });
    ec2
      .on(DescribeInstancesCommand, { Filters: [{ Name: "instance-id", Values: ["i-2"] }] })
      .resolvesOnce(showing("i-2", "running"))
      .on(DescribeInstancesCommand, {
        Filters: [
          { Name: "tag:App", Values: ["shop"] },
          { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
        ],
      })
      .resolves(showing("i-1", "running"));
    ec2.on(StopInstancesCommand).resolves({
      StoppingInstances: ["i-2", "i-1"].map((InstanceId) => ({ InstanceId, CurrentState: { Name: "stopping" } })),
    });
    const context = aScene();

    expect(await guard(input, context)).toMatchObject({ code: "Acted", changed: ["i-2", "i-1"] });

    expect(ec2).toHaveReceivedCommandWith(StopInstancesCommand, { InstanceIds: ["i-2", "i-1"] });
    expect(context.told.metrics).toEqual([{ name: "GuardActed", value: 2, dimensions: { Application: "shop" } }]);
  });

  it.each([
    ["there is no row", () => home(null), "the recovery Region returned no state record of this application"],
    ["there is no plan", () => home(moved, null), "shop failed over and is active in eu-central-1"],
    ["nobody answers", () => dynamo.on(BatchGetItemCommand).rejects(fault("TimeoutError")), "TimeoutError: no"],
    [
      "it is throttled",
      () => dynamo.on(BatchGetItemCommand).rejects(fault("ThrottlingException")),
      "ThrottlingException",
    ],
    [
      "the plan cannot be read",
      () => {
        home(moved);
        dynamo.on(GetItemCommand).rejects(fault("InternalServerError", 500));
      },
      "InternalServerError",
    ],
    [
      "what is held cannot be read",
      () => {
        home(moved);
        dynamo.on(QueryCommand).rejects(fault("ThrottlingException"));
      },
      "ThrottlingException",
    ],
  ])("guard touches nothing when %s, and reports that by log and metric", async (_case, arrange, because) => {
    arrange();
    const context = aScene();

    const result = await guard(input, context);

    expect(result).toMatchObject({ code: "Unclear", because: expect.stringContaining(because), changed: [] });
    expect(ec2.calls()).toHaveLength(0);
    expect(context.told.metrics).toEqual([{ name: "GuardUnclear", value: 1, dimensions: { Application: "shop" } }]);
    expect(context.told.logs.join()).toContain("Unclear");
  });

  it.each([
    ["a failback has begun", { ...moved, phase: "running" }],
    ["the application is active here again", { ...moved, active: "eu-west-1" }],
    ["the row is gone", null],
  ])(
    "guard reads the row once more, consistently, before it acts: touches nothing when %s since",
    async (_case, now) => {
      home(moved);
      dynamo.on(GetItemCommand, { Key: item(key("row")) }).resolves(now ? { Item: item(now) } : {});
      ec2.on(DescribeInstancesCommand).resolves(showing("i-1", "running"));
      const context = aScene();

      expect(await guard(input, context)).toMatchObject({ code: "Unclear", changed: [] });

      expect(dynamo).toHaveReceivedCommandWith(GetItemCommand, { Key: item(key("row")), ConsistentRead: true });
      expect(ec2).not.toHaveReceivedCommand(StopInstancesCommand);
    },
  );

  it("guard stops by force what has shut down for two minutes, and says that it hangs", async () => {
    home(moved);
    const held = { kind: "server", id: "i-1", stopped: true, by: "guard", at: "2026-03-02T11:58:00.000Z" };
    dynamo.on(QueryCommand).resolves({ Items: [item({ ...key("held#eu-west-1#server#i-1"), ...held })] });
    ec2.on(DescribeInstancesCommand).resolves(showing("i-1", "stopping"));
    ec2.on(StopInstancesCommand).resolves({});

    expect(await guard(input, aScene())).toMatchObject({
      code: "Acted",
      because: expect.stringContaining("i-1 hangs while it stops"),
      changed: ["i-1"],
    });

    expect(ec2).toHaveReceivedCommandWith(StopInstancesCommand, { InstanceIds: ["i-1"], Force: true });
  });

  it("guard stops nothing blindly: a server that nobody lists may be one whose data would be lost", async () => {
    home(moved);
    const held = { kind: "server", id: "i-2", stopped: true, by: "run-1", at: "2026-03-02T11:00:00.000Z" };
    dynamo.on(QueryCommand).resolves({ Items: [item({ ...key("held#eu-west-1#server#i-2"), ...held })] });
    ec2
      .on(DescribeInstancesCommand)
      .resolves(showing("i-1", "running"))
      .on(DescribeInstancesCommand, { Filters: [{ Name: "instance-id", Values: ["i-2"] }] })
      .rejects(fault("RequestLimitExceeded"));
    ec2.on(StopInstancesCommand).resolves({
      StoppingInstances: [{ InstanceId: "i-1", CurrentState: { Name: "stopping" } }],
    });

    expect(await guard(input, aScene())).toMatchObject({
      code: "Acted",
      because: expect.stringContaining("i-2 still runs"),
      changed: ["i-1"],
    });

    expect(ec2).toHaveReceivedCommandTimes(StopInstancesCommand, 1);
    expect(ec2).toHaveReceivedCommandWith(StopInstancesCommand, { InstanceIds: ["i-1"] });
  });

  it("guard says each minute what it cannot stop", async () => {
    home(moved);
    ec2.on(DescribeInstancesCommand).resolves(showing("i-1", "running"));
    ec2.on(StopInstancesCommand).rejects(fault("OperationNotPermitted"));
    const context = aScene();

    expect(await guard(input, context)).toMatchObject({
      code: "NotProven",
      because: expect.stringContaining("i-1 still runs"),
      changed: [],
    });
    expect(context.told.metrics.map(({ name }) => name)).toEqual(["GuardNotProven"]);
  });
});
