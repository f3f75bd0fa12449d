import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { invokeOnce } from "../../functions/aws/scheduler.ts";
import { aContext } from "../support/context.ts";

const mock = mockClient(SchedulerClient);
beforeEach(() => mock.reset());
const book = () =>
  invokeOnce(aContext().clients, "eu-central-1", {
    group: "lifeboat-shop",
    name: "look",
    at: "2026-03-02T12:14:00.000Z",
    target: "arn:f",
    role: "arn:r",
    input: { application: "shop" },
  });

it("invokes a function once at a whole second of UTC, and leaves no schedule behind", async () => {
  mock.on(CreateScheduleCommand).resolves({});
  expect(await book()).toEqual({ booked: true });
  expect(mock.commandCalls(CreateScheduleCommand)[0]?.args[0].input).toEqual({
    GroupName: "lifeboat-shop",
    Name: "look",
    ClientToken: expect.stringMatching(/^[0-9a-f]{64}$/),
    ScheduleExpression: "at(2026-03-02T12:14:00)",
    ScheduleExpressionTimezone: "UTC",
    FlexibleTimeWindow: { Mode: "OFF" },
    ActionAfterCompletion: "DELETE",
    Target: {
      Arn: "arn:f",
      RoleArn: "arn:r",
      Input: '{"application":"shop"}',
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
    },
  });
  expect(await mock.call(0).thisValue.config.maxAttempts()).toBe(1);
});
it("finds one of that name booked already", async () => {
  mock.on(CreateScheduleCommand).rejects(Object.assign(new Error("x"), { name: "ConflictException" }));
  expect(await book()).toEqual({ booked: false });
});
it("passes on every other error", async () => {
  mock.on(CreateScheduleCommand).rejects(Object.assign(new Error("no group"), { name: "ResourceNotFoundException" }));
  await expect(book()).rejects.toThrow("no group");
});
