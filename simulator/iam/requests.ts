/** What IAM is asked about each call of the other services: action, resource and condition keys. */

import { actionOfCall } from "../../functions/core/iam-actions.ts";
import { account, type CallRecord, type World } from "../kernel.ts";
import { ec2Asks } from "./ec2-requests.ts";
import type { Asking } from "./policy.ts";

// biome-ignore lint/suspicious/noExplicitAny: the input of any operation
type Input = any;
type Ask = (call: CallRecord, input: Input, world: World) => Omit<Asking, "action">[];

const arn = (service: string, region: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
const one = (resource: string, keys: Asking["keys"] = {}) => [{ resource, keys }];

const leading = (input: Input): string[] => {
  const keyOf = (request: Input) => (request.PutRequest?.Item ?? request.DeleteRequest.Key).pk.S;
  const batches: Input[] = Object.values(input.RequestItems ?? {});
  if (batches.length > 0)
    return batches.flatMap((batch) => (batch.Keys ? batch.Keys.map(({ pk }: Input) => pk.S) : batch.map(keyOf)));
  const key = input.Key ?? input.Item;
  return [key ? key.pk.S : input.ExpressionAttributeValues[":pk"].S];
};
const dynamo: Ask = ({ region }, input) => {
  const table = input.TableName ?? Object.keys(input.RequestItems)[0];
  return one(arn("dynamodb", region, `table/${table}`), { "dynamodb:LeadingKeys": leading(input) });
};
const zone = (input: Input) => one(`arn:aws:route53:::hostedzone/${input.HostedZoneId ?? input.Id}`);
const check: Ask = (_, { HealthCheckId }) => one(`arn:aws:route53:::healthcheck/${HealthCheckId}`);
/** Where there is no resource: the action alone. */
const all: Ask = () => one("*");
const execution: Ask = (_, { executionArn }) => one(executionArn);
const group: Ask = ({ region }, { AutoScalingGroupName }) =>
  one(arn("autoscaling", region, `autoScalingGroup:0:autoScalingGroupName/${AutoScalingGroupName}`));

/** What each service asks of IAM about an operation, beside EC2: the resource types and keys of its service authorization page. */
const asks: Record<string, Record<string, Ask>> = {
  DynamoDB: Object.fromEntries(
    ["GetItem", "PutItem", "UpdateItem", "Query", "BatchGetItem", "BatchWriteItem"].map((verb) => [verb, dynamo]),
  ),
  "Route 53": {
    GetHealthCheck: check,
    GetHealthCheckStatus: check,
    GetChange: (_, { Id }) => one(`arn:aws:route53:::change/${String(Id).split("/").at(-1)}`),
    GetHostedZone: (_, input) => zone(input),
    ListResourceRecordSets: (_, input) => zone(input),
    ChangeResourceRecordSets: (_, input) => {
      const changes: Input[] = input.ChangeBatch.Changes;
      return zone(input).map(({ resource }) => ({
        resource,
        keys: {
          "route53:ChangeResourceRecordSetsRecordTypes": changes.map(({ ResourceRecordSet }) => ResourceRecordSet.Type),
          "route53:ChangeResourceRecordSetsActions": changes.map(({ Action }) => Action),
        },
      }));
    },
  },
  "Route53 Recovery Cluster": {
    GetRoutingControlState: (_, { RoutingControlArn }) => one(RoutingControlArn),
    UpdateRoutingControlStates: (_, { UpdateRoutingControlStateEntries, SafetyRulesToOverride }) =>
      UpdateRoutingControlStateEntries.flatMap(({ RoutingControlArn }: Input) =>
        one(
          RoutingControlArn,
          SafetyRulesToOverride ? { "route53-recovery-cluster:AllowSafetyRulesOverrides": "true" } : {},
        ),
      ),
  },
  "Auto Scaling": { DescribeAutoScalingGroups: all, SuspendProcesses: group, ResumeProcesses: group },
  "Elastic Load Balancing v2": {
    DescribeTargetGroups: all,
    DescribeTargetHealth: all,
    RegisterTargets: (_, { TargetGroupArn }) => one(TargetGroupArn),
  },
  KMS: { DescribeKey: ({ region }, { KeyId }) => one(arn("kms", region, `key/${String(KeyId).split("/").at(-1)}`)) },
  SNS: { Publish: (_, { TopicArn }) => one(TopicArn), GetTopicAttributes: (_, { TopicArn }) => one(TopicArn) },
  STS: { GetCallerIdentity: all },
  S3: {
    PutObject: ({ region }, { Key }) => one(`arn:aws:s3:::lifeboat-reports-${account}-${region}/${Key}`),
  },
  SFN: {
    DescribeExecution: execution,
    GetExecutionHistory: execution,
    StopExecution: execution,
    SendTaskSuccess: all,
    // through an alias, the machine itself. [SFN:auth-version-alias]
    StartExecution: (_, { stateMachineArn }) => one(stateMachineArn.split(":").slice(0, 7).join(":")),
  },
  Scheduler: {
    CreateSchedule: ({ region }, { GroupName, Name }) => one(arn("scheduler", region, `schedule/${GroupName}/${Name}`)),
  },
  CloudWatch: {
    DescribeAlarms: all,
    PutMetricData: (_, { Namespace }) => one("*", { "cloudwatch:namespace": Namespace }),
  },
  "Service Quotas": { GetServiceQuota: all },
};

/** All that IAM is asked about one call, tags and handed-on roles and keys included. Throws where the simulator does not know it. */
export const askedOf = (call: CallRecord, world: World): Asking[] => {
  const { service, operation, input, region } = call;
  const global = { "aws:RequestedRegion": region };
  const action = actionOfCall(call);
  if (service === "EC2" || service === "SSM")
    return ec2Asks(call, world).map((asking) => ({ ...asking, keys: { ...global, ...asking.keys } }));
  const ask = asks[service]?.[operation];
  if (!ask)
    throw new Error(`simulator/iam/requests.ts: it is not known what IAM is asked about ${service}.${operation}`);
  const own = ask(call, input, world).map((asking) => ({ action, ...asking }));
  const role = operation === "CreateSchedule" ? [(input as Input).Target.RoleArn] : [];
  const handed = role.map((resource) => ({
    action: "iam:PassRole",
    resource,
    keys: { "iam:PassedToService": "scheduler.amazonaws.com" },
  }));
  return [...own, ...handed].map((asking) => ({ ...asking, keys: { ...global, ...asking.keys } }));
};
