import type { Plan } from "../functions/core/plan.ts";
import type { Fragment } from "./fragment.ts";

const watched = [
  {
    id: "GuardActed",
    name: "guard-acted",
    told: (application: string) =>
      `Servers of ${application} came up again in their old Region after a failover, and the guard isolated them.`,
  },
  {
    id: "GuardNotProven",
    name: "guard-not-proven",
    told: (application: string) =>
      `Servers of ${application} may run in both Regions: the guard could not stop or isolate all of them. Stop them by hand.`,
  },
];

/** Alarms of the primary Region about what its guard did, and could not do, when the old Region woke (law 2). */
export const guardAlarms = ({ application }: Plan, topics: string[]): Fragment => ({
  Resources: Object.fromEntries(
    watched.map(({ id, name, told }) => [
      `${id}Alarm`,
      {
        Type: "AWS::CloudWatch::Alarm",
        Properties: {
          AlarmName: `lifeboat-${name}-${application}`,
          AlarmDescription: told(application),
          Namespace: "Lifeboat",
          MetricName: id,
          Dimensions: [
            { Name: "service", Value: "lifeboat" },
            { Name: "Application", Value: application },
          ],
          Statistic: "Sum",
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: "GreaterThanOrEqualToThreshold",
          TreatMissingData: "notBreaching",
          AlarmActions: topics,
        },
      },
    ]),
  ),
});
