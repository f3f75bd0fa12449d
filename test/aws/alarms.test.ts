import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { mockClient } from "aws-sdk-client-mock";
import { expect, it } from "vitest";
import { alarmStates } from "../../functions/aws/alarms.ts";
import { aContext } from "../support/context.ts";

it("reads every page, metric and composite alarms alike", async () => {
  const mock = mockClient(CloudWatchClient);
  mock
    .on(DescribeAlarmsCommand)
    .resolvesOnce({ MetricAlarms: [{ AlarmName: "a", StateValue: "OK", StateReason: "fine" }, {}], NextToken: "2" })
    .resolvesOnce({ CompositeAlarms: [{ AlarmName: "b" }] });
  expect(await alarmStates(aContext().clients, "eu-west-1", ["a", "b", "c"])).toEqual({
    a: { state: "OK", reason: "fine" },
    b: { state: "INSUFFICIENT_DATA", reason: "" },
  });
  const inputs = mock.commandCalls(DescribeAlarmsCommand).map(({ args: [{ input }] }) => input);
  expect(inputs).toEqual([
    { AlarmNames: ["a", "b", "c"], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] },
    { AlarmNames: ["a", "b", "c"], AlarmTypes: ["MetricAlarm", "CompositeAlarm"], NextToken: "2" },
  ]);
});
