import type { Plan } from "../functions/core/model/plan.ts";
import { proofAgeSecondsMax } from "../functions/core/readiness/proof.ts";
import type { Fragment } from "./fragment.ts";
import { ownMetric } from "./own-metric.ts";

export const proofAlarmName = (application: string) => `lifeboat-proof-${application}`;

/**
 * Detect says at each look, while a failover is what would be needed, how long ago the rights for it were proven whole: a proof
 * that never came, or that no topic heard of, rings too. Without a look it is the heartbeat that rings.
 */
export const proofAlarm = ({ application }: Plan, topics: string[]): Fragment => ({
  Resources: {
    ProofAlarm: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: proofAlarmName(application),
        AlarmDescription: `The permissions for a failover of ${application} were not proven for 25 hours. Run lifeboat status, and check the executions proof-${application}-* of lifeboat-failover; see docs/deploy.md.`,
        ...ownMetric("ProofAge", { Application: application }),
        Statistic: "Maximum",
        Period: 300,
        EvaluationPeriods: 3,
        Threshold: proofAgeSecondsMax,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
        AlarmActions: topics,
        OKActions: topics,
      },
    },
  },
});
