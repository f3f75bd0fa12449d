import { arnOf, type Fragment, sub } from "./fragment.ts";
import { roleFor } from "./iam/policy.ts";
import { functionArn } from "./names.ts";

/** The role with which EventBridge Scheduler makes detect look once more: at the moment when a verdict can be complete. */
export const looks = (): Fragment => ({
  Resources: {
    LookRole: roleFor(
      "scheduler.amazonaws.com",
      [{ actions: ["lambda:InvokeFunction"], resources: [functionArn("detect")] }],
      lookRoleName,
    ),
  },
});

const lookRoleName = "lifeboat-look-${AWS::Region}";
export const lookRoleArn = `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/${lookRoleName}`;
/** Schedules of every application: a controller knows no plan, but their groups have the same beginning. */
export const lookScheduleArns =
  "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/lifeboat-*/*";

/** What detect has to know to book a look. Its own ARN by name: a function cannot refer to itself. */
export const lookEnvironment = {
  LIFEBOAT_DETECT_FUNCTION: sub(functionArn("detect")),
  LIFEBOAT_SCHEDULER_ROLE: arnOf("LookRole"),
};
