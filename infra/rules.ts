import type { Plan } from "../functions/core/plan.ts";
import { alarmChanges, alarmsOf, sensorRegions } from "./alarm-events.ts";
import { arnOf, type Fragment, sub } from "./fragment.ts";
import { aliasArn, functionArn, functionName, machineArn } from "./names.ts";
import { roleFor } from "./policy.ts";

export const ruleNames = ({ application }: Plan) => ({
  ended: `lifeboat-${application}-ended`,
  alarms: `lifeboat-${application}-alarms-in`,
});

/** Executions that no Catch saw end go to close. Every FAILED one does: what has given back its lease is found idle. */
export const endedRule = (plan: Plan, deadLetters: string): Fragment => ({
  Resources: {
    Ended: {
      Type: "AWS::Events::Rule",
      Properties: {
        Name: ruleNames(plan).ended,
        Description: `Runs of ${plan.application} that ended badly are closed: report, message, lease.`,
        EventPattern: {
          source: ["aws.states"],
          "detail-type": ["Step Functions Execution Status Change"],
          detail: {
            status: ["FAILED", "TIMED_OUT", "ABORTED"],
            stateMachineArn: [sub(machineArn("replicate")), sub(machineArn("failover"))],
            input: [{ wildcard: `*"application"*"${plan.application}"*` }],
          },
        },
        Targets: [
          {
            Id: "close",
            Arn: sub(aliasArn("close")),
            RoleArn: arnOf("EndedRole"),
            Input: JSON.stringify({ application: plan.application }),
            DeadLetterConfig: { Arn: arnOf(deadLetters) },
          },
        ],
      },
    },
    EndedRole: roleFor("events.amazonaws.com", [
      { actions: ["states:StartExecution"], resources: [machineArn("close")] },
    ]),
  },
});

/** Alarm changes, from this Region and from the sensors, reach detect at once instead of at its next tick. */
export const alarmsRule = (plan: Plan, deadLetters: string): Fragment => {
  const regions = [...sensorRegions(plan), plan.regions.recovery].filter((region) => alarmsOf(plan, region).length > 0);
  if (regions.length === 0) return { Resources: {} };
  const alarms = [...new Set(regions.flatMap((region) => alarmsOf(plan, region)))].sort();
  return {
    Resources: {
      AlarmsIn: {
        Type: "AWS::Events::Rule",
        Properties: {
          Name: ruleNames(plan).alarms,
          Description: `Alarm changes of ${plan.application} go to detect.`,
          EventPattern: alarmChanges(alarms, regions),
          Targets: [
            {
              Id: "detect",
              Arn: sub(functionArn("detect")),
              InputTransformer: {
                InputTemplate: `{"application":"${plan.application}","event":<aws.events.event.json>}`,
              },
              DeadLetterConfig: { Arn: arnOf(deadLetters) },
            },
          ],
        },
      },
      AlarmsInPermission: {
        Type: "AWS::Lambda::Permission",
        Properties: {
          FunctionName: functionName("detect"),
          Action: "lambda:InvokeFunction",
          Principal: "events.amazonaws.com",
          SourceArn: arnOf("AlarmsIn"),
        },
      },
    },
  };
};
