import { checkAlarmName } from "../functions/core/detect/sensors.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import type { Fragment } from "./fragment.ts";
import { logicalId } from "./names.ts";

/**
 * An alarm in us-east-1 per `healthCheck` witness: metrics of health checks exist only there. It has no vote, and nothing
 * depends on it: its change makes detect read the TXT pair at once instead of at its next tick.
 */
export const checkAlarms = ({ application, detect }: Plan): Fragment => ({
  Resources: Object.fromEntries(
    detect.witnesses.flatMap((witness) =>
      witness.kind === "healthCheck"
        ? [[`Check${logicalId(witness.name)}`, checkAlarm(application, witness.name, witness.healthCheck)]]
        : [],
    ),
  ),
});

const checkAlarm = (application: string, witness: string, healthCheck: string) => ({
  Type: "AWS::CloudWatch::Alarm",
  Properties: {
    AlarmName: checkAlarmName(application, witness),
    AlarmDescription: `The health check ${healthCheck} is unhealthy: the controller of ${application} evaluates it at once. This alarm does not count toward the failover decision.`,
    Namespace: "AWS/Route53",
    MetricName: "HealthCheckStatus",
    Dimensions: [{ Name: "HealthCheckId", Value: healthCheck }],
    Statistic: "Minimum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: "LessThanThreshold",
    TreatMissingData: "missing",
  },
});
