import {
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type Instance,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { launchToken } from "../../functions/core/names.ts";
import type { Manifest } from "../../functions/core/point.ts";
import { aManifest, aPlan, aResource, aRow, aRun, aServer } from "./builders.ts";
import { aContext } from "./context.ts";
import { withTable } from "./memory-table.ts";

/** What the tests of Launch share: a run that holds the lease, a server's manifest, two subnets, an EC2 that launches. */
export const ec2 = mockClient(EC2Client);
const run = aRun();
const server = aServer();
export const input = { run, server, lease: { value: { generation: 1 } } };
export const since = "2026-03-02T12:00:00.000Z";

const points = { web: server.point };
const held = {
  id: run.id,
  name: run.name,
  machine: "failover",
  acquiredAt: since,
  phaseBefore: "protected",
  points,
};
export const aScene = async (
  over: Partial<ReturnType<typeof aResource>["launch"]> = {},
  manifest: Partial<Manifest> = {},
  now = since,
) => {
  const plan = aPlan({ protect: [aResource({ launch: { ...aResource().launch, ...over } })] });
  const row = aRow({ phase: "running", run: { ...held, phaseBefore: "protected" } });
  const context = await withTable(aContext({ now: () => new Date(now) }), { plan, row });
  await context.store.saveManifest(aManifest(manifest));
  return context;
};

export const anInstance = (over: Partial<Instance> = {}): Instance => ({
  InstanceId: "i-new",
  State: { Name: "pending" },
  InstanceType: "m5.large",
  SubnetId: "subnet-a",
  PrivateIpAddress: "10.0.0.10",
  ImageId: "ami-0a",
  LaunchTime: new Date(since),
  ...over,
});
export const showing = (...Instances: Instance[]) => ({ Reservations: [{ Instances }] });
export const fault = (name: string, message = name, httpStatusCode = 400) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
export const noCapacity = fault("InsufficientInstanceCapacity", "no capacity", 500);
export const tokenOf = (slot: string) => launchToken(run.id, "i-0a", slot);
export const tokensAsked = () => ec2.commandCalls(RunInstancesCommand).map(({ args }) => args[0].input.ClientToken);

export const reset = () => {
  ec2.reset();
  ec2.on(DescribeInstancesCommand).resolves({});
  ec2.on(DescribeSubnetsCommand).resolves({
    Subnets: [
      { SubnetId: "subnet-a", AvailabilityZone: "eu-central-1a", CidrBlock: "10.0.0.0/24", AvailableIpAddressCount: 9 },
      { SubnetId: "subnet-b", AvailabilityZone: "eu-central-1b", CidrBlock: "10.0.1.0/24", AvailableIpAddressCount: 9 },
    ],
  });
  ec2.on(RunInstancesCommand).resolves({ Instances: [anInstance()] });
};
