import type { Plan } from "../functions/core/model/plan.ts";
import type { Fragment } from "./fragment.ts";
import { logicalId } from "./names.ts";
import { ownMetric } from "./own-metric.ts";

const daySeconds = 86_400;

/** Metrics of one resource in CloudWatch's terms. Period in seconds. */
type Watched = {
  id: string;
  name: string;
  description: (resource: string, application: string) => string;
  metric: string;
  period: (rpoSeconds: number) => number;
  threshold: (rpoSeconds: number) => number;
  /** What no data means. */
  silence: "breaching" | "notBreaching";
};

const watched: Watched[] = [
  {
    id: "Rpo",
    name: "rpo",
    description: (resource, application) =>
      `The newest recovery point of ${resource} is older than the RPO of ${application}, or does not exist.`,
    metric: "RecoveryPointAgeSeconds",
    period: (rpoSeconds) => Math.min(daySeconds, Math.max(60, Math.ceil(rpoSeconds / 60) * 60)),
    threshold: (rpoSeconds) => rpoSeconds,
    silence: "breaching",
  },
  {
    id: "ProjectedRpo",
    name: "projected-rpo",
    description: (resource, application) =>
      `At the current copy speed, the newest recovery point of ${resource} will be older than the RPO of ${application} before the next one is complete.`,
    metric: "ProjectedRecoveryPointAgeSeconds",
    period: () => 300,
    threshold: (rpoSeconds) => rpoSeconds,
    silence: "notBreaching",
  },
  {
    id: "FailedCopies",
    name: "failed-copies",
    description: (resource, application) =>
      `Copies of ${resource} of ${application} failed: the report of the replication run shows the cause.`,
    metric: "FailedCopies",
    period: () => 300,
    threshold: () => 0,
    silence: "notBreaching",
  },
];

/**
 * Alarms per resource: the newest complete point is older than the objective, or nothing was catalogued for that long
 * (the period is the objective itself, at most a day); it is going to be; copies fail. The dimension `service` comes
 * from Powertools.
 */
export const rpoAlarms = ({ application, objectives, notify, protect }: Plan): Fragment => ({
  Resources: Object.fromEntries(
    protect.flatMap(({ name }) =>
      watched.map((one) => [
        `${one.id}${logicalId(name)}`,
        {
          Type: "AWS::CloudWatch::Alarm",
          Properties: {
            AlarmName: alarmName(one, application, name),
            AlarmDescription: one.description(name, application),
            ...ownMetric(one.metric, { Application: application, Resource: name }),
            Statistic: "Maximum",
            Period: one.period(objectives.rpoSeconds),
            EvaluationPeriods: 1,
            Threshold: one.threshold(objectives.rpoSeconds),
            ComparisonOperator: "GreaterThanThreshold",
            TreatMissingData: one.silence,
            AlarmActions: notify.on.includes("rpo") ? notify.topics : [],
          },
        },
      ]),
    ),
  ),
});

/** Names of all of them. */
export const rpoAlarmNames = ({ application, protect }: Plan) =>
  protect.flatMap(({ name }) => watched.map((one) => alarmName(one, application, name)));

const alarmName = ({ name }: Watched, application: string, resource: string) =>
  `lifeboat-${name}-${application}-${resource}`;
