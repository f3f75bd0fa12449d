import { describeElasticIps } from "../../../aws/ec2/addresses.ts";
import { describeSecurityGroups } from "../../../aws/ec2/security-groups.ts";
import { describeSubnets } from "../../../aws/ec2/subnets.ts";
import { describeTargetGroup } from "../../../aws/elastic-load-balancing.ts";
import type { Findings } from "../../../core/findings.ts";
import { judgeElasticIps, judgeSubnets, judgeTargetGroup } from "../../../core/instances/launch/conditions.ts";
import { groupIdsOf, judgeSecurityGroups, judgeTargetGroupVpc } from "../../../core/instances/launch/network-rules.ts";
import { type Subnet, subnetIdsOf } from "../../../core/instances/launch/placement.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Context } from "../../../runtime/context.ts";

/** What the plan names in the recovery Region, as it is there now; what does not exist there is left out. */
export type RecoverySide = {
  subnets: Subnet[];
  securityGroups: Awaited<ReturnType<typeof describeSecurityGroups>>;
  elasticIps: Awaited<ReturnType<typeof describeElasticIps>>;
  targetGroups: Map<string, Awaited<ReturnType<typeof describeTargetGroup>>>;
};

/** Reads the places, groups and addresses that these resources name, in a few batched calls. */
export const readRecoverySide = async (
  { clients }: Pick<Context, "clients">,
  region: string,
  resources: Resource[],
): Promise<RecoverySide> => {
  const subnetIds = distinct(resources.flatMap(({ launch }) => subnetIdsOf(launch)));
  const groupIds = groupIdsOf(resources);
  const allocations = distinct(resources.flatMap(({ launch }) => launch.elasticIps));
  const arns = distinct(resources.flatMap(({ launch }) => launch.targetGroups));
  const [subnets, securityGroups, elasticIps, targetGroups] = await Promise.all([
    subnetIds.length ? describeSubnets(clients, region, subnetIds) : [],
    groupIds.length ? describeSecurityGroups(clients, region, groupIds) : [],
    allocations.length ? describeElasticIps(clients, region, allocations) : [],
    Promise.all(arns.map(async (arn) => [arn, await describeTargetGroup(clients, region, arn)] as const)),
  ]);
  return { subnets, securityGroups, elasticIps, targetGroups: new Map(targetGroups) };
};

/**
 * Is everything there that the plan names, and does it fit together? `serversOf`: how many servers a resource has; `own`:
 * instances that a run takes over or removes.
 */
export const judgeRecoverySide = (
  side: RecoverySide,
  region: string,
  resources: Resource[],
  serversOf: (resource: Resource) => number,
  own: Set<string> = new Set(),
): Findings[] =>
  resources.flatMap((resource) => [
    judgeSubnets(resource, side.subnets),
    {
      problems: [
        ...judgeSecurityGroups(resource, region, side.securityGroups, side.subnets),
        ...resource.launch.targetGroups.flatMap((arn) => judgeOne(resource, arn, side)),
      ],
      warnings: [],
    },
    judgeElasticIps(resource, serversOf(resource), side.elasticIps, own),
  ]);

const judgeOne = (resource: Resource, arn: string, { targetGroups, subnets }: RecoverySide) => {
  const found = targetGroups.get(arn) ?? null;
  return [
    ...judgeTargetGroup(resource.name, arn, found),
    ...(found ? judgeTargetGroupVpc(resource, found, subnets) : []),
  ];
};

const distinct = (values: string[]) => [...new Set(values)];
