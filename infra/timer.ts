import { arnOf, ref } from "./fragment.ts";

type Timer = {
  name: string;
  expression: string;
  /** In which a cron expression fires; UTC when absent. */
  timeZone?: string | undefined;
  /** ARN, as CloudFormation reads it. */
  target: Record<string, unknown>;
  input: Record<string, string>;
  /** A late start helps nobody once the next one is due. */
  eventAgeSeconds: number;
  /** Logical id of the queue for what could not be delivered. */
  deadLetters: string;
};

/** A schedule of the group `Schedules`, which starts its target with the role `SchedulesRole` of the same stack. */
export const timer = ({ name, expression, timeZone = "UTC", target, input, eventAgeSeconds, deadLetters }: Timer) => ({
  Type: "AWS::Scheduler::Schedule",
  Properties: {
    Name: name,
    GroupName: ref("Schedules"),
    ScheduleExpression: expression,
    ScheduleExpressionTimezone: timeZone,
    FlexibleTimeWindow: { Mode: "OFF" },
    State: "ENABLED",
    Target: {
      Arn: target,
      RoleArn: arnOf("SchedulesRole"),
      Input: JSON.stringify(input),
      RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: eventAgeSeconds },
      DeadLetterConfig: { Arn: arnOf(deadLetters) },
    },
  },
});
