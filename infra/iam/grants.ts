import { executionArns, tableArn, userDataTableArn } from "../names.ts";
import type { Statement } from "./policy.ts";

/** The words in which permissions are written that need no plan: each gives one right, on as little as it can. */
export const table = (...verbs: string[]): Statement => ({
  actions: verbs.map((verb) => `dynamodb:${verb}`),
  resources: [tableArn],
});
/** Items of these partition keys and no others. [DynamoDB:specifying-conditions] */
export const itemsOf = (statement: Statement, ...keys: string[]): Statement => ({
  ...statement,
  condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": keys } },
});
/** The table of secrets: DynamoDB uses its key in the caller's name. [DynamoDB:encryption.usagenotes] */
export const userData = (verbs: string[], keyUses: string[]): Statement[] => [
  { actions: verbs.map((verb) => `dynamodb:${verb}`), resources: [userDataTableArn] },
  {
    actions: keyUses.map((use) => `kms:${use}`),
    resources: ["${UserDataKey.Arn}"],
    condition: { StringEquals: { "kms:ViaService": "dynamodb.${AWS::Region}.amazonaws.com" } },
  },
];

export const ours = { Null: { "aws:ResourceTag/lifeboat:application": "false" } };
/** What a run launched, this one or an earlier one. */
export const launched = { Null: { "aws:ResourceTag/lifeboat:run": "false" } };
/** What carries our tags from the call on that makes it. */
export const born = { Null: { "aws:RequestTag/lifeboat:application": "false" } };
/** Only what carries our tag, and only the tag that names the run which uses it. */
export const retagOurs = {
  ...ours,
  "ForAllValues:StringEquals": { "aws:TagKeys": ["lifeboat:run"] },
};
/** What carries our tag may be given others, none of ours. */
export const tagTheirs = { ...ours, "ForAllValues:StringNotLike": { "aws:TagKeys": ["lifeboat:*"] } };
export const createdBy = (...calls: string[]) => ({ StringEquals: { "ec2:CreateAction": calls } });

export const executions: Statement = {
  actions: ["states:DescribeExecution"],
  resources: ["replicate", "rotate", "failover", "close"].map(executionArns),
};
export const takeover: Statement = {
  actions: ["cloudwatch:PutMetricData"],
  resources: ["*"],
  condition: { StringEquals: { "cloudwatch:namespace": "Lifeboat" } },
};
/** A task token names the task: IAM knows no resource for it. */
export const resume: Statement = { actions: ["states:SendTaskSuccess"], resources: ["*"] };
export const checks = "arn:${AWS::Partition}:route53:::healthcheck/*";
