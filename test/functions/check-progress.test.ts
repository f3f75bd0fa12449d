import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { checkProgress, handler } from "../../functions/check-progress.ts";
import { aPlan, aRun } from "../support/builders.ts";
import { aContext, anOutside } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { aHeldRow } from "../support/replication.ts";

const ec2 = mockClient(EC2Client);
beforeEach(() => ec2.reset());

it("looks at the launch of one server of a wave", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aHeldRow() });
  ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [{ Instances: [{ InstanceId: "i-new", State: { Name: "running" } }] }],
  });
  const value = { done: false, again: false, instance: "i-new", polls: 0, waitSeconds: 2, slot: null, since: "" };
  const server = { resource: "web", server: "i-0a", point: "p", name: "web-1", index: 0, zone: 0 };
  const result = await checkProgress(
    { run: aRun(), lease: { value: { generation: 1 } }, server, launch: { value } },
    context,
  );
  expect(result).toMatchObject({ done: true, instance: "i-new", polls: 1 });
});

it("refuses an input that is none", async () => {
  await expect(handler.in(anOutside())({ server: {} }, {} as never)).rejects.toMatchObject({
    name: "PlanInvalidError",
  });
});
