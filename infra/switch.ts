import { takeoverMetric } from "../functions/core/names.ts";
import type { Plan } from "../functions/core/plan.ts";
import { type Fragment, kept, ref } from "./fragment.ts";
import { takeoverAlarmName } from "./names.ts";

/**
 * The takeover switch: an alarm of the recovery Region, and the health check that goes on the PRIMARY record. Route 53
 * evaluates the metric of the alarm by itself, so only data planes are needed to flip it. Both outlive the stack: a
 * record whose health check has gone would fall back to the primary Region. [R53:health-checks-creating-values]
 */
export const takeoverSwitch = ({ application, regions }: Plan): Fragment => ({
  Resources: {
    TakeoverAlarm: kept("AWS::CloudWatch::Alarm", {
      AlarmName: takeoverAlarmName(application),
      AlarmDescription: `ALARM = the traffic of ${application} belongs to ${regions.recovery}. Lifeboat publishes the metric; nothing else may.`,
      Namespace: takeoverMetric.namespace,
      MetricName: takeoverMetric.name,
      Dimensions: [{ Name: takeoverMetric.dimension, Value: application }],
      Statistic: "Maximum",
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "ignore",
    }),
    TakeoverCheck: {
      ...kept("AWS::Route53::HealthCheck", {
        HealthCheckConfig: {
          Type: "CLOUDWATCH_METRIC",
          AlarmIdentifier: { Name: takeoverAlarmName(application), Region: regions.recovery },
          InsufficientDataHealthStatus: "LastKnownStatus",
          Inverted: false,
        },
        HealthCheckTags: [{ Key: "Name", Value: takeoverAlarmName(application) }],
      }),
      DependsOn: "TakeoverAlarm",
    },
  },
  Outputs: {
    HealthCheckId: {
      Description: "Set it as HealthCheckId of the PRIMARY records.",
      Value: ref("TakeoverCheck"),
    },
  },
});
