import { lookRoleArn, lookScheduleArns } from "../looks.ts";
import { bucketArn, executionArns, machineArn } from "../names.ts";
import {
  born,
  checks,
  executions,
  launched,
  ours,
  resume,
  retagOurs,
  table,
  tagTheirs,
  takeover,
  userData,
} from "./grants.ts";
import { grantsFor } from "./grants-of-plans.ts";
import type { Statement } from "./policy.ts";
import { type Scope, widest } from "./scope.ts";

/** What tells whether a failover would work: reads of both sides. */
export const surveysOf = (scope: Scope): Statement[] => {
  const { read, describe, describeKey, ofPlans, ...may } = grantsFor(scope);
  return [
    { actions: ["states:DescribeExecution"], resources: [executionArns("failover")] },
    ...describe(
      "DescribeAddresses",
      "DescribeImages",
      "DescribeInstances",
      "DescribeInstanceTypeOfferings",
      "DescribeInstanceTypes",
      "DescribeNetworkInterfaces",
      "DescribeSecurityGroups",
      "DescribeSnapshots",
      "DescribeSubnets",
      "GetInstanceMetadataDefaults",
    ),
    ...ofPlans("DescribeInstanceAttribute"),
    ...describeKey,
    ...read("servicequotas:GetServiceQuota"),
    ...may.zones("GetHostedZone", "ListResourceRecordSets"),
    { actions: ["route53:GetHealthCheck", "route53:GetHealthCheckStatus"], resources: [checks] },
    ...may.controls("GetRoutingControlState"),
    ...read("elasticloadbalancing:DescribeTargetGroups"),
  ];
};

/**
 * What each function may do, for the plans of a scope: exactly the AWS calls that its code makes, on what those plans name, and
 * what those calls imply (below). A test compares this with the call journal of the rehearsals, call by call. What Lifeboat
 * made itself is told apart by its tag; what no policy can tell apart is listed in docs/security.md.
 */
export const permissionsOf = (scope: Scope): Record<string, Statement[]> => {
  const surveys = surveysOf(scope);
  const { ec2, tagOnCreate, read, readIn, describe, describeKey, ofPlans, ...may } = grantsFor(scope);
  return {
    answer: [table("GetItem", "PutItem", "UpdateItem"), resume],
    ask: [table("GetItem", "PutItem", "UpdateItem"), resume, ...may.topics],
    consider: [table("GetItem", "PutItem", "UpdateItem")],
    "approval-page": [table("GetItem"), { actions: ["states:StartExecution"], resources: [machineArn("answer")] }],
    gate: [
      table("GetItem", "Query", "PutItem", "UpdateItem"),
      ...may.changeRecords,
      ...may.zones("ListResourceRecordSets"),
    ],
    "load-plan": [table("GetItem", "Query")],
    "acquire-lease": [table("GetItem", "Query", "PutItem", "UpdateItem"), executions],
    snapshot: [
      table("GetItem", "Query", "PutItem", "BatchWriteItem"),
      ...describe(
        "DescribeImages",
        "DescribeInstances",
        "DescribeInstanceCreditSpecifications",
        "DescribeFastSnapshotRestores",
        "DescribeInstanceTypes",
        "DescribeSnapshots",
        "DescribeSubnets",
        "DescribeVolumes",
      ),
      ...ofPlans("CreateImage", "CreateSnapshots", "DescribeInstanceAttribute"),
      ...ec2(["CreateSnapshots"], ["volume", "snapshot"]),
      ...tagOnCreate(["snapshot"], "CreateSnapshots"),
      ...ec2(["CreateImage"], ["image", "snapshot"]),
      ...tagOnCreate(["image", "snapshot"], "CreateImage"),
      ...may.documents,
      ...userData(["BatchWriteItem"], ["Decrypt", "Encrypt", "GenerateDataKey"]),
    ],
    copy: [
      table("BatchGetItem", "GetItem", "Query", "PutItem", "BatchWriteItem"),
      ...describe("DescribeImages", "DescribeSnapshots"),
      ...ec2(["CopySnapshot"], ["snapshot"]),
      ...tagOnCreate(["snapshot"], "CopySnapshot"),
      ...ec2(["CopyImage"], ["image", "snapshot"]),
      ...tagOnCreate(["image", "snapshot"], "CopyImage"),
      ...may.image,
      ...describeKey,
      ...may.keys,
    ],
    "check-progress": [table("GetItem", "Query", "PutItem", "BatchWriteItem"), ...describe("DescribeInstances")],
    catalog: [
      table("GetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem"),
      ...describe("DescribeSnapshots", "DescribeImages"),
      ...may.image,
      ...ec2(["DeleteSnapshot"], ["snapshot"], ours),
      ...may.lock,
    ],
    rotate: [
      table("GetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem"),
      ...describe("DescribeImages", "DescribeSnapshots", "DescribeVolumes"),
      ...ec2(["DeregisterImage"], ["image"], ours),
      ...ec2(["DeleteSnapshot"], ["snapshot"], ours),
    ],
    preflight: [table("GetItem", "Query", "PutItem"), ...surveys],
    readiness: [table("BatchGetItem", "GetItem", "Query", "PutItem"), ...surveys, ...may.describeTopics, ...may.topics],
    pause: [table("PutItem")],
    wake: [
      table("GetItem", "Query"),
      resume,
      { actions: ["states:StartExecution"], resources: [machineArn("replicate")] },
    ],
    "loss-gate": [table("GetItem", "PutItem")],
    launch: [
      table("GetItem", "Query", "PutItem", "BatchWriteItem"),
      { actions: ["states:DescribeExecution"], resources: [executionArns("failover")] },
      ...ec2(["TerminateInstances"], ["instance"], launched),
      ...ec2(["CreateTags"], ["instance", "volume", "network-interface"], retagOurs),
      ...describe("DescribeInstances", "DescribeImages", "DescribeSubnets"),
      ...ec2(["RunInstances"], ["image", "snapshot"], ours),
      ...ec2(["RunInstances"], ["instance", "volume"], born),
      ...ec2(["RunInstances"], ["capacity-reservation", "network-interface", "security-group", "subnet"]),
      {
        actions: ["ec2:RunInstances"],
        resources: scope.regions.map(
          (region) => `arn:\${AWS::Partition}:resource-groups:${region}:\${AWS::AccountId}:group/*`,
        ),
      },
      ...tagOnCreate(["instance", "volume", "network-interface"], "RunInstances"),
      ...may.image,
      ...describeKey,
      ...may.passRole,
      ...may.keys,
      ...userData(["GetItem"], ["Decrypt"]),
    ],
    attach: [
      table("GetItem", "Query", "PutItem", "BatchWriteItem"),
      ...may.associate,
      ...ec2(["ModifyInstanceAttribute"], ["instance"], launched),
      ...describe("DescribeInstances"),
      ...ec2(["CreateTags"], ["volume"], tagTheirs),
      ...may.registerTargets,
    ],
    verify: [
      table("GetItem", "Query", "PutItem", "BatchWriteItem"),
      ...describe("DescribeInstances", "DescribeInstanceStatus", "DescribeVolumeStatus", "DescribeVolumes"),
      ...read("elasticloadbalancing:DescribeTargetHealth"),
      ...may.shell,
      ...(scope.probes ? read("ssm:ListCommandInvocations") : []),
    ],
    "judge-wave": [table("GetItem", "Query", "PutItem")],
    fence: [table("GetItem", "Query", "PutItem", "BatchWriteItem"), ...may.isolation],
    guard: [table("BatchGetItem", "GetItem", "Query", "PutItem", "BatchWriteItem"), ...may.isolation],
    sense: [table("GetItem", "UpdateItem")],
    unfence: [
      table("GetItem", "Query", "PutItem", "BatchWriteItem"),
      ...describe("DescribeInstances", "DescribeNetworkAcls"),
      ...ofPlans("StartInstances"),
      ...ec2(["ReplaceNetworkAclAssociation"], ["network-acl", "subnet"]),
      ...ec2(["DeleteNetworkAcl"], ["network-acl"], ours),
      { actions: ["autoscaling:ResumeProcesses"], resources: may.scalingGroups },
      ...may.grant,
    ],
    "move-names": [
      table("GetItem", "Query", "PutItem"),
      ...describe("DescribeInstances"),
      ...may.changeRecords,
      ...may.zones("GetHostedZone", "ListResourceRecordSets"),
    ],
    reroute: [
      table("GetItem", "Query", "PutItem", "UpdateItem"),
      ...describe("DescribeInstances"),
      takeover,
      ...may.changeRecords,
      ...may.zones("ListResourceRecordSets"),
      ...may.controls("GetRoutingControlState"),
      // a safety rule that says no is none of ours to override
      ...may.controls("UpdateRoutingControlStates", {
        BoolIfExists: { "route53-recovery-cluster:AllowSafetyRulesOverrides": "false" },
      }),
    ],
    "verify-traffic": [
      table("GetItem", "Query", "PutItem"),
      { actions: ["route53:GetChange"], resources: ["arn:${AWS::Partition}:route53:::change/*"] },
      ...may.shell,
      ...(scope.probes ? read("ssm:GetCommandInvocation") : []),
    ],
    report: [
      table("GetItem", "Query", "PutItem"),
      { actions: ["s3:PutObject"], resources: [`${bucketArn}/*`] },
      ...may.topics,
    ],
    release: [table("GetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem")],
    "inspect-run": [table("GetItem", "Query"), executions],
    detect: [
      table("BatchGetItem", "GetItem", "PutItem", "UpdateItem"),
      ...may.controls("GetRoutingControlState"),
      ...readIn(scope.watched, ["cloudwatch:DescribeAlarms", "ec2:DescribeAvailabilityZones"]),
      takeover,
      { actions: ["states:StartExecution"], resources: [machineArn("failover")] },
      { actions: ["states:DescribeExecution"], resources: [executionArns("failover")] },
      { actions: ["scheduler:CreateSchedule"], resources: [lookScheduleArns] },
      {
        actions: ["iam:PassRole"],
        resources: [lookRoleArn],
        condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
      },
      ...may.topics,
    ],
  };
};

/** The rights of a plan that uses all that there is. */
export const permissions = permissionsOf(widest);

/** Every action of a function's role that its own code may call, as in "ec2:DescribeInstances", sorted; the implied ones included. */
export const actionsOf = (name: string): string[] =>
  [...new Set((permissions[name] ?? []).flatMap(({ actions }) => actions))].sort();
