import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { startOnce } from "../../functions/aws/executions.ts";
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
