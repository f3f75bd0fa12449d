import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeAvailabilityZonesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import type { Evidence } from "../../functions/core/detect/evidence.ts";
import type { Controls } from "../../functions/core/model/operator-controls.ts";
import type { Detect, Witness } from "../../functions/core/model/plan.ts";
import type { Row } from "../../functions/core/model/row.ts";
import { detect } from "../../functions/detect.ts";
import type { DnsAnswer, HttpAnswer } from "../../functions/runtime/context.ts";
import { aPlan, aRow } from "./builders.ts";
import { aContext } from "./context.ts";
import { withTable } from "./memory-table.ts";

export const ec2 = mockClient(EC2Client);
export const cloudWatch = mockClient(CloudWatchClient);
export const states = mockClient(SFNClient);
export const sns = mockClient(SNSClient);
export const scheduler = mockClient(SchedulerClient);
export const error = (name: string) => Object.assign(new Error("no answer"), { name });

const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
const alarm = { name: "errors", kind: "alarm" as const, alarm: "errors", region: "eu-west-1" };

/** One application over the minutes: a clock that goes on, a canary that is up or down, a Region that answers or not. */
export const aWorld = async (
  over: { detect?: Partial<Detect>; row?: Row; topics?: string[]; witnesses?: Witness[] } = {},
) => {
  const base = aPlan().detect;
  const plan = aPlan({
    detect: { ...base, witnesses: [alarm, ...base.witnesses, ...(over.witnesses ?? [])], ...over.detect },
    notify: { topics: over.topics ?? [topic], on: ["decision", "hold", "done", "rpo"] },
  });
  const world = {
    seconds: 0,
    canary: { status: 200, body: "" } as HttpAnswer,
    txt: { error: "ENOTFOUND" } as DnsAnswer,
  };
  const context = await withTable(
    aContext({
      now: () => new Date(Date.parse("2026-03-02T12:00:00.000Z") + world.seconds * 1_000),
      net: {
        http: async () => world.canary,
        tcp: async () => ({ error: "ECONNREFUSED" }),
        resolve: async () => world.txt,
      },
    }),
    { plan, row: over.row ?? aRow() },
  );
  await context.store.savePlan(plan);
  await context.store.beginProof(plan.application, context.now());
  const tick = (event: unknown = { application: "shop" }) => detect(event, context);
  const minutes = async (count: number) => {
    let last: Awaited<ReturnType<typeof tick>> = { dropped: "no tick" };
    for (let minute = 0; minute < count; minute++) {
      last = await tick();
      world.seconds += 60;
    }
    return last as Exclude<typeof last, { dropped: string }>;
  };
  const die = () => {
    world.canary = { error: "ETIMEDOUT" };
    ec2.on(DescribeAvailabilityZonesCommand).rejects(error("TimeoutError"));
    cloudWatch.on(DescribeAlarmsCommand).rejects(error("TimeoutError"));
  };
  const evidence = () => context.store.evidence<Evidence>("shop");
  const tell = (controls: Partial<Controls>) => context.store.setControls("shop", controls);
  return { context, world, tick, minutes, die, evidence, tell, plan };
};
export const armedMinutes = 11;
export const heartbeats = () =>
  cloudWatch.commandCalls(PutMetricDataCommand).map(({ args: [{ input }] }) => input.MetricData?.[0]?.Value);
export const started = () => states.commandCalls(StartExecutionCommand).map(({ args: [{ input }] }) => input);
export const messages = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Subject);

export const booked = () => scheduler.commandCalls(CreateScheduleCommand).map(({ args: [{ input }] }) => input);

/** A healthy world, whose services take what they are given. */
export const reset = () => {
  for (const mock of [ec2, cloudWatch, states, sns, scheduler]) mock.reset();
  ec2.on(DescribeAvailabilityZonesCommand).resolves({ AvailabilityZones: [{ ZoneName: "eu-west-1a" }] });
  cloudWatch.on(PutMetricDataCommand).resolves({});
  cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: "errors", StateValue: "OK" }] });
  states.on(StartExecutionCommand).resolves({ executionArn: "arn:started" });
  states.on(DescribeExecutionCommand).rejects(error("ExecutionDoesNotExist"));
  sns.on(PublishCommand).resolves({});
  scheduler.on(CreateScheduleCommand).resolves({});
};
