import type { Plan } from "../functions/core/plan.ts";
import type { Fragment } from "./fragment.ts";
import { pascalCase } from "./names.ts";

const daySeconds = 86_400;

/**
 * One alarm per resource: the newest complete point is older than the objective, or nothing was catalogued for that
 * long. Period is the objective itself, at most a day. The dimension `service` comes from Powertools.
 */
export const rpoAlarms = ({ application, objectives, notify, protect }: Plan): Fragment => ({
  Resources: Object.fromEntries(
    protect.map(({ name }) => [
      `Rpo${pascalCase(name.replaceAll("-", "-dash-"))}`,
      {
        Type: "AWS::CloudWatch::Alarm",
        Properties: {
          AlarmName: `lifeboat-rpo-${application}-${name}`,
          AlarmDescription: `The newest recovery point of ${name} is older than the objective of ${application}, or there is none.`,
          Namespace: "Lifeboat",
          MetricName: "RecoveryPointAgeSeconds",
          Dimensions: [
            { Name: "service", Value: "lifeboat" },
            { Name: "Application", Value: application },
            { Name: "Resource", Value: name },
          ],
          Statistic: "Maximum",
          Period: Math.min(daySeconds, Math.max(60, Math.ceil(objectives.rpoSeconds / 60) * 60)),
          EvaluationPeriods: 1,
          Threshold: objectives.rpoSeconds,
          ComparisonOperator: "GreaterThanThreshold",
          TreatMissingData: "breaching",
          AlarmActions: notify.on.includes("rpo") ? notify.topics : [],
        },
      },
    ]),
  ),
});
