import type { Plan } from "../functions/core/model/plan.ts";
import { inheritsProfiles } from "./iam/instance-roles.ts";
import type { Scope } from "./iam/scope.ts";

/** What a deployment cannot do for its account, or was not told, a line each: where it is written how. */
export const adviceOf = (plan: Plan, { instanceRoles }: Pick<Scope, "instanceRoles">): string[] => [
  ...(plan.traffic?.switch === "takeover"
    ? [
        'advice: let only Lifeboat turn the switch, with a service control policy (Deny cloudwatch:PutMetricData in the namespace Lifeboat): docs/security.md, "Who may turn the switch"',
      ]
    : []),
  ...(inheritsProfiles(plan) && instanceRoles.length === 0
    ? [
        "advice: lifeboat-launch may pass no role, so servers with an instance profile cannot be launched: name their roles with --instance-role",
      ]
    : []),
];
