import { takeoverMetric } from "../functions/core/names.ts";
import type { Plan } from "../functions/core/plan.ts";
import type { Fragment } from "./fragment.ts";

/**
 * Detect publishes the switch each minute, whatever it decided: three minutes without it, and nobody watches the
 * application any more. Told to the topics of the recovery Region whatever `notify.on` says.
 */
export const heartbeatAlarm = ({ application }: Plan, topics: string[]): Fragment => ({
  Resources: {
    HeartbeatAlarm: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: heartbeatAlarmName(application),
        AlarmDescription: `lifeboat-detect has not looked at ${application} for three minutes: nothing would be acted on. Read its log and the queue lifeboat-detect-failed.`,
        Namespace: takeoverMetric.namespace,
        MetricName: takeoverMetric.name,
        Dimensions: [{ Name: takeoverMetric.dimension, Value: application }],
        Statistic: "SampleCount",
        Period: 60,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 3,
        Threshold: 1,
        ComparisonOperator: "LessThanThreshold",
        TreatMissingData: "breaching",
        AlarmActions: topics,
        OKActions: topics,
      },
    },
  },
});

export const heartbeatAlarmName = (application: string) => `lifeboat-heartbeat-${application}`;
