import { CreateScheduleCommand, type CreateScheduleCommandInput, SchedulerClient } from "@aws-sdk/client-scheduler";
import { expect, it } from "vitest";
import { scheduler, schedulesToCome } from "../../../simulator/services/scheduler.ts";
import { type Simulated, simulated, startOfTime } from "../../support/simulated.ts";

const region = "eu-central-1";
const inSeconds = (seconds: number) => new Date(startOfTime.getTime() + seconds * 1_000).toISOString().slice(0, 19);
const request = (over: Partial<CreateScheduleCommandInput> = {}): CreateScheduleCommandInput => ({
  Name: "shop-1",
  GroupName: "lifeboat-shop",
  ScheduleExpression: `at(${inSeconds(120)})`,
  ClientToken: "one",
  FlexibleTimeWindow: { Mode: "OFF" },
  ActionAfterCompletion: "DELETE",
  Target: { Arn: "arn:detect", RoleArn: "arn:role", Input: '{"application":"shop"}' },
  ...over,
});

const withScheduler = <T>(body: (live: Simulated, invoked: unknown[]) => Promise<T>) => {
  const invoked: unknown[] = [];
  const Scheduler = scheduler((where, arn, input) => invoked.push([where, arn, input]));
  return simulated({ services: { Scheduler } }, (live) => body(live, invoked));
};
const book = ({ clients }: Simulated, input: CreateScheduleCommandInput) =>
  clients(SchedulerClient, region).send(new CreateScheduleCommand(input));

it("invokes its target once, at the time that it names, and is gone then", () =>
  withScheduler(async (live, invoked) => {
    await book(live, request());
    expect(schedulesToCome(live.world, [region, "eu-west-1"])).toBe(1);
    await live.advance(115);
    expect(invoked).toEqual([]);
    await live.advance(10);
    expect(invoked).toEqual([[region, "arn:detect", { application: "shop" }]]);
    expect(schedulesToCome(live.world, [region])).toBe(0);
    await book(
      live,
      request({ ScheduleExpression: `at(${inSeconds(60)})`, Target: { Arn: "arn:x", RoleArn: "arn:role" } }),
    );
    await live.advance(5);
    expect(invoked).toHaveLength(2);
  }));

it("knows a name that is booked already", () =>
  withScheduler(async (live) => {
    await book(live, request());
    await expect(book(live, request())).rejects.toMatchObject({ name: "ConflictException" });
    await book(live, request({ GroupName: "lifeboat-blog", ClientToken: "another" }));
  }));

it("takes a token for one schedule only", () =>
  withScheduler(async (live) => {
    await book(live, request({ ClientToken: "token" }));
    const other = request({ Name: "another", ClientToken: "token" });
    await expect(book(live, other)).rejects.toMatchObject({ name: "ConflictException" });
  }));

it.each<[string, Partial<CreateScheduleCommandInput>]>([
  ["a name with a space", { Name: "a b" }],
  ["a group with a slash", { GroupName: "a/b" }],
  ["a token that is too long", { ClientToken: "t".repeat(65) }],
  ["a target without a role", { Target: { Arn: "arn:detect", RoleArn: "" } }],
])("refuses %s", (_, over) =>
  withScheduler((live) => expect(book(live, request(over))).rejects.toMatchObject({ name: "ValidationException" })),
);

it.each<[string, Partial<CreateScheduleCommandInput>]>([
  ["a rate", { ScheduleExpression: "rate(1 minute)" }],
  ["a schedule that stays", { ActionAfterCompletion: "NONE" }],
  ["a flexible time", { FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 5 } }],
])("says that %s is not simulated", (_, over) =>
  withScheduler((live) => expect(book(live, request(over))).rejects.toThrow("are simulated")),
);
