import { here, on, tagging } from "./deployer-statements.ts";
import type { Statement } from "./policy.ts";

export const lambdas = [`lambda:${here}:function:lifeboat-*`];
const machines = [`states:${here}:stateMachine:lifeboat-*`];
const queues = [`sqs:${here}:lifeboat-*`];

/** The same for what runs, and what starts it: functions, machines, schedules, rules, queues. */
export const computeActions: Record<string, Statement[]> = {
  "AWS::Events::Rule": [
    on(
      [`events:${here}:rule/lifeboat-*`],
      "events",
      "PutRule",
      "DeleteRule",
      "DescribeRule",
      "PutTargets",
      "RemoveTargets",
      "ListTargetsByRule",
      ...tagging,
    ),
  ],
  "AWS::Lambda::Function": [
    on(
      lambdas,
      "lambda",
      ...[
        "CreateFunction",
        "DeleteFunction",
        "GetFunction",
        "GetFunctionCodeSigningConfig",
        "GetFunctionRecursionConfig",
      ],
      ...["GetRuntimeManagementConfig", "UpdateFunctionCode", "UpdateFunctionConfiguration", "PutFunctionConcurrency"],
      ...["DeleteFunctionConcurrency", "ListTags", "TagResource", "UntagResource"],
    ),
  ],
  "AWS::Lambda::EventInvokeConfig": [
    on(
      lambdas,
      "lambda",
      "PutFunctionEventInvokeConfig",
      "GetFunctionEventInvokeConfig",
      "UpdateFunctionEventInvokeConfig",
      "DeleteFunctionEventInvokeConfig",
    ),
  ],
  "AWS::Lambda::Permission": [on(lambdas, "lambda", "AddPermission", "RemovePermission", "GetPolicy")],
  "AWS::Lambda::Url": [
    on(
      lambdas,
      "lambda",
      "CreateFunctionUrlConfig",
      "GetFunctionUrlConfig",
      "UpdateFunctionUrlConfig",
      "DeleteFunctionUrlConfig",
    ),
  ],
  "AWS::SQS::Queue": [
    on(
      queues,
      "sqs",
      "CreateQueue",
      "DeleteQueue",
      "GetQueueAttributes",
      "GetQueueUrl",
      "SetQueueAttributes",
      "TagQueue",
      "UntagQueue",
      "ListQueueTags",
    ),
  ],
  "AWS::SQS::QueuePolicy": [on(queues, "sqs", "SetQueueAttributes", "GetQueueAttributes")],
  "AWS::Scheduler::Schedule": [
    on(
      [`scheduler:${here}:schedule/lifeboat-*/*`],
      "scheduler",
      "CreateSchedule",
      "GetSchedule",
      "UpdateSchedule",
      "DeleteSchedule",
    ),
  ],
  "AWS::Scheduler::ScheduleGroup": [
    on(
      [`scheduler:${here}:schedule-group/lifeboat-*`],
      "scheduler",
      "CreateScheduleGroup",
      "GetScheduleGroup",
      "DeleteScheduleGroup",
      ...tagging,
    ),
    on([`scheduler:${here}:schedule/lifeboat-*/*`], "scheduler", "DeleteSchedule"),
  ],
  "AWS::StepFunctions::StateMachine": [
    on(
      machines,
      "states",
      "CreateStateMachine",
      "UpdateStateMachine",
      "DeleteStateMachine",
      "DescribeStateMachine",
      ...tagging,
    ),
  ],
  "AWS::StepFunctions::StateMachineAlias": [
    on(
      machines,
      "states",
      "CreateStateMachineAlias",
      "UpdateStateMachineAlias",
      "DeleteStateMachineAlias",
      "DescribeStateMachineAlias",
    ),
  ],
  "AWS::StepFunctions::StateMachineVersion": [
    on(
      machines,
      "states",
      "PublishStateMachineVersion",
      "DeleteStateMachineVersion",
      "ListStateMachineVersions",
      "DescribeStateMachine",
    ),
  ],
};
