import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { noServer } from "../core/readiness/proof.ts";
import type { Clients } from "./calls/clients.ts";
import { codeOf } from "./calls/errors.ts";
import { tryRight } from "./calls/try-right.ts";

/** `vpc`: absent of one that takes Lambda functions. */
export type TargetGroup = { arn: string; targetType: string; vpc?: string };

/** The target group, or null when there is none. Asked one by one: one unknown ARN would hide the others. */
export const describeTargetGroup = async (
  clients: Clients,
  region: string,
  arn: string,
): Promise<TargetGroup | null> => {
  try {
    const { TargetGroups } = await clients(ElasticLoadBalancingV2Client, region).send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }),
    );
    const [found] = TargetGroups ?? [];
    if (!found) return null;
    return { arn, targetType: found.TargetType ?? "instance", ...(found.VpcId && { vpc: found.VpcId }) };
  } catch (error) {
    if (codeOf(error) === "TargetGroupNotFoundException") return null;
    throw error;
  }
};

/** Repeatable: a target that is registered stays so. One bad target fails the call. */
export const registerTargets = async (clients: Clients, region: string, arn: string, instances: string[]) => {
  await clients(ElasticLoadBalancingV2Client, region).send(
    new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: instances.map((Id) => ({ Id })) }),
  );
};

/** May the caller register targets in this group? Tried with a server that is not there, which no group takes. */
export const tryRegister = (clients: Clients, region: string, arn: string) =>
  tryRight("elasticloadbalancing:RegisterTargets", region, () => registerTargets(clients, region, arn, [noServer]), [
    "InvalidTarget",
    "InvalidTargetException",
    "ValidationError",
  ]);

/** Health of a target (`initial`, `healthy`, `unhealthy`, `unused`, ...); `because` is the load balancer's reason. */
export type TargetHealth = { state: string; because: string };

/** Health of every target of a group, by instance id. */
export const targetHealth = async (
  clients: Clients,
  region: string,
  arn: string,
): Promise<Map<string, TargetHealth>> => {
  const { TargetHealthDescriptions = [] } = await clients(ElasticLoadBalancingV2Client, region).send(
    new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
  );
  return new Map(
    TargetHealthDescriptions.map(({ Target, TargetHealth: health }) => [
      Target?.Id ?? "",
      { state: health?.State ?? "unused", because: health?.Description ?? health?.Reason ?? "" },
    ]),
  );
};
