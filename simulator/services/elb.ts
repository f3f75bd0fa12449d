import type {
  DeregisterTargetsInput,
  DescribeTargetGroupsInput,
  DescribeTargetHealthInput,
  RegisterTargetsInput,
  TargetDescription,
  TargetHealth,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { drawn } from "../durations.ts";
import { trafficSeconds } from "../durations-traffic.ts";
import { originOf } from "../ec2/boot.ts";
import { isServing } from "../ec2/serves.ts";
import { ec2Of } from "../ec2/state.ts";
import { AwsError, type Operation, type World } from "../kernel.ts";
import { throttledElb } from "./elb-token-buckets.ts";
import { balancersOf, type LoadBalancer } from "./load-balancers.ts";

type Target = {
  id: string;
  port: number;
  state: "initial" | "healthy" | "unhealthy" | "draining";
  good: number;
  bad: number;
};
export type TargetGroup = { arn: string; region: string; port: number; path: string; targets: Map<string, Target> };
const { interval, healthyThreshold, unhealthyThreshold } = trafficSeconds.targetCheck;

/** Elastic Load Balancing v2 of one Region: instance targets and their health checks. */
export const elasticLoadBalancing: Record<string, Operation> = throttledElb({
  RegisterTargets: (input: RegisterTargetsInput, { world, region }) => {
    const group = groupOf(world, region, input.TargetGroupArn);
    const wanted = (input.Targets ?? []).map((target) => ({ id: target.Id ?? "", port: target.Port ?? group.port }));
    const { instances } = ec2Of(world, region);
    const idle = wanted.filter(({ id }) => instances.get(id)?.state !== "running").map(({ id }) => id);
    if (idle.length)
      throw new AwsError(
        "InvalidTargetException",
        `The following targets are not in a running state and cannot be registered: '${idle.join("', '")}'`,
      );
    for (const { id, port } of wanted) register(world, group, id, port);
    return {};
  },

  DeregisterTargets: (input: DeregisterTargetsInput, { world, region }) => {
    const group = groupOf(world, region, input.TargetGroupArn);
    for (const wanted of input.Targets ?? [])
      for (const target of chosen(group, wanted)) {
        target.state = "draining";
        world.within(region, trafficSeconds.targetDraining, () => {
          if (target.state === "draining") group.targets.delete(keyOf(target));
        });
      }
    return {};
  },

  DescribeTargetHealth: (input: DescribeTargetHealthInput, { world, region }) => {
    const group = groupOf(world, region, input.TargetGroupArn);
    const asked = input.Targets ?? [...group.targets.values()].map(({ id, port }) => ({ Id: id, Port: port }));
    return {
      TargetHealthDescriptions: asked.map((wanted) => {
        const [target] = chosen(group, wanted);
        return {
          Target: { Id: wanted.Id, Port: target?.port ?? wanted.Port ?? group.port },
          HealthCheckPort: String(group.port),
          TargetHealth: healthOf(target),
        };
      }),
    };
  },

  DescribeTargetGroups: (input: DescribeTargetGroupsInput, { world, region }) => {
    const groups = groupsOf(world, region);
    const wanted = input.TargetGroupArns?.map((arn) => groupOf(world, region, arn)) ?? [...groups.values()];
    return {
      TargetGroups: wanted.map(({ arn, port, path }) => ({
        TargetGroupArn: arn,
        TargetGroupName: arn.split("/")[1],
        Protocol: "HTTP",
        Port: port,
        TargetType: "instance",
        HealthCheckEnabled: true,
        HealthCheckPath: path,
        HealthCheckIntervalSeconds: interval,
        HealthyThresholdCount: healthyThreshold,
        UnhealthyThresholdCount: unhealthyThreshold,
        LoadBalancerArns: [...balancersOf(world).values()]
          .filter((balancer) => balancer.groups.includes(arn))
          .map(({ name }) => name),
      })),
    };
  },
});

export const createTargetGroup = (world: World, group: Omit<TargetGroup, "targets">) => {
  groupsOf(world, group.region).set(group.arn, { ...group, targets: new Map() });
};

export const createLoadBalancer = (world: World, balancer: Omit<LoadBalancer, "status">) => {
  balancersOf(world).set(balancer.name, { ...balancer, status: () => statusOf(world, balancer) });
};

/** A load balancer answers 200 while its Region has a healthy target that serves, else 503. */
const statusOf = (world: World, { region, groups }: Pick<LoadBalancer, "region" | "groups">): 200 | 502 | 503 => {
  const targets = groups.flatMap((arn) => [...(groupsOf(world, region).get(arn)?.targets.values() ?? [])]);
  const healthy = targets.filter(({ state }) => state === "healthy");
  if (healthy.length === 0) return 503;
  return healthy.some(({ id }) => answers(world, region, id)) ? 200 : 502;
};

const groupsOf = (world: World, region: string) => world.region("ELB", region, () => new Map<string, TargetGroup>());
const groupOf = (world: World, region: string, arn = "") => {
  const found = groupsOf(world, region).get(arn);
  if (found) return found;
  throw new AwsError("TargetGroupNotFoundException", "One or more target groups not found");
};

const keyOf = ({ id, port }: Pick<Target, "id" | "port">) => `${id}:${port}`;

/** Without a port a description means the target at every port. */
const chosen = (group: TargetGroup, { Id, Port }: TargetDescription) =>
  [...group.targets.values()].filter(({ id, port }) => id === Id && (Port === undefined || port === Port));

/** A target that is there stays as it is. */
const register = (world: World, group: TargetGroup, id: string, port: number) => {
  const known = group.targets.get(keyOf({ id, port }));
  if (known && known.state !== "draining") return;
  const target: Target = { id, port, state: "initial", good: 0, bad: 0 };
  group.targets.set(keyOf(target), target);
  const check = () => {
    if (target.state === "draining" || group.targets.get(keyOf(target)) !== target) return;
    look(world, group.region, target);
    world.within(group.region, interval, check);
  };
  const registered = world.now() + drawn(world.random.fork(`target ${id}`), trafficSeconds.targetRegistration) * 1_000;
  world.within(
    group.region,
    (nextCheck(world, serverOf(world, group.region, id), registered) - world.now()) / 1_000,
    check,
  );
};

/**
 * When the load balancer next checks the target that this server is, at or after `from` (ms): it keeps a rhythm of its own,
 * whenever the target came to it. Of seed and server alone, so that no run chooses it.
 */
export const nextCheck = (world: World, server: string, from: number) => {
  const phase = world.random.fork(`check ${server}`).between(0, interval) * 1_000;
  return Math.ceil((from - phase) / (interval * 1_000)) * interval * 1_000 + phase;
};

const serverOf = (world: World, region: string, id: string) => {
  const instance = ec2Of(world, region).instances.get(id);
  return instance ? originOf(world, region, instance) : id;
};

const look = (world: World, region: string, target: Target) => {
  const good = answers(world, region, target.id);
  target.good = good ? target.good + 1 : 0;
  target.bad = good ? 0 : target.bad + 1;
  if (target.good >= healthyThreshold) target.state = "healthy";
  if (target.bad >= unhealthyThreshold) target.state = "unhealthy";
};

const answers = (world: World, region: string, id: string) => {
  const instance = ec2Of(world, region).instances.get(id);
  return instance !== undefined && isServing(world, region, instance);
};

const healthOf = (target: Target | undefined): TargetHealth => {
  if (!target)
    return {
      State: "unused",
      Reason: "Target.NotRegistered",
      Description: "Target is not registered to the target group",
    };
  const { state } = target;
  if (state === "initial")
    return { State: state, Reason: "Elb.InitialHealthChecking", Description: "Initial health checks in progress" };
  if (state === "unhealthy")
    return { State: state, Reason: "Target.FailedHealthChecks", Description: "Health checks failed" };
  if (state === "draining")
    return {
      State: state,
      Reason: "Target.DeregistrationInProgress",
      Description: "Target deregistration is in progress",
    };
  return { State: "healthy" };
};
