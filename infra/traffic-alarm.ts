import type { Plan } from "../functions/core/model/plan.ts";
import type { Fragment } from "./fragment.ts";
import { ownMetric } from "./own-metric.ts";

export const trafficAlarmName = (application: string) => `lifeboat-traffic-${application}`;

/**
 * Detect compares each minute, while no run is on, where traffic goes with what the row says. Two minutes of the last five in
 * which it went elsewhere are no switch that is still at work. Told to the topics of the recovery Region whatever `notify.on` says.
 */
export const trafficAlarm = ({ application, traffic }: Plan, topics: string[]): Fragment => ({
  Resources: traffic
    ? {
        TrafficAlarm: {
          Type: "AWS::CloudWatch::Alarm",
          Properties: {
            AlarmName: trafficAlarmName(application),
            AlarmDescription: `The traffic of ${application} does not go to the Region in its state record: somebody changed a DNS record, a routing control or the switch metric, or a run stopped halfway. Run lifeboat status; see docs/deploy.md.`,
            ...ownMetric("TrafficElsewhere", { Application: application }),
            Statistic: "Maximum",
            Period: 60,
            EvaluationPeriods: 5,
            DatapointsToAlarm: 2,
            Threshold: 1,
            ComparisonOperator: "GreaterThanOrEqualToThreshold",
            TreatMissingData: "notBreaching",
            AlarmActions: topics,
            OKActions: topics,
          },
        },
      }
    : {},
});
