import { functionName } from "../functions/core/deployed-names.ts";
import { homeOf, protectedOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { lookedMetric, takeoverAlarmName, takeoverMetric } from "../functions/core/names.ts";
import { proofAgeSecondsMax } from "../functions/core/readiness/proof.ts";
import { type Fragment, sub } from "./fragment.ts";
import { detectFailedAlarmName, heartbeatAlarmName } from "./heartbeat-alarm.ts";
import { machineArn } from "./names.ts";
import { proofAlarmName } from "./proof-alarm.ts";
import { readinessAlarmName } from "./readiness-alarm.ts";
import { rpoAlarmNames } from "./rpo-alarms.ts";
import { trafficAlarmName } from "./traffic-alarm.ts";

/** One page of an application in the console of its recovery Region: what the controller sees, has and does. */
export const dashboard = (plan: Plan): Fragment => ({
  Resources: {
    Dashboard: {
      Type: "AWS::CloudWatch::Dashboard",
      Properties: {
        DashboardName: `lifeboat-${plan.application}`,
        DashboardBody: sub(JSON.stringify({ start: "-PT6H", widgets: placed(widgetsOf(plan)) })),
      },
    },
  },
});

type Widget = { type: "metric" | "alarm" | "log" | "text"; height: number; properties: Record<string, unknown> };

const widgetsOf = (plan: Plan): Widget[] => [
  heading(plan),
  alarms(plan),
  witnesses(plan),
  verdict(plan),
  trafficSwitch(plan),
  rights(plan),
  readiness(plan),
  ...plan.protect.flatMap(({ name }) => [recoveryPoints(plan, name), copyQueue(plan, name)]),
  runs(plan),
  lastRuns(plan),
];

const columns = 24;

/** Two to a row, in the order given; text takes a whole row. [CW:CloudWatch-Dashboard-Body-Structure] */
const placed = (widgets: Widget[]) => {
  let [x, y, tallest] = [0, 0, 0];
  return widgets.map((widget) => {
    const width = widget.type === "text" ? columns : columns / 2;
    if (x + width > columns) [x, y, tallest] = [0, y + tallest, 0];
    const at = { x, y, width, ...widget };
    [x, tallest] = [x + width, Math.max(tallest, widget.height)];
    return at;
  });
};

const heading = ({ application, regions, objectives, detect }: Plan): Widget => ({
  type: "text",
  height: 2,
  properties: {
    markdown: [
      `# ${application}: ${protectedOf({ regions })} → ${homeOf({ regions })}`,
      `RPO ${objectives.rpoSeconds} s · RTO ${objectives.rtoSeconds} s · action ${detect.action} · \`lifeboat status\` prints the same as text.`,
    ].join("\n"),
  },
});

/** One widget shows so many alarms. [CW:CloudWatch-Dashboard-Body-Structure] */
const alarmsMax = 100;

/** Alarms of the recovery Region only: the others are in the Regions of their sensors. */
const alarms = (plan: Plan): Widget => {
  const { application, traffic } = plan;
  const names = [
    heartbeatAlarmName(application),
    proofAlarmName(application),
    readinessAlarmName(application),
    ...(traffic ? [trafficAlarmName(application)] : []),
    ...(traffic?.switch === "takeover" && traffic.healthCheck === "create" ? [takeoverAlarmName(application)] : []),
    `lifeboat-${application}-undelivered`,
    detectFailedAlarmName(application),
    ...rpoAlarmNames(plan),
  ].slice(0, alarmsMax);
  const arn = (name: string) => `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:${name}`;
  return { type: "alarm", height: 6, properties: { title: "Alarms", alarms: names.map(arn) } };
};

type Options = { stat?: string; period?: number; most?: number; objective?: { label: string; value: number } };

const graph = (title: string, metrics: unknown[], { stat = "Maximum", period = 60, most, objective }: Options = {}) =>
  ({
    type: "metric",
    height: 6,
    properties: {
      title,
      region: "${AWS::Region}",
      view: "timeSeries",
      stat,
      period,
      metrics,
      yAxis: { left: { min: 0, ...(most !== undefined && { max: most }) } },
      ...(objective && { annotations: { horizontal: [objective] } }),
    },
  }) satisfies Widget;

/** A metric that a function publishes: Powertools adds the dimension `service`. */
const ours = (metric: string, dimensions: Record<string, string>, label: string) => [
  ...["Lifeboat", metric],
  ...Object.entries({ service: "lifeboat", ...dimensions }).flat(),
  { label },
];

const witnesses = ({ application, detect }: Plan) =>
  graph(
    "Witnesses: 1 unhealthy, 0.5 cannot tell; no data while healthy",
    detect.witnesses.map(({ name }) => ours("WitnessState", { Application: application, Witness: name }, name)),
    { most: 1 },
  );

const verdict = ({ application }: Plan) =>
  graph(verdictTitle, [ours("Verdict", { Application: application }, "verdict")], { most: 5 });
const verdictTitle =
  "Verdict: 1 cannot tell, 2 disagree, 3 degraded, 4 application, 5 Region unhealthy; no data while healthy";

const trafficSwitch = ({ application, regions, traffic }: Plan) =>
  graph(
    `Switch: 1 = traffic goes to ${homeOf({ regions })}`,
    [
      [takeoverMetric.namespace, takeoverMetric.name, takeoverMetric.dimension, application, { label: "switch" }],
      [takeoverMetric.namespace, lookedMetric, takeoverMetric.dimension, application, { label: "looks" }],
      ...(traffic ? [ours("TrafficElsewhere", { Application: application }, "elsewhere")] : []),
    ],
    { most: 1 },
  );

const rights = ({ application }: Plan) =>
  graph("Failover permissions: seconds since the last proof", [ours("ProofAge", { Application: application }, "age")], {
    objective: { label: "alarm", value: proofAgeSecondsMax },
  });

const readiness = ({ application }: Plan) =>
  graph("Reasons why a failover would not work: lifeboat status lists them", [
    ours("NotReady", { Application: application }, "reasons"),
  ]);

const recoveryPoints = ({ application, objectives }: Plan, resource: string) => {
  const of = { Application: application, Resource: resource };
  return graph(
    `${resource}: age of the newest recovery point, seconds`,
    [
      ours("RecoveryPointAgeSeconds", of, "RPO"),
      ours("ProjectedRecoveryPointAgeSeconds", of, "RPO, projected until the next point"),
    ],
    { period: 300, objective: { label: "objective", value: objectives.rpoSeconds } },
  );
};

const copyQueue = ({ application }: Plan, resource: string) => {
  const of = { Application: application, Resource: resource };
  return graph(`${resource}: failed copies`, [ours("FailedCopies", of, "failed")], {
    period: 300,
  });
};

/** Step Functions counts by machine, and machines serve every application of the Region. */
const runs = ({ protect }: Plan) => {
  const machines = protect.length > 0 ? ["failover", "replicate", "rotate"] : ["failover"];
  const metrics = machines.flatMap((machine) =>
    ["ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut"].map((metric) => [
      ...["AWS/States", metric, "StateMachineArn", machineArn(machine)],
      { label: `${machine} ${metric.replace("Executions", "").toLowerCase()}` },
    ]),
  );
  return graph("Runs that ended, of all applications", metrics, { stat: "Sum", period: 300 });
};

/** What Report logs of the runs of this application: metrics of machines know no application. */
const lastRuns = ({ application }: Plan): Widget => ({
  type: "log",
  height: 6,
  properties: {
    title: `Last runs of ${application}`,
    region: "${AWS::Region}",
    view: "table",
    query: [
      `SOURCE '/aws/lambda/${functionName("report")}'`,
      `filter message = "reported" and application = "${application}"`,
      "fields @timestamp, machine, run, outcome",
      "sort @timestamp desc",
      "limit 10",
    ].join(" | "),
  },
});
