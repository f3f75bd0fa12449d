import { DeleteSnapshotCommand, DescribeSnapshotsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { expect, test } from "vitest";
import { createClients, type Reply, type Watch } from "../../../functions/aws/calls/clients.ts";
import { createDryRun } from "../../../functions/aws/calls/dry-run.ts";

const credentials = { credentials: { accessKeyId: "a", secretAccessKey: "s" } };

test("reads go through, what would change something is noted and never sent", async () => {
  const { watch, keptBack } = createDryRun();
  const sent: string[] = [];
  const aws: Watch = async ({ operation }): Promise<Reply> => {
    sent.push(operation);
    return { output: { $metadata: {} }, response: {} };
  };
  const clients = createClients([watch, aws], credentials);
  const ec2 = clients(EC2Client, "eu-west-1", "once");

  await ec2.send(new DescribeSnapshotsCommand({}));
  await expect(ec2.send(new DeleteSnapshotCommand({ SnapshotId: "snap-1" }))).rejects.toMatchObject({
    name: "RefusedError",
    message: "dry run: EC2 DeleteSnapshot in eu-west-1 was not sent",
    hint: "Leave out --dry-run to do it.",
  });
  const machine = { stateMachineArn: "arn:aws:states:eu-west-1:1:stateMachine:x", input: "{}" };
  await expect(clients(SFNClient, "eu-west-1").send(new StartExecutionCommand(machine))).rejects.toThrow("dry run");

  expect(sent).toEqual(["DescribeSnapshots"]);
  expect(keptBack).toEqual([
    { service: "EC2", operation: "DeleteSnapshot", region: "eu-west-1", input: { SnapshotId: "snap-1" } },
    { service: "SFN", operation: "StartExecution", region: "eu-west-1", input: machine },
  ]);
});
