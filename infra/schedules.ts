import type { Plan } from "../functions/core/plan.ts";
import { arnOf, type Fragment, ref, sub } from "./fragment.ts";
import { aliasArn, functionArn, machineArn } from "./names.ts";
import { roleFor } from "./policy.ts";

type Timer = {
  id: string;
  name: string;
  expression: string;
  /** ARN for Fn::Sub. */
  target: string;
  input: Record<string, string>;
  /** A late start helps nobody once the next one is due. */
  eventAgeSeconds: number;
};

/**
 * The clock of one application: evidence each minute, replication as often as its most demanding resource, rotation,
 * the sweep of close.
 */
export const schedules = (plan: Plan, deadLetters: string, queueName: string): Fragment => {
  const { application } = plan;
  const resources = Object.fromEntries(timersOf(plan).map((timer) => [timer.id, schedule(timer, deadLetters)]));
  return {
    Resources: {
      Schedules: { Type: "AWS::Scheduler::ScheduleGroup", Properties: { Name: `lifeboat-${application}` } },
      SchedulesRole: roleFor("scheduler.amazonaws.com", [
        { actions: ["lambda:InvokeFunction"], resources: [functionArn("detect")] },
        { actions: ["states:StartExecution"], resources: ["replicate", "rotate", "close"].map(machineArn) },
        {
          actions: ["sqs:SendMessage"],
          resources: [`arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${queueName}`],
        },
      ]),
      ...resources,
    },
  };
};

/**
 * A rotation that meets a pass at work leaves all to the next one, and one that has much to delete keeps passes waiting:
 * four small ones a day rather than a big one.
 */
const rotation = "rate(6 hours)";

const timersOf = ({ application, protect }: Plan): Timer[] => {
  const [fastest] = protect.toSorted((one, other) => one.everySeconds - other.everySeconds);
  return [
    {
      id: "Tick",
      name: "tick",
      expression: "rate(1 minute)",
      target: functionArn("detect"),
      input: { application },
      eventAgeSeconds: 60,
    },
    ...(fastest
      ? [
          {
            id: "Replicate",
            name: "replicate",
            expression: fastest.every,
            target: aliasArn("replicate"),
            input: { application, by: "schedule" },
            eventAgeSeconds: 600,
          },
          {
            id: "Rotate",
            name: "rotate",
            expression: rotation,
            target: aliasArn("rotate"),
            input: { application, by: "schedule" },
            eventAgeSeconds: 600,
          },
        ]
      : []),
    {
      id: "Sweep",
      name: "sweep",
      expression: "rate(5 minutes)",
      target: aliasArn("close"),
      input: { application },
      eventAgeSeconds: 300,
    },
  ];
};

const schedule = ({ name, expression, target, input, eventAgeSeconds }: Timer, deadLetters: string) => ({
  Type: "AWS::Scheduler::Schedule",
  Properties: {
    Name: name,
    GroupName: ref("Schedules"),
    ScheduleExpression: expression,
    ScheduleExpressionTimezone: "UTC",
    FlexibleTimeWindow: { Mode: "OFF" },
    State: "ENABLED",
    Target: {
      Arn: sub(target),
      RoleArn: arnOf("SchedulesRole"),
      Input: JSON.stringify(input),
      RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: eventAgeSeconds },
      DeadLetterConfig: { Arn: arnOf(deadLetters) },
    },
  },
});
