import type { Findings } from "../findings.ts";

/**
 * Will a topic take what Lifeboat and its alarms say? One under a key takes nothing from whoever may not use that key, and
 * AWS's own key for SNS lets no other service use it. [SNS: sns-key-management] [CW: AlarmThatSendsEmail]
 */
export const judgeTopic = (arn: string, found: { key: string | null } | null): Findings => {
  if (!found) return { problems: [`notify: topic ${arn} does not exist`], warnings: [] };
  if (found.key === null) return { problems: [], warnings: [] };
  if (/alias\/aws\/sns$/.test(found.key))
    return {
      problems: [],
      warnings: [
        `notify: topic ${arn} lies under ${found.key}, which alarms cannot use: they cannot be delivered through it`,
      ],
    };
  const must = "its policy must let the alarms (cloudwatch.amazonaws.com) and Lifeboat's roles use it: docs/deploy.md";
  return { problems: [], warnings: [`notify: topic ${arn} lies under key ${found.key}: ${must}`] };
};
