import type { Plan } from "../functions/core/model/plan.ts";
import { lookedMetric, takeoverMetric } from "../functions/core/names.ts";
import type { Fragment } from "./fragment.ts";

/**
 * Detect counts each look that has judged, written and, if due, started: three minutes without one, and nobody watches the
 * application any more. So does what Lambda gave up after its retries. Told to the topics of the recovery Region whatever `notify.on` says.
 */
export const heartbeatAlarm = ({ application }: Plan, topics: string[]): Fragment => ({
  Resources: {
    HeartbeatAlarm: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: heartbeatAlarmName(application),
        AlarmDescription: `lifeboat-detect has not evaluated ${application} for three minutes. No automatic failover would start. Read its log and the queue lifeboat-detect-failed.`,
        Namespace: takeoverMetric.namespace,
        MetricName: lookedMetric,
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
    DetectFailedAlarm: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: detectFailedAlarmName(application),
        AlarmDescription:
          "Evaluations by lifeboat-detect failed, for this application or another one: read the queue lifeboat-detect-failed.",
        Namespace: "AWS/SQS",
        MetricName: "ApproximateNumberOfMessagesVisible",
        Dimensions: [{ Name: "QueueName", Value: "lifeboat-detect-failed" }],
        Statistic: "Maximum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        TreatMissingData: "notBreaching",
        AlarmActions: topics,
      },
    },
  },
});

export const detectFailedAlarmName = (application: string) => `lifeboat-detect-failed-${application}`;
export const heartbeatAlarmName = (application: string) => `lifeboat-heartbeat-${application}`;
