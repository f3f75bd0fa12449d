import type { Plan } from "../functions/core/plan.ts";
import { alarmChanges, alarmsOf } from "./alarm-events.ts";
import { deadLetters } from "./dead-letters.ts";
import { arnOf, type Fragment, merge, sub } from "./fragment.ts";
import { pascalCase } from "./names.ts";
import { roleFor } from "./policy.ts";
import { snapshotRegions, snapshotsEnded } from "./snapshot-events.ts";

/** Regions, other than the recovery Region, from where something has to be sent: alarm changes, ended snapshots. */
export const sensorRegions = (plan: Plan) => {
  const { detect, regions } = plan;
  const ofAlarms = detect.witnesses.flatMap((witness) => (witness.kind === "alarm" ? [witness.region] : []));
  return [...new Set([...ofAlarms, ...snapshotRegions(plan)])].filter((region) => region !== regions.recovery).sort();
};

/**
 * Sends the state changes of the plan's alarms in `region`, and the ends of snapshots in the primary Region, to the
 * event bus of the recovery Region. An event is only ever the faster way: detect reads the same alarms as levels every
 * minute, and a pass looks by itself.
 */
export const sensor = (plan: Plan, region: string): Fragment => {
  const { application, regions } = plan;
  const alarms = alarmsOf(plan, region);
  const wanted: Sent[] = [];
  if (alarms.length > 0)
    wanted.push({ what: "alarms", told: "Alarm changes", pattern: alarmChanges(alarms, [region]) });
  if (snapshotRegions(plan).includes(region))
    wanted.push({ what: "snapshots", told: "Ends of snapshots", pattern: snapshotsEnded([region]) });

  const ruleName = ({ what }: Sent) => `lifeboat-${application}-${what}-out`;
  const bus = `arn:\${AWS::Partition}:events:${regions.recovery}:\${AWS::AccountId}:event-bus/default`;
  const rule = (sent: Sent): Fragment => {
    const id = `${pascalCase(sent.what)}Out`;
    return {
      Resources: {
        [id]: {
          Type: "AWS::Events::Rule",
          Properties: {
            Name: ruleName(sent),
            Description: `${sent.told} go to the controller of ${application} in ${regions.recovery}.`,
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
  return merge(deadLetters("Unsent", `lifeboat-${application}-unsent`, wanted.map(ruleName)), ...wanted.map(rule));
};
type Sent = { what: "alarms" | "snapshots"; told: string; pattern: Record<string, unknown> };
