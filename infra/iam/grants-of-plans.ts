import { noServer } from "../../functions/core/readiness/proof.ts";
import { born, createdBy, launched, ours } from "./grants.ts";
import type { Statement } from "./policy.ts";
import type { Scope } from "./scope.ts";
import { fits, selectedBy } from "./selected.ts";

type Condition = Statement["condition"];
const account = "${AWS::AccountId}";

/**
 * The words in which permissions are written that need to know which plans there are: their Regions, servers, zones, topics.
 * What nothing can be named for is left out: each word gives statements, or none.
 */
export const grantsFor = (scope: Scope) => {
  const { regions, selections } = scope;
  const arnsIn = (some: string[], rest: (region: string) => string) =>
    some.map((region) => `arn:\${AWS::Partition}:${rest(region)}`);
  const resource = (type: string) =>
    arnsIn(regions, (region) =>
      type === "snapshot" || type === "image" ? `ec2:${region}::${type}/*` : `ec2:${region}:${account}:${type}/*`,
    );

  const ec2 = (actions: string[], types: string[], condition?: Condition): Statement[] => [
    {
      actions: actions.map((action) => `ec2:${action}`),
      resources: types.flatMap(resource),
      ...(condition && { condition }),
    },
  ];
  const tagOnCreate = (types: string[], ...calls: string[]) => ec2(["CreateTags"], types, createdBy(...calls));
  /** Calls that know no resource, or whose answer is a list. */
  const readIn = (some: string[], actions: string[]): Statement[] => [
    { actions, resources: ["*"], condition: { StringEquals: { "aws:RequestedRegion": some } } },
  ];
  const read = (...actions: string[]) => readIn(regions, actions);
  const named = (actions: string[], resources: string[], condition?: Condition): Statement[] =>
    resources.length > 0 ? [{ actions, resources, ...(condition && { condition }) }] : [];

  /** Servers that a plan selects. One that has lost its tags is none any more, and Fence isolates it instead. */
  const ofPlans = (...actions: string[]): Statement[] =>
    selectedBy(selections, "aws:ResourceTag").flatMap((condition) =>
      ec2(actions, ["instance"], Object.keys(condition).length > 0 ? condition : undefined),
    );

  const keysOf = (some: string[]) => arnsIn(some, (region) => `kms:${region}:${account}:key/*`);
  const through = (service: string, some: string[]) => ({
    StringEquals: { "kms:ViaService": some.map((region) => `${service}.${region}.amazonaws.com`) },
  });
  /** EBS and EC2 use the keys in the caller's name. The key policies must allow it too: docs/deploy.md. */
  const grant: Statement[] = [
    {
      actions: ["kms:CreateGrant"],
      resources: keysOf(regions),
      condition: { Bool: { "kms:GrantIsForAWSResource": "true" }, ...through("ec2", regions) },
    },
  ];
  const keys: Statement[] = [
    {
      actions: ["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
      resources: keysOf(regions),
      condition: through("ec2", regions),
    },
    ...grant,
  ];
  const topicRegions = [...new Set(scope.topics.map((topic) => topic.split(":")[3]!))];
  const topicArns = fits(scope.topics) ? scope.topics : arnsIn(topicRegions, (region) => `sns:${region}:${account}:*`);
  const describeTopics = named(["sns:GetTopicAttributes"], topicArns);
  /** A topic under a customer's key takes a message only from who may use that key through SNS. [SNS: sns-key-management] */
  const topics: Statement[] = [
    ...named(["sns:Publish"], topicArns),
    ...named(["kms:Decrypt", "kms:GenerateDataKey"], keysOf(topicRegions), through("sns", topicRegions)),
  ];

  const zonesOf = (zones: string[]) =>
    (fits(zones) ? zones : ["*"]).map((zone) => `arn:\${AWS::Partition}:route53:::hostedzone/${zone}`);
  const zones = (...verbs: string[]) =>
    named(
      verbs.map((verb) => `route53:${verb}`),
      zonesOf(scope.zones),
    );
  /** Records of servers, never those by which a name is owned or its mail is sent. [R53:specifying-rrset-conditions] */
  const changeRecords = named(["route53:ChangeResourceRecordSets"], zonesOf(scope.changed), {
    "ForAllValues:StringEquals": {
      "route53:ChangeResourceRecordSetsRecordTypes": ["A", "AAAA", "CNAME"],
      "route53:ChangeResourceRecordSetsActions": ["UPSERT", "DELETE"],
    },
  });
  const controls = (verb: string, condition?: Condition) =>
    named(
      [`route53-recovery-cluster:${verb}`],
      fits(scope.controls)
        ? scope.controls
        : [`arn:\${AWS::Partition}:route53-recovery-control::${account}:controlpanel/*`],
      condition,
    );
  const scalingGroups = arnsIn(
    regions,
    (region) => `autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/*`,
  );

  /** An image is made of copies, found by its name, and made again when it is broken. */
  const image = [
    ...ec2(["RegisterImage"], ["image"], born),
    ...ec2(["RegisterImage"], ["snapshot"], ours),
    ...tagOnCreate(["image"], "RegisterImage"),
    ...ec2(["DeregisterImage"], ["image"], ours),
  ];

  /** Stops servers, or shuts them off where stopping would lose their instance store, and keeps groups from replacing them. */
  const isolation: Statement[] = [
    ...read(
      ...["DescribeInstances", "DescribeInstanceTypes", "DescribeNetworkAcls", "DescribeNetworkInterfaces"].map(
        (verb) => `ec2:${verb}`,
      ),
    ),
    ...ofPlans("StopInstances"),
    ...ec2(["CreateNetworkAcl"], ["network-acl"], born),
    ...ec2(["CreateNetworkAcl"], ["vpc"]),
    ...tagOnCreate(["network-acl"], "CreateNetworkAcl"),
    ...ec2(["ReplaceNetworkAclAssociation"], ["network-acl", "subnet"]),
    ...read("autoscaling:DescribeAutoScalingGroups"),
    { actions: ["autoscaling:SuspendProcesses"], resources: scalingGroups },
  ];

  /**
   * Systems Manager: Regions by ARN and tags by its own key, because a global key (aws:RequestedRegion, aws:ResourceTag) in a
   * policy for SendCommand is not there in every request that it makes of it. [SSM:run-command-setting-up]
   */
  const instances = arnsIn(regions, (region) => `ec2:${region}:${account}:instance/*`);
  const documentArn = (name: string) =>
    name.startsWith("arn:")
      ? [name]
      : arnsIn(regions, (region) => `ssm:${region}:${/^(AWS|Amazon)/.test(name) ? "" : account}:document/${name}`);
  const send = (resources: string[], condition?: Condition) => named(["ssm:SendCommand"], resources, condition);
  /** Runs a probe on what a run launched; the proof of rights names the id of no server. */
  const shell: Statement[] = scope.probes
    ? [
        ...send(["AWS-RunShellScript", "AWS-RunPowerShellScript"].flatMap(documentArn)),
        ...send(instances, { StringLike: { "ssm:resourceTag/lifeboat:run": "?*" } }),
        ...send(arnsIn(regions, (region) => `ec2:${region}:${account}:instance/${noServer}`)),
        ...read("ssm:DescribeInstanceInformation"),
      ]
    : [];
  /** The documents of the plans on the servers of the plans. */
  const documents: Statement[] =
    scope.documents.length > 0
      ? [
          ...send(scope.documents.flatMap(documentArn)),
          ...selectedBy(selections, "ssm:resourceTag").flatMap((condition) =>
            send(instances, Object.keys(condition).length > 0 ? condition : undefined),
          ),
          ...read("ssm:DescribeInstanceInformation", "ssm:ListCommandInvocations"),
        ]
      : [];

  return {
    ec2,
    tagOnCreate,
    read,
    readIn,
    ofPlans,
    grant,
    keys,
    topics,
    describeTopics,
    zones,
    changeRecords,
    controls,
    image,
    isolation,
    shell,
    documents,
    scalingGroups,
    describe: (...actions: string[]) => read(...actions.map((action) => `ec2:${action}`)),
    describeKey: named(["kms:DescribeKey"], keysOf(regions)),
    /** Roles that launched servers have, which stand in their instance profiles: given with the deployment. */
    passRole: named(
      ["iam:PassRole"],
      scope.instanceRoles.map((role) => `arn:\${AWS::Partition}:iam::${account}:role/${role}`),
      { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    ),
    lock:
      scope.lockDays > 0
        ? ec2(["LockSnapshot"], ["snapshot"], {
            ...ours,
            NumericLessThanEquals: { "ec2:SnapshotLockDuration": `${scope.lockDays}` },
          })
        : [],
    /** The addresses of the plans, for what a run launched; the proof of rights names the id of no server. */
    associate:
      scope.addresses.length > 0
        ? [
            ...named(["ec2:AssociateAddress"], addressArns(scope.addresses, regions)),
            ...ec2(["AssociateAddress"], ["instance"], launched),
            ...ec2(["AssociateAddress"], ["network-interface"]),
            ...named(
              ["ec2:AssociateAddress"],
              arnsIn(regions, (region) => `ec2:${region}:${account}:instance/${noServer}`),
            ),
          ]
        : [],
    registerTargets: named(
      ["elasticloadbalancing:RegisterTargets"],
      fits(scope.targetGroups)
        ? scope.targetGroups
        : arnsIn(regions, (region) => `elasticloadbalancing:${region}:${account}:targetgroup/*`),
    ),
  };
};

const addressArns = (addresses: string[], regions: string[]) => {
  const arns = addresses.map((address) => {
    const [region, id] = address.split("/");
    return `arn:\${AWS::Partition}:ec2:${region}:${account}:elastic-ip/${id}`;
  });
  return fits(arns) ? arns : regions.map((region) => `arn:\${AWS::Partition}:ec2:${region}:${account}:elastic-ip/*`);
};
