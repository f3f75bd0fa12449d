import { expect, test } from "vitest";
import { problemsOf } from "./cloudformation.ts";

const queue = (Properties: Record<string, unknown>) => ({ Queue: { Type: "AWS::SQS::Queue", Properties } });
const alarm = (Properties: Record<string, unknown>) => ({ Alarm: { Type: "AWS::CloudWatch::Alarm", Properties } });
const ComparisonOperator = "GreaterThanThreshold";

test.each([
  ["an unknown type", { X: { Type: "AWS::SQS::Kueue" } }, "X: unknown type AWS::SQS::Kueue"],
  ["an unknown property", queue({ QueueNam: "a" }), "Queue.QueueNam: unknown property"],
  ["a wrong type", queue({ MessageRetentionPeriod: "long" }), "Queue.MessageRetentionPeriod: expected an integer"],
  [
    "a missing property",
    { P: { Type: "AWS::Lambda::Permission", Properties: { FunctionName: "f", Principal: "p" } } },
    "P.Action: missing",
  ],
  [
    "a wrong type inside",
    alarm({ ComparisonOperator, Dimensions: [{ Name: 1, Value: "v" }] }),
    "Alarm.Dimensions[0].Name: expected a string",
  ],
  ["a dangling Ref", queue({ QueueName: { Ref: "Nothing" } }), "Queue: Nothing does not exist"],
  [
    "a wrong attribute",
    { ...queue({ QueueName: { "Fn::GetAtt": ["Other", "Arm"] } }), Other: { Type: "AWS::SQS::Queue" } },
    "Queue: Other has no attribute Arm",
  ],
  ["a dangling Sub", queue({ QueueName: { "Fn::Sub": "a-${Nothing.Arn}" } }), "Queue: Nothing does not exist"],
  [
    "a circle",
    {
      ...alarm({ ComparisonOperator, AlarmName: { "Fn::Sub": "${Queue.QueueName}" } }),
      Queue: { Type: "AWS::SQS::Queue", DependsOn: "Topic" },
      Topic: { Type: "AWS::SNS::Topic", Properties: { TopicName: { Ref: "Alarm" } } },
    },
    "Alarm -> Queue -> Topic -> Alarm: a circle",
  ],
  [
    "a dangling DependsOn",
    { Queue: { Type: "AWS::SQS::Queue", DependsOn: "No" } },
    "Queue: depends on No, which does not exist",
  ],
])("the schema check finds %s", (_, Resources, problem) => {
  expect(problemsOf({ Resources }).map((found) => found.replace("Queue.QueueName: ", "Queue: "))).toEqual([problem]);
});

test("the schema check passes what is right", () => {
  const Resources = {
    ...queue({ QueueName: { "Fn::Sub": "a-${AWS::Region}" }, MessageRetentionPeriod: 60 }),
    ...alarm({
      ComparisonOperator,
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": ["Queue", "QueueName"] } }],
    }),
  };
  expect(problemsOf({ Resources, Outputs: { Queue: { Value: { Ref: "Queue" } } } })).toEqual([]);
});
