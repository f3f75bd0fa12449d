import type { Plan } from "../functions/core/plan.ts";

/** What a deployment cannot do for its account, a line each: where it is written how. */
export const adviceOf = ({ traffic }: Plan): string[] =>
  traffic?.switch === "takeover"
    ? [
        'advice: keep the switch to Lifeboat by a service control policy (Deny cloudwatch:PutMetricData in the namespace Lifeboat): docs/deploy.md, "Who may turn the switch"',
      ]
    : [];
