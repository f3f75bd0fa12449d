import { applicationsKey } from "../../functions/aws/store/store.ts";
import { holdKey } from "../hold.ts";
import { executionArns, machineArn } from "../names.ts";
import { deployerActions } from "./deployer-actions.ts";
import { itemsOf, ours, table } from "./grants.ts";
import { grantsFor } from "./grants-of-plans.ts";
import { surveysOf } from "./permissions.ts";
import type { Statement } from "./policy.ts";
import type { Scope } from "./scope.ts";
import { scopesPartition } from "./scopes.ts";

const people = ["replicate", "rotate", "failover"];

/** What `check --online` asks AWS for, and `deploy` at its end: whether a failover would work. */
const looksOf = (scope: Scope): Statement[] => {
  const { readIn, ec2, describeTopics, passRole, describe } = grantsFor(scope);
  return [
    { actions: ["sts:GetCallerIdentity"], resources: ["*"] },
    ...surveysOf(scope),
    ...describe("DescribeVolumes"),
    ...readIn(scope.watched, ["cloudwatch:DescribeAlarms"]),
    ...describeTopics,
    // what a person still has to wire, and the profile that a plan names
    { actions: ["route53:ListHealthChecks"], resources: ["*"] },
    {
      actions: ["iam:GetInstanceProfile"],
      resources: ["arn:${AWS::Partition}:iam::${AWS::AccountId}:instance-profile/*"],
    },
    // to try the launch of a server dry: what is launched in earnest by the same right is an image of ours all the same
    ...ec2(["RunInstances"], ["image", "snapshot"], ours),
    ...ec2(["RunInstances"], ["instance", "network-interface", "security-group", "subnet", "volume"]),
    ...passRole,
  ];
};

/** What the commands of the person on call ask AWS for, check --online included: reads, the machines, and their own items. */
export const operatorStatements = (scope: Scope): Statement[] => [
  table("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
  { actions: ["states:StartExecution"], resources: people.map(machineArn) },
  {
    actions: ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"],
    resources: people.map(executionArns),
  },
  ...looksOf(scope),
];

/**
 * What `deploy` and `remove` ask AWS for, by themselves, by osls, and by CloudFormation, which acts in the caller's name. They read
 * what the other plans of the table need, and write their own items and those that all deployments share.
 */
export const deployerStatements = (scope: Scope, types: string[], application: string): Statement[] => {
  const byType = types.flatMap((type) => deployerActions[type] ?? []);
  const merged = Map.groupBy([...deployerActions.osls!, ...byType], ({ resources, condition }) =>
    JSON.stringify([resources, condition ?? null]),
  );
  const shared = [applicationsKey.pk, scopesPartition, holdKey.pk];
  return [
    ...[...merged.values()].map((some) => ({
      ...some[0]!,
      actions: [...new Set(some.flatMap(({ actions }) => actions))].sort(),
    })),
    table("BatchGetItem", "GetItem", "Query"),
    itemsOf(table("DeleteItem", "PutItem"), application, ...shared),
    ...looksOf(scope),
  ];
};

/** A managed policy has room for so many characters. [IAM:reference_iam-quotas] */
const policyCharactersMax = 6_144;

/** As many documents as it takes, none larger than a managed policy may be. */
export const documentsOf = (statements: Statement[], account: string) => {
  const parts: Statement[][] = [];
  const sizeOf = (some: Statement[]) => JSON.stringify(documentOf(some, account)).length;
  /** A right to many things is the same as a right to each half of them. */
  const fitting = (statement: Statement): Statement[] => {
    const { resources } = statement;
    if (resources.length === 1 || sizeOf([statement]) <= policyCharactersMax) return [statement];
    const middle = Math.ceil(resources.length / 2);
    return [resources.slice(0, middle), resources.slice(middle)].flatMap((half) =>
      fitting({ ...statement, resources: half }),
    );
  };
  for (const statement of statements.flatMap(fitting)) {
    const last = parts.at(-1);
    if (last && sizeOf([...last, statement]) <= policyCharactersMax) last.push(statement);
    else parts.push([statement]);
  }
  return parts.map((some) => documentOf(some, account));
};

/** As IAM takes it: in every Region of the plans where our own stands in one of them. */
const documentOf = (statements: Statement[], account: string) => ({
  Version: "2012-10-17",
  Statement: statements.map(({ actions, resources, condition }) => ({
    Effect: "Allow",
    Action: actions,
    Resource: resources.map((arn) => inPlain(arn, account)),
    ...(condition && { Condition: JSON.parse(inPlain(JSON.stringify(condition), account)) }),
  })),
});

const inPlain = (text: string, account: string) =>
  text
    .replaceAll("${AWS::Partition}", "aws")
    .replaceAll("${AWS::AccountId}", account)
    .replaceAll("${AWS::Region}", "*");
