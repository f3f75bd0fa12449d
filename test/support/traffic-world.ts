import { type Clients, createClients } from "../../functions/aws/clients.ts";
import type { Plan } from "../../functions/core/plan.ts";
import type { Net } from "../../functions/runtime/context.ts";
import { inVirtualTime } from "../../simulator/clock.ts";
import { cloudwatch } from "../../simulator/cloudwatch.ts";
import { dynamodb } from "../../simulator/dynamodb.ts";
import { elasticLoadBalancing } from "../../simulator/elb.ts";
import type { Fault } from "../../simulator/faults.ts";
import { createWorld, simulate, type World } from "../../simulator/kernel.ts";
import { createSimulatedNet } from "../../simulator/net.ts";
import { createRandom } from "../../simulator/random.ts";
import { route53 } from "../../simulator/route53.ts";
import { s3 } from "../../simulator/s3.ts";
import { sns } from "../../simulator/sns.ts";
import { ssm } from "../../simulator/ssm.ts";
import { furnishTraffic } from "../../simulator/traffic.ts";
import { aPlan } from "./builders.ts";

export type Live = { world: World; clients: Clients; net: Net; faults: Fault[]; pass(seconds: number): Promise<void> };

export const startedAt = Date.parse("2026-03-02T12:00:00.000Z");

/** Runs a test in virtual time in a world with the traffic side of a plan. `faults` may be added to while it runs. */
export const inTraffic = <T>(
  options: { plan?: Plan; seed?: number; before?: (world: World) => void },
  body: (live: Live) => Promise<T>,
): Promise<T> => {
  const { plan = aPlan(), seed = 1 } = options;
  const jitter = createRandom(seed, "jitter");
  return inVirtualTime({ start: new Date(startedAt), random: () => jitter.next() }, () => {
    const faults: Fault[] = [];
    const world = createWorld({ seed, faults });
    options.before?.(world);
    furnishTraffic(world, plan);
    const services = {
      ...{ CloudWatch: cloudwatch, DynamoDB: dynamodb, S3: s3, SNS: sns, SSM: ssm },
      ...{ "Elastic Load Balancing v2": elasticLoadBalancing, "Route 53": route53 },
    };
    const credentials = { accessKeyId: "simulated", secretAccessKey: "simulated" };
    const clients = createClients([simulate(world, services)], { credentials });
    const pass = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
    return body({ world, clients, net: createSimulatedNet(world), faults, pass });
  });
};
