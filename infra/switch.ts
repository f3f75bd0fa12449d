import { homeOf } from "../functions/core/model/direction.ts";
import type { Plan, Witness } from "../functions/core/model/plan.ts";
import { takeoverAlarmName, takeoverMetric } from "../functions/core/names.ts";
import { type Fragment, kept, merge, ref } from "./fragment.ts";
import { logicalId } from "./names.ts";
import { topicsIn } from "./topics.ts";

/**
 * What Route 53 has to answer with no control plane's help: the takeover switch, and the TXT pairs through which detect
 * reads health checks. Null when the plan needs neither: checks of routing controls come with their cluster.
 */
export const switches = (plan: Plan): Fragment | null => {
  const { traffic, detect } = plan;
  const pairs = detect.witnesses.flatMap((witness) => (witness.kind === "healthCheck" ? [textPair(witness)] : []));
  const made = traffic?.switch === "takeover" && traffic.healthCheck === "create" ? [takeoverSwitch(plan)] : [];
  return pairs.length + made.length > 0 ? merge(...made, ...pairs) : null;
};

/** Seconds that a resolver may keep the answer of a health check. */
const textSeconds = 10;

/**
 * A failover pair of TXT records: it answers "healthy" while the health check is, and "unhealthy" when it is not, from
 * the data plane of Route 53. It outlives the stack, because a plan that is still stored may ask it.
 */
const textPair = ({ name, healthCheck, text, zone }: Extract<Witness, { kind: "healthCheck" }>): Fragment => {
  const record = (word: string, properties: Record<string, unknown>) =>
    kept("AWS::Route53::RecordSet", {
      HostedZoneId: zone,
      Name: text,
      Type: "TXT",
      TTL: String(textSeconds),
      ResourceRecords: [JSON.stringify(word)],
      SetIdentifier: word,
      ...properties,
    });
  return {
    Resources: {
      [`${logicalId(name)}Healthy`]: record("healthy", { Failover: "PRIMARY", HealthCheckId: healthCheck }),
      [`${logicalId(name)}Unhealthy`]: record("unhealthy", { Failover: "SECONDARY" }),
    },
  };
};

/**
 * The takeover switch: an alarm of the recovery Region, and the health check that goes on the PRIMARY record. Route 53
 * evaluates the metric of the alarm by itself, so only data planes are needed to flip it. Both outlive the stack: a
 * record whose health check has gone would fall back to the primary Region. [R53:health-checks-creating-values]
 */
const takeoverSwitch = (plan: Plan): Fragment => {
  const { application, regions } = plan;
  const topics = topicsIn(plan, homeOf({ regions }));
  return {
    Resources: {
      TakeoverAlarm: kept("AWS::CloudWatch::Alarm", {
        AlarmName: takeoverAlarmName(application),
        AlarmDescription: `ALARM = the traffic of ${application} goes to ${homeOf({ regions })}. Only Lifeboat may publish this metric.`,
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
        // whoever turns the switch, people hear of it; after a move of Lifeboat's own its report says the rest
        AlarmActions: topics,
        OKActions: topics,
      }),
      TakeoverCheck: {
        ...kept("AWS::Route53::HealthCheck", {
          HealthCheckConfig: {
            Type: "CLOUDWATCH_METRIC",
            AlarmIdentifier: { Name: takeoverAlarmName(application), Region: homeOf({ regions }) },
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
        Description: "Set this as HealthCheckId of the PRIMARY records.",
        Value: ref("TakeoverCheck"),
      },
    },
  };
};
