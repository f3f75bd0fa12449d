import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { executionOf, startOnce } from "../../functions/aws/executions.ts";
import { aContext } from "../support/context.ts";

const mock = mockClient(SFNClient);
beforeEach(() => mock.reset());
const start = () =>
  startOnce(aContext().clients, "eu-central-1", { machine: "arn:m", name: "n", input: { application: "shop" } });

it("starts an execution", async () => {
  mock.on(StartExecutionCommand).resolves({ executionArn: "arn:e" });
  expect(await start()).toEqual({ started: true });
  expect(mock.commandCalls(StartExecutionCommand)[0]?.args[0].input).toEqual({
    stateMachineArn: "arn:m",
    name: "n",
    input: '{"application":"shop"}',
  });
});
it("finds that it was started before", async () => {
  mock.on(StartExecutionCommand).rejects(Object.assign(new Error("x"), { name: "ExecutionAlreadyExists" }));
  expect(await start()).toEqual({ started: false });
});
it("passes on every other error", async () => {
  mock.on(StartExecutionCommand).rejects(Object.assign(new Error("no"), { name: "AccessDenied" }));
  await expect(start()).rejects.toThrow("no");
});

const machine = "arn:aws:states:eu-central-1:111122223333:stateMachine:lifeboat-failover:live";
it("finds an execution by the name of its machine, or of the machine's alias", async () => {
  const stoppedAt = new Date("2026-03-02T12:00:00.000Z");
  mock.on(DescribeExecutionCommand).resolves({ status: "FAILED", error: "E", stopDate: stoppedAt, input: '{"a":1}' });
  const found = await executionOf(aContext().clients, "eu-central-1", machine, "run-1");
  expect(found).toEqual({ status: "FAILED", error: "E", stoppedAt, input: { a: 1 } });
  expect(mock.commandCalls(DescribeExecutionCommand)[0]?.args[0].input.executionArn).toBe(
    "arn:aws:states:eu-central-1:111122223333:execution:lifeboat-failover:run-1",
  );
  await executionOf(aContext().clients, "eu-central-1", machine.replace(":live", ""), "run-1");
  expect(new Set(mock.commandCalls(DescribeExecutionCommand).map(({ args }) => args[0].input.executionArn)).size).toBe(
    1,
  );
});
it("finds none that there never was, and passes on every other error", async () => {
  const failing = (name: string) => mock.on(DescribeExecutionCommand).rejects(Object.assign(new Error("x"), { name }));
  failing("ExecutionDoesNotExist");
  expect(await executionOf(aContext().clients, "eu-central-1", machine, "n")).toBeNull();
  failing("ThrottlingException");
  await expect(executionOf(aContext().clients, "eu-central-1", machine, "n")).rejects.toThrow("x");
});
