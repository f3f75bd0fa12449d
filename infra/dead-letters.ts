import { arnOf, type CloudFormationResource, type Fragment, ref, sub } from "./fragment.ts";

const keptSeconds = 14 * 24 * 3_600;

/**
 * A queue for what could not be delivered or handled, and the alarm that says so. `rules` are the names of EventBridge
 * rules that may write into it; Scheduler and Lambda write with their own roles. `topics`: null where no alarm could tell
 * anybody, so that there is none.
 */
export const deadLetters = (id: string, name: string, rules: string[], topics: string[] | null): Fragment => ({
  Resources: {
    [id]: {
      Type: "AWS::SQS::Queue",
      Properties: { QueueName: name, MessageRetentionPeriod: keptSeconds, SqsManagedSseEnabled: true },
    },
    ...(topics && { [`${id}Alarm`]: alarmOf(name, topics) }),
    ...(rules.length > 0 && { [`${id}Policy`]: writableBy(id, rules) }),
  },
});

const alarmOf = (name: string, topics: string[]): CloudFormationResource => ({
  Type: "AWS::CloudWatch::Alarm",
  Properties: {
    AlarmName: name,
    AlarmDescription: `An event was not delivered or not processed: read the messages in the queue ${name}.`,
    Namespace: "AWS/SQS",
    MetricName: "ApproximateNumberOfMessagesVisible",
    Dimensions: [{ Name: "QueueName", Value: name }],
    Statistic: "Maximum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "notBreaching",
    AlarmActions: topics,
  },
});

const writableBy = (id: string, rules: string[]): CloudFormationResource => ({
  Type: "AWS::SQS::QueuePolicy",
  Properties: {
    Queues: [ref(id)],
    PolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: arnOf(id),
          Condition: {
            ArnEquals: {
              "aws:SourceArn": rules.map((rule) =>
                sub(`arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/${rule}`),
              ),
            },
          },
        },
      ],
    },
  },
});
