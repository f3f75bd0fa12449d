import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { putTakeover } from "../../../functions/aws/takeover.ts";
import type { BusEvent } from "../../../simulator/kernel.ts";
import type { Fault } from "../../../simulator/scenario/fault.ts";
import { messagesOf } from "../../../simulator/services/sns.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const region = "eu-central-1";
const takeover = "lifeboat-takeover-shop";
const stateOf = async ({ clients }: Simulated, name = takeover, where = region) => {
  const found = await clients(CloudWatchClient, where).send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  return found.MetricAlarms?.[0]?.StateValue;
};
const anAlarm = (name: string, over: Partial<PutMetricAlarmCommandInput> = {}) =>
  new PutMetricAlarmCommand({
    AlarmName: name,
    Namespace: "N",
    MetricName: "M",
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    ...over,
  });

it("an alarm tells its topics of the state that it enters", async () => {
  const topic = `arn:aws:sns:${region}:111122223333:lifeboat`;
  const told = await simulated({ traffic: true }, async (live) => {
    const sum = { AlarmActions: [topic], OKActions: [], TreatMissingData: "notBreaching" as const };
    await live.clients(CloudWatchClient, region).send(anAlarm("a", sum));
    const datum = { MetricName: "M", Value: 1 };
    await live
      .clients(CloudWatchClient, region)
      .send(new PutMetricDataCommand({ Namespace: "N", MetricData: [datum] }));
    await live.advance(400);
    return messagesOf(live.world).map(({ topic: to, subject }) => [to, subject]);
  });
  expect(told).toEqual([[topic, `ALARM: "a" in ${region}`]]);
});

describe("the takeover alarm", () => {
  it("the takeover alarm has the shape that the switch stack gives it", async () => {
    const [alarm] = await simulated({ traffic: true }, async ({ clients }) => {
      const found = await clients(CloudWatchClient, region).send(new DescribeAlarmsCommand({ AlarmNames: [takeover] }));
      return found.MetricAlarms ?? [];
    });
    expect(alarm).toMatchObject({
      StateValue: "INSUFFICIENT_DATA",
      Namespace: "Lifeboat",
      MetricName: "Takeover",
      Dimensions: [{ Name: "Application", Value: "shop" }],
      Statistic: "Maximum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      TreatMissingData: "ignore",
    });
  });

  it("the takeover alarm goes to ALARM once the minute of the metric has ended, and stays there in silence", async () => {
    const states = await simulated({ traffic: true }, async (live) => {
      await putTakeover(live.clients, region, "shop", 0);
      await live.advance(90);
      const seen = [await stateOf(live)];
      await putTakeover(live.clients, region, "shop", 1);
      await live.advance(10);
      seen.push(await stateOf(live));
      await live.advance(75);
      seen.push(await stateOf(live));
      await live.advance(3_600);
      return [...seen, await stateOf(live)];
    });
    expect(states).toEqual(["OK", "OK", "ALARM", "ALARM"]);
  });

  it("tells the event bus about a change, once, in CloudWatch's form", async () => {
    const events: BusEvent[] = [];
    await simulated({ traffic: true }, async (live) => {
      live.world.onEvent((event) => events.push(event));
      await putTakeover(live.clients, region, "shop", 1);
      await live.advance(300);
    });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      "detail-type": "CloudWatch Alarm State Change",
      source: "aws.cloudwatch",
      region,
      resources: [`arn:aws:cloudwatch:${region}:111122223333:alarm:${takeover}`],
      detail: {
        alarmName: takeover,
        previousState: { value: "INSUFFICIENT_DATA" },
        state: { value: "ALARM", timestamp: expect.stringMatching(/\+0000$/) },
        configuration: { metrics: [{ metricStat: { metric: { dimensions: { Application: "shop" } }, period: 60 } }] },
      },
    });
  });

  it("the takeover alarm says nothing while its Region is dark", async () => {
    const events: BusEvent[] = [];
    const dark: Fault = { fault: "region-down", region, from: 2_000, until: 600_000 };
    const state = await simulated({ traffic: true, faults: [dark] }, async (live) => {
      live.world.onEvent((event) => events.push(event));
      await putTakeover(live.clients, region, "shop", 1);
      await live.advance(590);
      const silent = events.length;
      await live.advance(120);
      return { silent, after: await stateOf(live) };
    });
    expect(state).toEqual({ silent: 0, after: "INSUFFICIENT_DATA" });
  });
});

describe("alarms", () => {
  it("are listed in pages, by prefix and by state", async () => {
    const names = await simulated({ traffic: true }, async ({ clients }) => {
      const cloudwatch = clients(CloudWatchClient, region);
      for (const name of ["app-c", "app-a", "app-b"]) await cloudwatch.send(anAlarm(name));
      const first = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: "app-", MaxRecords: 2 }));
      const second = await cloudwatch.send(
        new DescribeAlarmsCommand({ AlarmNamePrefix: "app-", NextToken: first.NextToken }),
      );
      const ok = await cloudwatch.send(new DescribeAlarmsCommand({ StateValue: "OK" }));
      return [first, second, ok].map(({ MetricAlarms }) => MetricAlarms?.map(({ AlarmName }) => AlarmName));
    });
    expect(names).toEqual([["app-a", "app-b"], ["app-c"], []]);
  });

  it("keep their state when they are changed", async () => {
    const state = await simulated({ traffic: true }, async (live) => {
      const cloudwatch = live.clients(CloudWatchClient, region);
      await cloudwatch.send(anAlarm("a", { TreatMissingData: "breaching" }));
      await live.advance(90);
      await cloudwatch.send(anAlarm("a", { TreatMissingData: "ignore" }));
      await live.advance(90);
      return stateOf(live, "a");
    });
    expect(state).toBe("ALARM");
  });

  it("need a period of whole minutes", async () => {
    const error = await simulated({ traffic: true }, ({ clients }) =>
      clients(CloudWatchClient, region)
        .send(anAlarm("a", { Period: 45 }))
        .catch((thrown) => thrown),
    );
    expect(error.name).toBe("ValidationError");
  });
});
