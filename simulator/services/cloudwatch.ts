/** CloudWatch: metrics, alarms and their actions. */

import type {
  DescribeAlarmsInput,
  Dimension,
  MetricAlarm,
  PutMetricAlarmInput,
  PutMetricDataInput,
} from "@aws-sdk/client-cloudwatch";
import { drawn } from "../durations.ts";
import { trafficSeconds } from "../durations-traffic.ts";
import { AwsError, account, type Operation, type World } from "../kernel.ts";
import { awsTime, datapoints, isBreaching, judge, type Sample, stateChange } from "./alarms.ts";
import { publishTo } from "./sns.ts";

type Metrics = { samples: Map<string, Sample[]>; alarms: Map<string, MetricAlarm>; evaluating: boolean };

/** Samples older than this are not read by any alarm that is simulated. */
const keptMs = 3 * 3_600_000;

/** CloudWatch of one Region: metrics, and alarms that are evaluated once a minute while the Region is up. */
export const cloudwatch: Record<string, Operation> = {
  PutMetricData: (input: PutMetricDataInput, { world, region }) => {
    for (const datum of input.MetricData ?? []) {
      if (datum.Value === undefined)
        throw new Error("simulator/services/cloudwatch.ts: only single values are simulated");
      const at = datum.Timestamp?.getTime() ?? world.now();
      const metric = { Namespace: input.Namespace, MetricName: datum.MetricName, Dimensions: datum.Dimensions };
      publish(world, region, metric, { at, value: datum.Value });
    }
    return {};
  },

  PutMetricAlarm: (input: PutMetricAlarmInput, { world, region }) => {
    putAlarm(world, region, input);
    return {};
  },

  DescribeAlarms: (input: DescribeAlarmsInput, { world, region }) => {
    if (input.AlarmNames && input.AlarmNamePrefix)
      throw new AwsError("ValidationError", "AlarmNames and AlarmNamePrefix must not be given together");
    const wanted = [...metricsOf(world, region).alarms.values()]
      .filter(({ AlarmName = "" }) => input.AlarmNames?.includes(AlarmName) ?? true)
      .filter(({ AlarmName = "" }) => AlarmName.startsWith(input.AlarmNamePrefix ?? ""))
      .filter(({ StateValue }) => input.StateValue === undefined || input.StateValue === StateValue)
      .sort((a, b) => (a.AlarmName! < b.AlarmName! ? -1 : 1));
    const from = Number(input.NextToken ?? 0);
    const page = wanted.slice(from, from + (input.MaxRecords ?? 50));
    const next = from + page.length;
    return {
      MetricAlarms: structuredClone(page),
      CompositeAlarms: [],
      ...(next < wanted.length && { NextToken: String(next) }),
    };
  },
};

type Metric = { Namespace?: string | undefined; MetricName?: string | undefined; Dimensions?: Dimension[] | undefined };

/** Adds one sample to a metric of a Region. */
export const publish = (world: World, region: string, metric: Metric, sample: Sample) => {
  const { samples } = metricsOf(world, region);
  const key = keyOf(metric);
  const kept = (samples.get(key) ?? []).filter(({ at }) => at > world.now() - keptMs);
  samples.set(key, [...kept, sample]);
};

/** Creates an alarm (INSUFFICIENT_DATA at first) or changes it (its state stays). [SDK CloudWatch: PutMetricAlarm] */
export const putAlarm = (world: World, region: string, input: PutMetricAlarmInput) => {
  const metrics = metricsOf(world, region);
  const name = input.AlarmName ?? "";
  const period = input.Period ?? 0;
  if (!name || !input.MetricName || !input.EvaluationPeriods || period < 60 || period % 60 !== 0)
    throw new AwsError(
      "ValidationError",
      "AlarmName, MetricName, EvaluationPeriods and a Period of minutes are needed",
    );
  const known = metrics.alarms.get(name);
  metrics.alarms.set(name, {
    StateValue: "INSUFFICIENT_DATA",
    StateReason: "Unchecked: Initial alarm creation",
    StateUpdatedTimestamp: new Date(world.now()),
    StateTransitionedTimestamp: new Date(world.now()),
    ...(known && pick(known)),
    ...(structuredClone(input) as MetricAlarm),
    AlarmArn: `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
  });
  if (metrics.evaluating) return;
  metrics.evaluating = true;
  everyMinute(world, evaluationOffset(world, region), () => evaluate(world, region));
};

/** Newest ended period of an alarm's metric: breaching, fine, or null when there is none, or nobody can read it. */
export const readStream = (world: World, region: string, name: string): "breaching" | "fine" | null => {
  const alarm = metricsOf(world, region).alarms.get(name);
  if (!alarm || world.faults.isRegionDown(region, world.now())) return null;
  const samples = metricsOf(world, region).samples.get(keyOf(alarm)) ?? [];
  const newest = datapoints(samples, alarm, world.now()).at(-1) ?? null;
  return newest === null ? null : isBreaching(newest, alarm) ? "breaching" : "fine";
};

/** Seconds after the full minute at which a Region's new datapoints are seen: drawn from the seed alone. */
export const evaluationOffset = (world: World, region: string) =>
  drawn(world.random.fork(`datapoint ${region}`), trafficSeconds.datapoint);

/** Does it so many seconds after every full minute, from the next one on. */
export const everyMinute = (world: World, offsetSeconds: number, what: () => void) => {
  const period = trafficSeconds.metricPeriod * 1_000;
  const next = () => {
    const due = (Math.floor((world.now() - offsetSeconds * 1_000) / period) + 1) * period + offsetSeconds * 1_000;
    world.after(Math.max(0.001, (due - world.now()) / 1_000), () => {
      what();
      next();
    });
  };
  next();
};

const metricsOf = (world: World, region: string) =>
  world.region<Metrics>("CloudWatch", region, () => ({ samples: new Map(), alarms: new Map(), evaluating: false }));

const keyOf = ({ Namespace, MetricName, Dimensions = [] }: Metric) =>
  JSON.stringify([Namespace, MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).sort()]);

const pick = ({ StateValue, StateReason, StateUpdatedTimestamp, StateTransitionedTimestamp }: MetricAlarm) => ({
  StateValue,
  StateReason,
  StateUpdatedTimestamp,
  StateTransitionedTimestamp,
});

/** An alarm tells its topics of the state that it enters; topics of its own Region only. [CW:AlarmThatSendsEmail] */
const tell = (world: World, region: string, alarm: MetricAlarm) => {
  const { AlarmName = "", AlarmActions = [], OKActions = [], StateValue = "OK", StateReason = "" } = alarm;
  const topics = { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: [] as string[] }[StateValue] ?? [];
  for (const topic of topics)
    publishTo(world, region, topic, { subject: `${StateValue}: "${AlarmName}" in ${region}`, message: StateReason });
};

const evaluate = (world: World, region: string) => {
  if (world.faults.isRegionDown(region, world.now())) return;
  const { samples, alarms } = metricsOf(world, region);
  for (const alarm of alarms.values()) {
    const points = datapoints(samples.get(keyOf(alarm)) ?? [], alarm, world.now());
    const state = judge(alarm, points);
    if (state === alarm.StateValue) continue;
    const before = { ...alarm };
    const shown = points.map((value) => (value === null ? "missing" : String(value))).join(", ");
    Object.assign(alarm, {
      StateValue: state,
      StateReason: `Threshold ${alarm.Threshold}, newest datapoints: ${shown}`,
      StateReasonData: JSON.stringify({ version: "1.0", queryDate: awsTime(world.now()), recentDatapoints: points }),
      StateUpdatedTimestamp: new Date(world.now()),
      StateTransitionedTimestamp: new Date(world.now()),
    });
    world.emit(stateChange(region, before, alarm));
    tell(world, region, alarm);
  }
};
