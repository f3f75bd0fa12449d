import type { Resource } from "../../model/plan.ts";
import { type Subnet, subnetIdsOf } from "./placement.ts";

/** `vpc`: the VPC that it belongs to. */
export type SecurityGroup = { id: string; vpc: string };

/** Every security group that a launch of these resources may use. */
export const groupIdsOf = (resources: Resource[]): string[] => [
  ...new Set(resources.flatMap((resource) => usesOf(resource).flatMap(({ groups }) => groups))),
];

/**
 * A launch takes security groups of the VPC of its subnet, and no others: EC2 refuses it, whatever the instance type.
 * [SDK EC2: RunInstancesRequest] `existing` and `subnets`: those of the plan that the Region has.
 */
export const judgeSecurityGroups = (
  resource: Resource,
  region: string,
  existing: SecurityGroup[],
  subnets: Subnet[],
): string[] => {
  const problems = usesOf(resource).flatMap(({ groups, subnetIds }) =>
    groups.flatMap((id) => {
      const group = existing.find((one) => one.id === id);
      if (!group) return [`${resource.name}: security group ${id} does not exist in ${region}`];
      return subnetsOutside(group.vpc, subnetIds, subnets).map(
        (subnet) => `${resource.name}: security group ${id} belongs to ${group.vpc}, but ${subnet.id} to ${subnet.vpc}`,
      );
    }),
  );
  return [...new Set(problems)];
};

/** A load balancer reaches an instance, as a target by its id, in the VPC of the target group only. [ELB:target-group-register-targets] */
export const judgeTargetGroupVpc = (
  { name, launch }: Resource,
  { arn, vpc }: { arn: string; vpc?: string },
  subnets: Subnet[],
): string[] =>
  vpc
    ? subnetsOutside(vpc, subnetIdsOf(launch), subnets).map(
        (subnet) => `${name}: target group ${arn} belongs to ${vpc}, but ${subnet.id} to ${subnet.vpc}`,
      )
    : [];

/** Which groups meet which subnets: the resource's own, and those of each server with settings of its own. */
const usesOf = ({ launch }: Resource) => {
  const subnetIds = Object.values(launch.subnets).flat();
  const own = Object.values(launch.overrides).map((over) => ({
    groups: over.securityGroups ?? launch.securityGroups,
    subnetIds: over.subnet ? [over.subnet] : subnetIds,
  }));
  return [{ groups: launch.securityGroups, subnetIds }, ...own];
};

const subnetsOutside = (vpc: string, ids: string[], subnets: Subnet[]) =>
  subnets.filter((subnet) => ids.includes(subnet.id) && subnet.vpc && subnet.vpc !== vpc);
