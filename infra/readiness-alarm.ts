import type { Plan } from "../functions/core/model/plan.ts";
import type { Fragment } from "./fragment.ts";
import { ownMetric } from "./own-metric.ts";

export const readinessAlarmName = (application: string) => `lifeboat-not-ready-${application}`;

/**
 * Detect publishes each minute, while no run is on, how many problems of a failover the hourly readiness check found; a check that
 * has stopped counts too. Without detect the heartbeat's alarm rings.
 */
export const readinessAlarm = ({ application }: Plan, topics: string[]): Fragment => ({
  Resources: {
    ReadinessAlarm: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: readinessAlarmName(application),
        AlarmDescription: `A failover of ${application} would not work now. lifeboat status lists what is missing, lifeboat check --online checks again; see docs/deploy.md.`,
        ...ownMetric("NotReady", { Application: application }),
        Statistic: "Maximum",
        Period: 300,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        TreatMissingData: "notBreaching",
        AlarmActions: topics,
        OKActions: topics,
      },
    },
  },
});
