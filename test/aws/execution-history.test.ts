import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, expect, test } from "vitest";
import { createClients } from "../../functions/aws/calls/clients.ts";
import { describeExecution, startExecution, statesLeft } from "../../functions/aws/execution-history.ts";

const sfn = mockClient(SFNClient);
const clients = createClients([], { credentials: { accessKeyId: "a", secretAccessKey: "s" } });
const region = "eu-central-1";
const arn = "arn:aws:states:eu-central-1:111122223333:execution:lifeboat-rotate:x";

beforeEach(() => sfn.reset());

test("an execution is started by name, and its ARN is given", async () => {
  sfn.on(StartExecutionCommand).resolves({ executionArn: arn });
  const start = { machine: "arn:m:live", name: "x", input: { application: "shop" } };
  expect(await startExecution(clients, region, start)).toBe(arn);
  expect(sfn).toHaveReceivedCommandWith(StartExecutionCommand, {
    stateMachineArn: "arn:m:live",
    name: "x",
    input: '{"application":"shop"}',
  });
});

test("an execution that runs has no end, one that failed has its error", async () => {
  const startDate = new Date("2026-03-02T12:00:00Z");
  sfn.on(DescribeExecutionCommand).resolves({ status: "RUNNING", startDate });
  expect(await describeExecution(clients, region, arn)).toEqual({
    status: "RUNNING",
    startedAt: "2026-03-02T12:00:00.000Z",
    stoppedAt: null,
    output: null,
    error: null,
    cause: null,
  });
  sfn.on(DescribeExecutionCommand).resolves({
    status: "FAILED",
    startDate,
    stopDate: startDate,
    error: "RefusedError",
    cause: "no",
    output: "{}",
  });
  expect(await describeExecution(clients, region, arn)).toMatchObject({
    status: "FAILED",
    error: "RefusedError",
    cause: "no",
    output: "{}",
  });
});

const event = (id: number, state?: string): HistoryEvent => ({
  id,
  timestamp: new Date(0),
  type: state ? "TaskStateExited" : "TaskScheduled",
  ...(state && { stateExitedEventDetails: { name: state, output: `{"n":${id}}` } }),
});

test("a history is read from its end, as far as it is new, over all pages", async () => {
  sfn
    .on(GetExecutionHistoryCommand, { nextToken: undefined })
    .resolves({ events: [event(9, "Copy"), event(8)], nextToken: "more" })
    .on(GetExecutionHistoryCommand, { nextToken: "more" })
    .resolves({ events: [event(7, "Snapshot"), event(6)], nextToken: "never" });
  expect(await statesLeft(clients, region, arn, 6)).toEqual({
    left: [
      { id: 7, state: "Snapshot", output: '{"n":7}' },
      { id: 9, state: "Copy", output: '{"n":9}' },
    ],
    last: 9,
  });
  expect(sfn).toHaveReceivedCommandTimes(GetExecutionHistoryCommand, 2);
});

test("a history without news keeps its place", async () => {
  sfn.on(GetExecutionHistoryCommand).resolves({ events: [event(9, "Copy")] });
  expect(await statesLeft(clients, region, arn, 9)).toEqual({ left: [], last: 9 });
});
