/** EventBridge Scheduler: one-time schedules. */

import type { CreateScheduleInput } from "@aws-sdk/client-scheduler";
import { AwsError, type Operation, type World } from "../kernel.ts";

/** Names of the one-time schedules that are still to come, by Region and group. */
const bookedIn = (world: World, region: string) =>
  world.region("Scheduler", region, () => ({
    names: new Set<string>(),
    tokens: new Map<string, string>(),
    pending: 0,
  }));

/** One-time schedules that are still to come, in every Region that has some. */
export const schedulesToCome = (world: World, regions: Iterable<string>) =>
  [...regions].reduce((sum, region) => sum + bookedIn(world, region).pending, 0);

/**
 * EventBridge Scheduler: one-time schedules of a Lambda function, which go when they are done. A schedule of a minute that
 * has passed is done at once; it runs within the minute that it names. [SDK Scheduler: CreateSchedule]
 */
export const scheduler = (
  invoke: (region: string, functionArn: string, input: unknown) => void,
): Record<string, Operation> => ({
  CreateSchedule: (input: CreateScheduleInput, { world, region }) => {
    const { Name = "", GroupName = "default", ScheduleExpression = "", Target, FlexibleTimeWindow, State } = input;
    const { ClientToken } = input;
    const problem = problemOf(input);
    if (problem) throw new AwsError("ValidationException", problem);
    const due = dueOf(ScheduleExpression);
    if (
      due === null ||
      input.ActionAfterCompletion !== "DELETE" ||
      State === "DISABLED" ||
      FlexibleTimeWindow?.Mode !== "OFF"
    )
      throw new Error(
        "simulator/services/scheduler.ts: only schedules of one time that delete themselves are simulated",
      );
    const booked = bookedIn(world, region);
    const key = `${GroupName}/${Name}`;
    // what AWS answers to a token that another schedule had is not documented: here it is refused like a name that is taken
    const before = ClientToken && booked.tokens.get(ClientToken);
    if (before && before !== key) throw new AwsError("ConflictException", `ClientToken of ${before} used again`, 409);
    if (ClientToken) booked.tokens.set(ClientToken, key);
    if (booked.names.has(key)) throw new AwsError("ConflictException", `Schedule ${Name} already exists.`, 409);
    booked.names.add(key);
    booked.pending += 1;
    const late = world.random.fork(`schedule ${region} ${key}`).between(0.1, 3);
    world.within(region, Math.max(0, (due - world.now()) / 1_000) + late, () => {
      booked.names.delete(key);
      booked.pending -= 1;
      invoke(region, Target?.Arn ?? "", JSON.parse(Target?.Input ?? "{}"));
    });
    return { ScheduleArn: `arn:aws:scheduler:${region}:111122223333:schedule/${key}` };
  },
});

/** Names: 1 to 64 of letters, digits, `-`, `_` and `.`, tokens without the dot; a target needs its role. [SDK Scheduler: CreateSchedule] */
const problemOf = ({ Name = "", GroupName = "default", ClientToken = "-", Target }: CreateScheduleInput) => {
  if (!/^[0-9A-Za-z_.-]{1,64}$/.test(Name)) return `1 validation error: name '${Name}'`;
  if (!/^[0-9A-Za-z_.-]{1,64}$/.test(GroupName)) return `1 validation error: groupName '${GroupName}'`;
  if (!/^[0-9A-Za-z_-]{1,64}$/.test(ClientToken)) return `1 validation error: clientToken '${ClientToken}'`;
  if (!Target?.Arn || !Target.RoleArn) return "1 validation error: target.arn and target.roleArn are needed";
  return null;
};

/** `at(yyyy-mm-ddThh:mm:ss)`, in UTC as long as no time zone is given; null when it is something else. */
const dueOf = (expression: string) => {
  const [, time] = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression) ?? [];
  return time ? Date.parse(`${time}Z`) : null;
};
