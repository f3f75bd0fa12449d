import { functionName } from "../functions/core/deployed-names.ts";
import { sensorRegions } from "../functions/core/detect/sensors.ts";
import { homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { alarmChanges, alarmsOf } from "./alarm-events.ts";
import { accountId, arnOf, type Fragment, sub } from "./fragment.ts";
import { healthIssues, healthRegionsOf } from "./health-events.ts";
import { roleFor } from "./iam/policy.ts";
import { aliasArn, functionArn, machineArn } from "./names.ts";
import { snapshotRegions, snapshotsEnded } from "./snapshot-events.ts";

export const ruleNames = ({ application }: Plan) => ({
  ended: `lifeboat-${application}-ended`,
  alarms: `lifeboat-${application}-alarms-in`,
  health: `lifeboat-${application}-health-in`,
  snapshots: `lifeboat-${application}-snapshots-in`,
});

/** Executions that no Catch saw end go to close. Every FAILED one does: what has given back its lease is found idle. */
export const endedRule = (plan: Plan, deadLetters: string): Fragment => ({
  Resources: {
    Ended: {
      Type: "AWS::Events::Rule",
      Properties: {
        Name: ruleNames(plan).ended,
        Description: `Closes failed runs of ${plan.application}: report, message, lease.`,
        EventPattern: {
          account: [accountId],
          source: ["aws.states"],
          "detail-type": ["Step Functions Execution Status Change"],
          detail: {
            status: ["FAILED", "TIMED_OUT", "ABORTED"],
            stateMachineArn: ["replicate", "rotate", "failover"].map((machine) => sub(machineArn(machine))),
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
  const regions = [...sensorRegions(plan), homeOf(plan)].filter((region) => alarmsOf(plan, region).length > 0);
  if (regions.length === 0) return { Resources: {} };
  const alarms = [...new Set(regions.flatMap((region) => alarmsOf(plan, region)))].sort();
  const description = `Sends alarm changes of ${plan.application} to detect.`;
  return invoking(
    "AlarmsIn",
    ruleNames(plan).alarms,
    description,
    alarmChanges(alarms, regions),
    "detect",
    plan,
    deadLetters,
  );
};

/** Issues that AWS Health tells of reach detect, from wherever they are delivered. */
export const healthRule = (plan: Plan, deadLetters: string): Fragment => {
  const regions = healthRegionsOf(plan);
  if (regions.length === 0) return { Resources: {} };
  const description = `Sends AWS Health issues to detect, for ${plan.application}.`;
  const pattern = healthIssues(plan, regions);
  return invoking("HealthIn", ruleNames(plan).health, description, pattern, "detect", plan, deadLetters);
};

/** Ends of snapshots and copies, from this Region and from the primary one, shorten the wait of a pass. */
export const snapshotsRule = (plan: Plan, deadLetters: string): Fragment => {
  const regions = snapshotRegions(plan);
  if (regions.length === 0) return { Resources: {} };
  const description = `Sends completed snapshots and copies to wake, for ${plan.application}.`;
  const pattern = snapshotsEnded(regions);
  return invoking("SnapshotsIn", ruleNames(plan).snapshots, description, pattern, "wake", plan, deadLetters);
};

/** A rule that invokes a function with the event and the application that it is about. */
const invoking = (
  id: string,
  name: string,
  description: string,
  pattern: Record<string, unknown>,
  target: string,
  { application }: Plan,
  deadLetters: string,
): Fragment => ({
  Resources: {
    [id]: {
      Type: "AWS::Events::Rule",
      Properties: {
        Name: name,
        Description: description,
        EventPattern: pattern,
        Targets: [
          {
            Id: target,
            Arn: sub(functionArn(target)),
            InputTransformer: {
              InputTemplate: `{"application":"${application}","event":<aws.events.event.json>}`,
            },
            DeadLetterConfig: { Arn: arnOf(deadLetters) },
          },
        ],
      },
    },
    [`${id}Permission`]: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: functionName(target),
        Action: "lambda:InvokeFunction",
        Principal: "events.amazonaws.com",
        SourceArn: arnOf(id),
      },
    },
  },
});
