import { checkRegion } from "../functions/core/detect/sensors.ts";
import { homeOf, protectedOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { alarmChanges, alarmsOf } from "./alarm-events.ts";
import { checkAlarms } from "./check-alarms.ts";
import { deadLetters } from "./dead-letters.ts";
import { arnOf, type Fragment, merge, sub } from "./fragment.ts";
import { guardAlarms } from "./guard-alarms.ts";
import { healthIssues, healthRegionsOf } from "./health-events.ts";
import { roleFor } from "./iam/policy.ts";
import { pascalCase } from "./names.ts";
import { sensorSteps } from "./sensor-functions.ts";
import { snapshotRegions, snapshotsEnded } from "./snapshot-events.ts";
import { topicsIn } from "./topics.ts";

/**
 * What one Region tells the controller: its heartbeat and probes each minute, and by rules the changes of alarms, issues
 * of AWS Health and ends of snapshots, over the event bus of the recovery Region. An event is only ever the faster way:
 * detect reads the same alarms as levels every minute, and a pass looks by itself. The same account needs no bus policy.
 */
export const sensor = (plan: Plan, region: string): Fragment => {
  const { application } = plan;
  const wanted = sentFrom(plan, region);
  const rules = wanted.map((sent) => ruleName(plan, sent));
  // the topics of a plan lie in its own two Regions, and an alarm of a third one could tell nobody: detect hears its silence
  const topics = region === protectedOf(plan) ? topicsIn(plan, region) : null;
  return merge(
    deadLetters("Unsent", `lifeboat-${application}-unsent`, rules, topics),
    sensorSteps(plan, region),
    region === protectedOf(plan) ? guardAlarms(plan, topicsIn(plan, region)) : { Resources: {} },
    region === checkRegion ? checkAlarms(plan) : { Resources: {} },
    ...wanted.map((sent) => sendingRule(plan, sent)),
  );
};

type Sent = { what: "alarms" | "snapshots" | "health"; source: string; pattern: Record<string, unknown> };

const sentFrom = (plan: Plan, region: string): Sent[] => {
  const alarms = alarmsOf(plan, region);
  const sent: Sent[] = [];
  if (alarms.length > 0)
    sent.push({ what: "alarms", source: "alarm changes", pattern: alarmChanges(alarms, [region]) });
  if (healthRegionsOf(plan).includes(region))
    sent.push({ what: "health", source: "AWS Health issues", pattern: healthIssues(plan, [region]) });
  if (snapshotRegions(plan).includes(region))
    sent.push({ what: "snapshots", source: "completed snapshots", pattern: snapshotsEnded([region]) });
  return sent;
};

const ruleName = ({ application }: Plan, { what }: Sent) => `lifeboat-${application}-${what}-out`;

/** A rule and the only right that it needs: to put events on the bus of the recovery Region. [EB:eb-cross-region] */
const sendingRule = (plan: Plan, sent: Sent): Fragment => {
  const { application, regions } = plan;
  const bus = `arn:\${AWS::Partition}:events:${homeOf({ regions })}:\${AWS::AccountId}:event-bus/default`;
  const id = `${pascalCase(sent.what)}Out`;
  return {
    Resources: {
      [id]: {
        Type: "AWS::Events::Rule",
        Properties: {
          Name: ruleName(plan, sent),
          Description: `Sends ${sent.source} to the controller of ${application} in ${homeOf({ regions })}.`,
          EventPattern: sent.pattern,
          Targets: [
            {
              Id: "recovery-region",
              Arn: sub(bus),
              RoleArn: arnOf(`${id}Role`),
              DeadLetterConfig: { Arn: arnOf("Unsent") },
            },
          ],
        },
      },
      [`${id}Role`]: roleFor("events.amazonaws.com", [{ actions: ["events:PutEvents"], resources: [bus] }]),
    },
  };
};
