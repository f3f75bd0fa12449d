import { beforeAll, expect, test } from "vitest";
import { tableName, userDataTableName } from "../../functions/core/deployed-names.ts";
import { actionOfCall } from "../../functions/core/iam-actions.ts";
import { approvalPageStep } from "../../infra/approval-page.ts";
import { actionsOf, permissions } from "../../infra/iam/permissions.ts";
import { kebabCase, tableArn, userDataTableArn } from "../../infra/names.ts";
import type { Denial } from "../../simulator/iam/authorize.ts";
import type { CallRecord } from "../../simulator/kernel.ts";
import type { Story } from "../../simulator/story/played-story.ts";
import { outcomeOf } from "../../simulator/story/result.ts";
import { underOurRoles } from "../support/rights.ts";
import { rehearsals } from "./rehearsals.ts";

/** Browsers invoke the page, no rehearsal does: test/functions/approval-page.test.ts compares its calls. */
const names = Object.keys(permissions).filter((name) => name !== approvalPageStep);
const calls = new Map<string, CallRecord[]>(names.map((name) => [name, []]));
const stories = new Map<string, Story>();
const denials = new Map<string, Denial[]>();
const strangers = new Set<string>();

/** Virtual time is one to a process: one story after the other. */
beforeAll(async () => {
  for (const { name, play } of rehearsals) {
    const story = await play((environment) => denials.set(name, underOurRoles(environment)));
    stories.set(name, story);
    for (const call of story.world.journal) {
      const of = calls.get(kebabCase(call.step));
      if (of) of.push(call);
      else strangers.add(call.step);
    }
  }
}, 600_000);

test.each(rehearsals)(
  "$name: ends as it should ($ends), so that its calls are those of a whole run",
  ({ name, ends }) => {
    const { executions, run } = stories.get(name)!;
    const ran = executions.filter((one) => (run ? one.name === `${run}-by-hand` : one.machine === "failover"));
    expect(ran.map(outcomeOf).join(", ")).toBe(ends);
  },
);

test.each(rehearsals)(
  "$name: every call is allowed to its role, by the tags that things have just before it",
  ({ name }) => {
    expect(denials.get(name)).toEqual([]);
  },
);

test("every call belongs to a function, to who deploys and stores the plan, or to a person who starts or answers", () => {
  expect([...strangers].sort()).toEqual(["deploy", "person"]);
});

/** Granted, and called by no rehearsal: why. */
const notRehearsed: Record<string, Record<string, string>> = {
  ask: {
    "states:SendTaskSuccess": "only for an answer that came while its task began once more: test/functions/ask.test.ts",
  },
  snapshot: {
    "ssm:DescribeInstanceInformation": "simulated servers run no documents but the probe of verify",
    "ssm:ListCommandInvocations": "simulated servers run no documents but the probe of verify",
    "ssm:SendCommand": "simulated servers run no documents but the probe of verify",
  },
  gate: {
    "dynamodb:UpdateItem": "only after a bad gate: test/functions/gate.test.ts",
    "route53:ChangeResourceRecordSets": "only after a bad gate: test/functions/gate.test.ts",
    "route53:ListResourceRecordSets": "only after a bad gate: test/functions/gate.test.ts",
  },
  preflight: {
    "states:DescribeExecution": "only where an earlier run left servers: test/simulation/second-run.test.ts",
    "route53:GetHealthCheckStatus": "only for a pair with an endpoint check: test/traffic/check-traffic.test.ts",
  },
  // the looks of quiet stories read less than a Preflight: test/functions/readiness.test.ts, test/cli/check-ready.test.ts
  readiness: {
    "ec2:GetInstanceMetadataDefaults": "only for servers with IMDSv1: as preflight",
    "kms:Decrypt": "only with a message: test/functions/readiness.test.ts",
    "kms:GenerateDataKey": "only with a message: test/functions/readiness.test.ts",
    "route53-recovery-cluster:GetRoutingControlState": "only with routing controls: as preflight",
    "route53:GetHealthCheckStatus": "only for a pair with an endpoint check: test/traffic/check-traffic.test.ts",
    "route53:GetHostedZone": "only for names of a private zone: as preflight",
    "sns:Publish": "a story begins with topics that were tested: test/functions/readiness.test.ts",
    "states:DescribeExecution": "only where an earlier run left servers: test/simulation/second-run.test.ts",
  },
  launch: {
    "ec2:TerminateInstances": "only where an earlier run left servers: test/simulation/second-run.test.ts",
    "states:DescribeExecution": "only where an earlier run left servers: test/simulation/second-run.test.ts",
    "ec2:DeregisterImage": "an image that EC2 calls failed is made again; the simulator's images do not fail",
  },
};

/** What EC2 checks of the caller beside the action of the call, read off what was asked. */
const isOf =
  (...operations: string[]) =>
  ({ service, operation }: CallRecord) =>
    service === "EC2" && operations.includes(operation);
const tableOf = ({ input }: CallRecord) => input.TableName ?? Object.keys(input.RequestItems ?? {})[0];
const beside: { because: string; when: (call: CallRecord) => boolean; needs: string[] }[] = [
  {
    because: "the call carries tags [EC2: supported-iam-actions-tagging]",
    when: ({ service, input }) => service === "EC2" && input.TagSpecifications !== undefined,
    needs: ["ec2:CreateTags"],
  },
  {
    because: "an instance profile hands a role to EC2 [IAM: id_roles_use_passrole]",
    when: (call) => isOf("RunInstances")(call) && call.input.IamInstanceProfile !== undefined,
    needs: ["iam:PassRole"],
  },
  {
    because: "a schedule is handed a role [IAM: id_roles_use_passrole]",
    when: ({ service, operation }) => service === "Scheduler" && operation === "CreateSchedule",
    needs: ["iam:PassRole"],
  },
  {
    because: "EC2 reads and writes encrypted volumes in the caller's name [EBS: ebs-encryption-requirements]",
    when: isOf("CopySnapshot", "CopyImage", "RunInstances"),
    needs: [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ],
  },
  {
    because: "EC2 keeps using the key of an encrypted volume [repost.aws: kms-iam-ec2-permission]",
    when: isOf("CopySnapshot", "CopyImage", "RunInstances", "StartInstances"),
    needs: ["kms:CreateGrant"],
  },
  {
    because: "a topic may lie under a customer's key [SNS: sns-key-management]",
    when: ({ service, operation }) => service === "SNS" && operation === "Publish",
    needs: ["kms:Decrypt", "kms:GenerateDataKey"],
  },
  {
    because: "the table of user data lies under a key of its own [DynamoDB: encryption.usagenotes]",
    when: (call) => tableOf(call) === userDataTableName,
    needs: ["kms:Decrypt"],
  },
  {
    because: "a table under a key of its own is written to [DynamoDB: encryption.usagenotes]",
    when: (call) => call.operation !== "GetItem" && tableOf(call) === userDataTableName,
    needs: ["kms:Encrypt", "kms:GenerateDataKey"],
  },
];

const needed = (name: string): string[] => {
  const made = calls.get(name)!;
  const implied = beside.filter(({ when }) => made.some(when)).flatMap(({ needs }) => needs);
  return [...new Set([...made.map(actionOfCall), ...implied])].sort();
};

test.each(names)("%s may do what its rehearsals did, and nothing else", (name) => {
  const excused = Object.keys(notRehearsed[name] ?? {});
  expect(actionsOf(name)).toEqual([...new Set([...needed(name), ...excused])].sort());
});

test.each(names)("%s may do to each table what it did to that one", (name) => {
  for (const [table, arn] of [
    [tableName, tableArn],
    [userDataTableName, userDataTableArn],
  ]) {
    const granted = permissions[name]!.filter(({ resources }) => resources.includes(arn!)).flatMap(
      ({ actions }) => actions,
    );
    const made = calls.get(name)!.filter((call) => call.service === "DynamoDB" && tableOf(call) === table);
    const excused = Object.keys(notRehearsed[name] ?? {}).filter((action) => granted.includes(action));
    expect(granted.sort(), table).toEqual([...new Set([...made.map(actionOfCall), ...excused])].sort());
  }
});

test("no exception has become untrue", () => {
  for (const [name, excused] of Object.entries(notRehearsed))
    for (const action of Object.keys(excused)) expect(needed(name), name).not.toContain(action);
});

/** Values of a condition key that a statement with this action sets. */
const conditioned = (name: string, action: string, key: string) =>
  permissions[name]!.filter(({ actions }) => actions.includes(action)).flatMap(({ condition }) =>
    Object.values(condition ?? {}).flatMap((values) => values[key] ?? []),
  );

test.each(names)("%s may set tags in just the calls that carry them, on just what they tag", (name) => {
  const tagging = calls.get(name)!.filter(({ service, input }) => service === "EC2" && input.TagSpecifications);
  const operations = [...new Set(tagging.map(({ operation }) => operation))].sort();
  expect(conditioned(name, "ec2:CreateTags", "ec2:CreateAction").sort()).toEqual(operations);
  for (const operation of operations) {
    const specifications = tagging
      .filter((call) => call.operation === operation)
      .flatMap(({ input }) => input.TagSpecifications as { ResourceType: string }[]);
    const tagged = [...new Set(specifications.map(({ ResourceType }) => ResourceType))].sort();
    const granted = permissions[name]!.filter(({ condition }) =>
      Object.values(condition ?? {}).some((keys) => [keys["ec2:CreateAction"]].flat().includes(operation)),
    );
    const types = new Set(granted.flatMap(({ resources }) => resources.map((arn) => /([\w-]+)\/\*$/.exec(arn)![1]!)));
    expect([...types].sort(), operation).toEqual(tagged);
  }
});

test("what a role allows in its own Region only is called in the controller's Region only", () => {
  const bound = ["DynamoDB", "S3", "SFN", "Scheduler"];
  for (const { plan, world } of stories.values()) {
    const elsewhere = world.journal.filter(
      ({ service, region }) => bound.includes(service) && region !== plan.regions.recovery,
    );
    expect(elsewhere).toEqual([]);
  }
});
