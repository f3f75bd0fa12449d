import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { describeTargetGroup, registerTargets, targetHealth } from "../../../functions/aws/elastic-load-balancing.ts";
import { instancesOf } from "../../../simulator/ec2/serves.ts";
import { balancerNamed } from "../../../simulator/services/load-balancers.ts";
import { aPlan, aResource } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

/** In front of the servers that run from the beginning. */
const region = "eu-west-1";
const arn = `arn:aws:elasticloadbalancing:${region}:111122223333:targetgroup/web/0123456789abcdef`;
const balancer = `web.${region}.elb.amazonaws.com`;

const inFront = <T>(body: (live: Simulated & { servers: string[] }) => Promise<T>) => {
  const plan = aPlan();
  plan.protect = [aResource({ launch: { ...aResource().launch, targetGroups: [arn] } })];
  plan.traffic!.records[0]!.recovery = { alias: { zone: "Z32O12XQLNTSW2", name: balancer } };
  return simulated({ plan, traffic: true }, (live) =>
    body({ ...live, servers: instancesOf(live.world, region, "web").map(({ id }) => id) }),
  );
};
const stateOf = async ({ clients }: Simulated, id: string) =>
  (await targetHealth(clients, region, arn)).get(id)?.state ?? "unused";
const status = ({ world }: Simulated) => balancerNamed(world, balancer)!.status();

describe("a target", () => {
  it("a target is initial, then healthy after enough good answers in a row; the balancer serves from then on", async () => {
    const seen = await inFront(async (live) => {
      const [server = ""] = live.servers;
      const states = [await stateOf(live, server), status(live)];
      await registerTargets(live.clients, region, arn, [server]);
      states.push(await stateOf(live, server), status(live));
      await live.advance(25);
      return [...states, await stateOf(live, server), status(live)];
    });
    expect(seen).toEqual(["unused", 503, "initial", 503, "healthy", 200]);
  });

  it("a target that is registered again keeps its state", async () => {
    const state = await inFront(async (live) => {
      const [server = ""] = live.servers;
      await registerTargets(live.clients, region, arn, [server]);
      await live.advance(25);
      await registerTargets(live.clients, region, arn, [server]);
      return stateOf(live, server);
    });
    expect(state).toBe("healthy");
  });

  it("turns unhealthy when its server stops, and the balancer says 502, then 503", async () => {
    const seen = await inFront(async (live) => {
      const [server = ""] = live.servers;
      await registerTargets(live.clients, region, arn, [server]);
      await live.advance(25);
      instancesOf(live.world, region, "web").find(({ id }) => id === server)!.state = "stopped";
      const before = status(live);
      await live.advance(25);
      return [before, await stateOf(live, server), status(live)];
    });
    expect(seen).toEqual([502, "unhealthy", 503]);
  });

  it("a target has to run before it can be registered", async () => {
    const errors = await inFront(async (live) => {
      const [server = ""] = live.servers;
      instancesOf(live.world, region, "web")[0]!.state = "pending";
      return Promise.all(
        [server, "i-0unknown"].map((id) =>
          registerTargets(live.clients, region, arn, [id]).catch((error: Error) => error.name),
        ),
      );
    });
    expect(errors).toEqual(["InvalidTargetException", "InvalidTargetException"]);
  });

  it("drains when it is deregistered, and is unused after that", async () => {
    const seen = await inFront(async (live) => {
      const [server = ""] = live.servers;
      await registerTargets(live.clients, region, arn, [server]);
      await live
        .clients(ElasticLoadBalancingV2Client, region)
        .send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: server }] }));
      const state = await stateOf(live, server);
      await live.advance(301);
      return [state, await stateOf(live, server)];
    });
    expect(seen).toEqual(["draining", "unused"]);
  });
});

describe("target groups", () => {
  it("target groups are told with their health checks, and their targets all at once", async () => {
    const [groups, targets] = await inFront(async (live) => {
      const elb = live.clients(ElasticLoadBalancingV2Client, region);
      for (const server of live.servers.slice(0, 2)) await registerTargets(live.clients, region, arn, [server]);
      return [
        (await elb.send(new DescribeTargetGroupsCommand({}))).TargetGroups,
        (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }))).TargetHealthDescriptions,
      ];
    });
    expect(groups).toMatchObject([{ TargetGroupArn: arn, TargetType: "instance", LoadBalancerArns: [balancer] }]);
    expect(targets).toHaveLength(2);
  });

  it("target groups that are not there are null", async () => {
    expect(await inFront(({ clients }) => describeTargetGroup(clients, region, `${arn}x`))).toBeNull();
  });
});

it("answers 40 calls at once, all actions together, and of registrations 20; then ThrottlingException", async () => {
  const found = await inFront(async (live) => {
    const once = live.clients(ElasticLoadBalancingV2Client, region, "optional");
    const refused = async (count: number, make: () => DescribeTargetGroupsCommand | DeregisterTargetsCommand) => {
      const ask = () =>
        once.send(make() as DescribeTargetGroupsCommand).then(
          () => "ok",
          (error: Error) => error.name,
        );
      const answers = await Promise.all(Array.from({ length: count }, ask));
      return answers.filter((name) => name === "ThrottlingException").length;
    };
    const deregister = () => new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: [] });
    const reads = await refused(60, () => new DescribeTargetGroupsCommand({}));
    const registrations = await refused(10, deregister);
    await live.advance(60);
    return [reads, registrations, await refused(30, deregister)];
  });
  // the calls arrive within a quarter of a second, while it fills again
  expect(found[0]).toBeGreaterThanOrEqual(17);
  expect(found[0]).toBeLessThanOrEqual(20);
  expect(found[1]).toBeGreaterThanOrEqual(7);
  expect(found[2]).toBeGreaterThanOrEqual(9);
});
