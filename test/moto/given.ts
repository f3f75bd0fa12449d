import { CreateStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import type { Clients } from "../../functions/aws/calls/clients.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { stepFunctions } from "../../simulator/machines/stepfunctions.ts";
import { endlessExecutions } from "../support/endless-executions.ts";
import { simulated } from "../support/simulated.ts";
import { motoClients, reset } from "./moto.ts";
import { populate, rootDevice } from "./populate.ts";
import { dataDevice, instanceType, type Names, primary, recovery, servers, shopPlan } from "./shop.ts";

/** An AWS with the shop's servers in the primary Region, and in the recovery Region what the shop's plan names. */
export type Given = {
  clients: Clients;
  names: Names;
  plan: Plan;
  /** Instance ids in the primary Region, in the order of `servers`. */
  servers: string[];
  rootDevice: string;
  /** A state machine of the recovery Region whose executions run until they are stopped. */
  machine: string;
  now(): Date;
  /** Waits until everything that takes its time has ended: an hour of virtual time, or nothing at all. */
  settle(): Promise<void>;
};

/** Runs a case on one AWS. */
export type On = <T>(body: (given: Given) => Promise<T>) => Promise<T>;

const clients = motoClients();

const onMoto: On = async (body) => {
  await reset();
  const { names, servers } = await populate(clients);
  const definition = JSON.stringify({ StartAt: "W", States: { W: { Type: "Wait", Seconds: 600, End: true } } });
  const roleArn = "arn:aws:iam::123456789012:role/lifeboat";
  const { stateMachineArn } = await clients(SFNClient, recovery).send(
    new CreateStateMachineCommand({ name: "lifeboat-failover", definition, roleArn }),
  );
  const given = { clients, names, plan: shopPlan(names), servers, rootDevice, machine: stateMachineArn! };
  return body({ ...given, now: () => new Date(), settle: async () => undefined });
};

const simulatedNames: Names = {
  subnets: ["subnet-0a10", "subnet-0a20"],
  securityGroup: "sg-0a30",
  elasticIps: ["198.51.100.10", "198.51.100.11"].map((address, at) => ({ id: `eipalloc-0a4${at}`, address })),
  targetGroup: `arn:aws:elasticloadbalancing:${recovery}:111122223333:targetgroup/shop/0123456789abcdef`,
  topic: `arn:aws:sns:${recovery}:111122223333:lifeboat`,
  zone: "Z0123456789SHOPEXMPL",
  healthCheck: "11111111-2222-3333-4444-555555555555",
};

const onSimulator: On = (body) => {
  const plan = shopPlan(simulatedNames);
  const root = "/dev/xvda";
  const volumes = [
    { device: root, sizeGiB: 8 },
    { device: dataDevice, sizeGiB: 20, encrypted: true },
  ];
  const spec = ({ name, address, userData }: (typeof servers)[number]) => ({
    name,
    address,
    userData,
    volumes,
    type: instanceType,
  });
  const tiers = Object.entries(Object.groupBy(servers, ({ tier }) => tier));
  const inventory = { servers: Object.fromEntries(tiers.map(([tier, of]) => [tier, of.map(spec)])) };
  const executions = endlessExecutions(recovery);
  const services = { SFN: stepFunctions(executions) };
  return simulated({ plan, inventory, traffic: true, services }, ({ world, clients, advance }) =>
    body({
      clients,
      plan,
      names: simulatedNames,
      rootDevice: root,
      machine: executions.stateMachineArn("failover"),
      servers: [...ec2Of(world, primary).instances.keys()],
      now: () => new Date(),
      settle: () => advance(3_600),
    }),
  );
};

/** Every AWS that the contract is held to. */
export const everyAws = [
  ["moto", onMoto],
  ["the simulator", onSimulator],
] as const;
