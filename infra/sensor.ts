import type { Plan } from "../functions/core/plan.ts";
import { alarmChanges, alarmsOf } from "./alarm-events.ts";
import { deadLetters } from "./dead-letters.ts";
import { arnOf, type Fragment, merge, sub } from "./fragment.ts";
import { roleFor } from "./policy.ts";

/**
 * Sends the state changes of the plan's alarms in `region` to the event bus of the recovery Region. An event is only
 * ever the faster way: detect reads the same alarms as levels every minute.
 */
export const sensor = (plan: Plan, region: string): Fragment => {
  const { application, regions } = plan;
  const rule = `lifeboat-${application}-alarms-out`;
  const bus = `arn:\${AWS::Partition}:events:${regions.recovery}:\${AWS::AccountId}:event-bus/default`;
  return merge(deadLetters("Unsent", `lifeboat-${application}-unsent`, [rule]), {
    Resources: {
      AlarmsOut: {
        Type: "AWS::Events::Rule",
        Properties: {
          Name: rule,
          Description: `Alarm changes of ${application} go to the controller in ${regions.recovery}.`,
          EventPattern: alarmChanges(alarmsOf(plan, region), [region]),
          Targets: [
            {
              Id: "recovery-region",
              Arn: sub(bus),
              RoleArn: arnOf("AlarmsOutRole"),
              DeadLetterConfig: { Arn: arnOf("Unsent") },
            },
          ],
        },
      },
      AlarmsOutRole: roleFor("events.amazonaws.com", [{ actions: ["events:PutEvents"], resources: [bus] }]),
    },
  });
};
