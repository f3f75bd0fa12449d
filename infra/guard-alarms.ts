import type { Plan } from "../functions/core/model/plan.ts";
import type { Fragment } from "./fragment.ts";
import { ownMetric } from "./own-metric.ts";

const watched = [
  {
    id: "GuardUnclear",
    name: "guard-unclear",
    minutes: 10,
    description: (application: string) =>
      `The guard of ${application} could not read the table in the recovery Region for ten minutes. Old servers that start again would not be isolated.`,
  },
  {
    id: "GuardActed",
    name: "guard-acted",
    minutes: 1,
    description: (application: string) =>
      `Servers of ${application} started again in the old Region after a failover. The guard isolated them.`,
  },
  {
    id: "GuardNotProven",
    name: "guard-not-proven",
    minutes: 1,
    description: (application: string) =>
      `Servers of ${application} may be running in both Regions: the guard could not stop or isolate all of them. Stop them by hand.`,
  },
];

/**
 * Alarms of the primary Region: its guard hears nothing of the recovery Region, which can tell nobody itself when it is
 * dark; what it did, and what it could not do, when the old Region woke (invariant 2).
 */
export const guardAlarms = ({ application }: Plan, topics: string[]): Fragment => ({
  Resources: Object.fromEntries(
    watched.map(({ id, name, minutes, description }) => [
      `${id}Alarm`,
      {
        Type: "AWS::CloudWatch::Alarm",
        Properties: {
          AlarmName: `lifeboat-${name}-${application}`,
          AlarmDescription: description(application),
          ...ownMetric(id, { Application: application }),
          Statistic: "Sum",
          Period: 60,
          EvaluationPeriods: minutes,
          Threshold: 1,
          ComparisonOperator: "GreaterThanOrEqualToThreshold",
          TreatMissingData: "notBreaching",
          AlarmActions: topics,
        },
      },
    ]),
  ),
});
