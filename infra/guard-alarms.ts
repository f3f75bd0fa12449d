import type { Plan } from "../functions/core/model/plan.ts";
import type { Fragment } from "./fragment.ts";
import { ownMetric } from "./own-metric.ts";

const watched = [
  {
    id: "GuardUnclear",
    name: "guard-unclear",
    minutes: 10,
    told: (application: string) =>
      `The guard of ${application} has not been able to read the table of the recovery Region for ten minutes: nobody watches, and nothing would be acted on.`,
  },
  {
    id: "GuardActed",
    name: "guard-acted",
    minutes: 1,
    told: (application: string) =>
      `Servers of ${application} came up again in their old Region after a failover, and the guard isolated them.`,
  },
  {
    id: "GuardNotProven",
    name: "guard-not-proven",
    minutes: 1,
    told: (application: string) =>
      `Servers of ${application} may run in both Regions: the guard could not stop or isolate all of them. Stop them by hand.`,
  },
];

/**
 * Alarms of the primary Region: its guard hears nothing of the recovery Region, which can tell nobody itself when it is
 * dark; what it did, and what it could not do, when the old Region woke (law 2).
 */
export const guardAlarms = ({ application }: Plan, topics: string[]): Fragment => ({
  Resources: Object.fromEntries(
    watched.map(({ id, name, minutes, told }) => [
      `${id}Alarm`,
      {
        Type: "AWS::CloudWatch::Alarm",
        Properties: {
          AlarmName: `lifeboat-${name}-${application}`,
          AlarmDescription: told(application),
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
