import type { Plan } from "../functions/core/model/plan.ts";
import { inheritsProfiles } from "./instance-roles.ts";
import type { Scope } from "./scope.ts";

/** What a deployment cannot do for its account, or was not told, a line each: where it is written how. */
export const adviceOf = (plan: Plan, { instanceRoles }: Pick<Scope, "instanceRoles">): string[] => [
  ...(plan.traffic?.switch === "takeover"
    ? [
        'advice: keep the switch to Lifeboat by a service control policy (Deny cloudwatch:PutMetricData in the namespace Lifeboat): docs/security.md, "Who may turn the switch"',
      ]
    : []),
  ...(inheritsProfiles(plan) && instanceRoles.length === 0
    ? [
        "advice: lifeboat-launch may hand on no role, so that no server comes up that has an instance profile: name their roles by --instance-role",
      ]
    : []),
];
