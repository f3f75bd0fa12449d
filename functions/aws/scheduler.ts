import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { scheduleToken } from "../core/names.ts";
import type { Clients } from "./calls/clients.ts";
import { codeOf } from "./calls/errors.ts";

type Once = {
  group: string;
  name: string;
  /** Whole second of UTC, ISO 8601. */
  at: string;
  /** ARN of the function, and of the role that invokes it. */
  target: string;
  role: string;
  input: Record<string, unknown>;
};

/**
 * Invokes a function once, at most a minute after `at`, and then forgets the schedule. `booked` is false when one of that
 * name is there already. One attempt: nothing depends on it. [SDK Scheduler: CreateSchedule]
 */
export const invokeOnce = async (
  clients: Clients,
  region: string,
  { group, name, at, target, role, input }: Once,
): Promise<{ booked: boolean }> => {
  try {
    await clients(SchedulerClient, region, "optional").send(
      new CreateScheduleCommand({
        GroupName: group,
        Name: name,
        ClientToken: scheduleToken(group, name, at),
        ScheduleExpression: `at(${at.slice(0, "yyyy-mm-ddThh:mm:ss".length)})`,
        ScheduleExpressionTimezone: "UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        Target: {
          Arn: target,
          RoleArn: role,
          Input: JSON.stringify(input),
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        },
      }),
    );
    return { booked: true };
  } catch (error) {
    if (codeOf(error) === "ConflictException") return { booked: false };
    throw error;
  }
};
