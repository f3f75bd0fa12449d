import { describeGroups, trySuspend } from "../../../aws/auto-scaling.ts";
import { tryRight } from "../../../aws/calls/try-right.ts";
import { describeInstanceTypes } from "../../../aws/ec2/instance-types.ts";
import { describeSelected, tryStop } from "../../../aws/ec2/instances.ts";
import { aclsOf, interfacesIn, tryIsolationAcl, tryReplaceAcl } from "../../../aws/ec2/network-acls.ts";
import type { Tried } from "../../../core/readiness/proof.ts";
import type { Context } from "../../../runtime/context.ts";
import type { DryStep } from "../../../runtime/prove.ts";

/** Tries to stop one server of each resource in the source, and to close its network off; all of them go on as they are. */
export const proveFence = async ({ run, plan }: DryStep, { clients }: Context): Promise<Tried[]> => {
  const { application, source } = run;
  const listed = await Promise.all(
    plan.protect.map(({ select }) => describeSelected(clients, source, select.tags, "optional")),
  );
  const servers = listed.flatMap(([first]) => first ?? []);
  const networks = new Set(servers.flatMap(({ VpcId }) => VpcId ?? []));
  const subnets = [...new Set(servers.flatMap(({ SubnetId }) => SubnetId ?? []))];
  const acls = subnets.length > 0 ? await aclsOf(clients, source, application, subnets) : [];
  const read = (action: string, ask: () => Promise<unknown>) => tryRight(action, source, ask);
  return Promise.all([
    read("autoscaling:DescribeAutoScalingGroups", () => describeGroups(clients, source, ["lifeboat-proof"])),
    read("ec2:DescribeNetworkInterfaces", () => interfacesIn(clients, source, subnets.slice(0, 1))),
    read("ec2:DescribeInstanceTypes", () => describeInstanceTypes(clients, source, ["m5.large"], "optional")),
    ...servers.map(({ InstanceId = "" }) => tryStop(clients, source, InstanceId)),
    ...[...networks].map((vpc) => tryIsolationAcl(clients, source, application, vpc)),
    ...acls.map((acl) => tryReplaceAcl(clients, source, acl)),
    trySuspend(clients, source),
  ]);
};
