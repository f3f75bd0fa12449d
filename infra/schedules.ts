import type { Plan } from "../functions/core/model/plan.ts";
import { type Fragment, sub } from "./fragment.ts";
import { roleFor } from "./iam/policy.ts";
import { aliasArn, functionArn, machineArn } from "./names.ts";
import { timer } from "./timer.ts";

/**
 * The clock of one application: evidence each minute, replication as often as its most demanding resource, rotation,
 * the sweep of close, and each hour the readiness check.
 */
export const schedules = (plan: Plan, deadLetters: string, queueName: string): Fragment => {
  const { application } = plan;
  const resources = Object.fromEntries(timersOf(plan).map(({ id, ...one }) => [id, timer({ ...one, deadLetters })]));
  return {
    Resources: {
      Schedules: { Type: "AWS::Scheduler::ScheduleGroup", Properties: { Name: `lifeboat-${application}` } },
      SchedulesRole: roleFor("scheduler.amazonaws.com", [
        { actions: ["lambda:InvokeFunction"], resources: ["detect", "readiness"].map(functionArn) },
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

const timersOf = ({ application, protect, timeZone }: Plan) => {
  const [fastest] = protect.toSorted((one, other) => one.everySeconds - other.everySeconds);
  return [
    {
      id: "Tick",
      name: "tick",
      expression: "rate(1 minute)",
      target: sub(functionArn("detect")),
      input: { application },
      eventAgeSeconds: 60,
    },
    ...(fastest
      ? [
          {
            id: "Replicate",
            name: "replicate",
            expression: fastest.every,
            timeZone,
            target: sub(aliasArn("replicate")),
            input: { application, by: "schedule" },
            eventAgeSeconds: 600,
          },
          {
            id: "Rotate",
            name: "rotate",
            expression: rotation,
            target: sub(aliasArn("rotate")),
            input: { application, by: "schedule" },
            eventAgeSeconds: 600,
          },
        ]
      : []),
    {
      id: "Ready",
      name: "ready",
      expression: "rate(1 hour)",
      target: sub(functionArn("readiness")),
      input: { application },
      eventAgeSeconds: 600,
    },
    {
      id: "Sweep",
      name: "sweep",
      expression: "rate(5 minutes)",
      target: sub(aliasArn("close")),
      input: { application },
      eventAgeSeconds: 300,
    },
  ];
};
