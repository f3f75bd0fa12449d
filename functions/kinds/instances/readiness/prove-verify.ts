import { tryRight } from "../../../aws/calls/try-right.ts";
import { describeInstancesById, listStatuses } from "../../../aws/ec2/instances.ts";
import { volumesLoading } from "../../../aws/ec2/volumes.ts";
import { targetHealth } from "../../../aws/elastic-load-balancing.ts";
import { managedAmong, tryShell } from "../../../aws/ssm.ts";
import { noServer, type Tried } from "../../../core/readiness/proof.ts";
import type { Context } from "../../../runtime/context.ts";
import type { DryStep } from "../../../runtime/prove.ts";

/** Reads, of servers that are not there, what the plan's ways to verify read. */
export const proveVerify = async ({ run, plan }: DryStep, { clients }: Context): Promise<Tried[]> => {
  const { target } = run;
  const ways = plan.protect.map(({ verify }) => verify);
  const groups = new Set(plan.protect.flatMap(({ launch }) => launch.targetGroups));
  const read = (action: string, ask: () => Promise<unknown>) => tryRight(action, target, ask);
  const shell = ways.some((way) => way?.from === "ssm") ? await tryShell(clients, target) : [];
  const tried = await Promise.all([
    read("ec2:DescribeInstances", () => describeInstancesById(clients, target, [noServer])),
    ...(ways.includes(null) ? [read("ec2:DescribeInstanceStatus", () => listStatuses(clients, target))] : []),
    ...(ways.some((way) => way?.initialized)
      ? [read("ec2:DescribeVolumeStatus", () => volumesLoading(clients, target, [noServer]))]
      : []),
    ...(shell.length > 0
      ? [read("ssm:DescribeInstanceInformation", () => managedAmong(clients, target, [noServer]))]
      : []),
    ...[...groups].map((arn) =>
      read("elasticloadbalancing:DescribeTargetHealth", () => targetHealth(clients, target, arn)),
    ),
  ]);
  return [...shell, ...tried];
};
