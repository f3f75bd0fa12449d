import { type AlarmType, CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import type { AlarmState } from "../core/detect/witness.ts";
import type { Clients } from "./calls/clients.ts";

/**
 * States of alarms by name, metric and composite ones alike; an alarm that does not exist is not in the map. One
 * attempt a page: the Region may be the failed one.
 */
export const alarmStates = async (
  clients: Clients,
  region: string,
  names: string[],
): Promise<Record<string, AlarmState>> => {
  const cloudWatch = clients(CloudWatchClient, region, "optional");
  const AlarmTypes: AlarmType[] = ["MetricAlarm", "CompositeAlarm"];
  const states: Record<string, AlarmState> = {};
  let NextToken: string | undefined;
  do {
    const page = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: names, AlarmTypes, ...(NextToken && { NextToken }) }),
    );
    for (const { AlarmName, StateValue, StateReason } of [
      ...(page.MetricAlarms ?? []),
      ...(page.CompositeAlarms ?? []),
    ])
      if (AlarmName) states[AlarmName] = { state: StateValue ?? "INSUFFICIENT_DATA", reason: StateReason ?? "" };
    NextToken = page.NextToken;
  } while (NextToken);
  return states;
};
