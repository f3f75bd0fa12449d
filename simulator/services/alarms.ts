/** Evaluation of CloudWatch alarms. */

import type { MetricAlarm, StateValue } from "@aws-sdk/client-cloudwatch";
import { type Emitted, isoOf } from "../kernel.ts";

export type Sample = { at: number; value: number };

/** Statistic of each of the last periods that have ended by `now`, oldest first; null where nothing was published. */
export const datapoints = (samples: readonly Sample[], alarm: MetricAlarm, now: number): (number | null)[] => {
  const period = (alarm.Period ?? 60) * 1_000;
  const count = alarm.EvaluationPeriods ?? 1;
  const end = Math.floor(now / period) * period;
  return Array.from({ length: count }, (_, index) => {
    const from = end - (count - index) * period;
    const inside = samples.filter(({ at }) => from <= at && at < from + period).map(({ value }) => value);
    return inside.length ? statistic(inside, alarm.Statistic) : null;
  });
};

const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
const statistic = (values: number[], name: MetricAlarm["Statistic"]): number => {
  if (name === "Maximum") return Math.max(...values);
  if (name === "Minimum") return Math.min(...values);
  if (name === "SampleCount") return values.length;
  return name === "Sum" ? total(values) : total(values) / values.length;
};

export const isBreaching = (value: number, { ComparisonOperator, Threshold = 0 }: MetricAlarm) =>
  ComparisonOperator === "GreaterThanOrEqualToThreshold"
    ? value >= Threshold
    : ComparisonOperator === "GreaterThanThreshold"
      ? value > Threshold
      : ComparisonOperator === "LessThanThreshold"
        ? value < Threshold
        : value <= Threshold;

/** State of an alarm after one evaluation: M of N datapoints, missing ones as TreatMissingData says. [CW:AlarmThatSendsEmail] */
export const judge = (alarm: MetricAlarm, points: (number | null)[]): StateValue => {
  const before = alarm.StateValue ?? "INSUFFICIENT_DATA";
  const { TreatMissingData: treat = "missing", DatapointsToAlarm: needed = points.length } = alarm;
  const found = points.filter((value) => value !== null);
  const missing = points.length - found.length;
  const breaching = found.filter((value) => isBreaching(value, alarm)).length + (treat === "breaching" ? missing : 0);
  const fine = found.filter((value) => !isBreaching(value, alarm)).length + (treat === "notBreaching" ? missing : 0);
  if (breaching >= needed) return "ALARM";
  if (fine > points.length - needed) return "OK";
  return found.length === 0 && treat === "missing" ? "INSUFFICIENT_DATA" : before;
};

/** The event of a state change as CloudWatch sends it. [CW:cloudwatch-and-eventbridge] */
export const stateChange = (region: string, before: MetricAlarm, after: MetricAlarm): Emitted => ({
  "detail-type": "CloudWatch Alarm State Change",
  source: "aws.cloudwatch",
  region,
  resources: [after.AlarmArn ?? ""],
  detail: {
    alarmName: after.AlarmName,
    configuration: {
      metrics: [
        {
          id: "m1",
          metricStat: {
            metric: {
              namespace: after.Namespace,
              name: after.MetricName,
              dimensions: Object.fromEntries((after.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
            },
            period: after.Period,
            stat: after.Statistic,
          },
          returnData: true,
        },
      ],
    },
    previousState: stateOf(before),
    state: stateOf(after),
  },
});

const stateOf = ({ StateValue, StateReason, StateReasonData, StateUpdatedTimestamp }: MetricAlarm) => ({
  value: StateValue,
  reason: StateReason,
  ...(StateReasonData && { reasonData: StateReasonData }),
  timestamp: awsTime(StateUpdatedTimestamp?.getTime() ?? 0),
});

/** CloudWatch writes the offset without a colon. */
export const awsTime = (ms: number) => isoOf(ms).replace("Z", "+0000");
