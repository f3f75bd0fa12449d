import {
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type Instance,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import type { Manifest } from "../../functions/core/model/recovery-point.ts";
import type { Server } from "../../functions/core/model/server.ts";
import { launchToken } from "../../functions/core/names.ts";
import type { Pass } from "../../functions/core/run/wave-pass.ts";
import { launch } from "../../functions/launch.ts";
import { aManifest, aPlan, aResource, aRun, aServerItem } from "./builders.ts";
import { noon, passInput, serversIn, waveScene } from "./wave-scene.ts";

/** What the tests of Launch share: a run that holds the lease, a server's manifest, two subnets, an EC2 that launches. */
export const ec2 = mockClient(EC2Client);
const run = aRun();
export const input = passInput();
export const since = noon;

/** One server of a run whose point has this manifest; `server`: what the table says of it. */
export const aScene = async (
  over: Partial<ReturnType<typeof aResource>["launch"]> = {},
  manifest: Partial<Manifest> = {},
  { seconds = 0, servers = [aServerItem()] }: { seconds?: number; servers?: Server[] } = {},
) => {
  const plan = aPlan({ protect: [aResource({ launch: { ...aResource().launch, ...over } })] });
  const context = await waveScene({ plan, servers, seconds });
  for (const { server, name } of servers) await context.store.saveManifest(aManifest({ server, name, ...manifest }));
  return context;
};
type Scene = Awaited<ReturnType<typeof aScene>>;

/** One pass; what the table says of the first server then, and what the loop carries on. */
export const launched = async (context: Scene, before: Partial<Pass> = {}) => {
  const pass = await launch(passInput(before), context);
  const [server] = await serversIn(context);
  return { ...server!, pass };
};

export const anInstance = (over: Partial<Instance> = {}): Instance => ({
  InstanceId: "i-new",
  State: { Name: "pending" },
  InstanceType: "m5.large",
  SubnetId: "subnet-a",
  PrivateIpAddress: "10.0.0.10",
  ImageId: "ami-0a",
  LaunchTime: new Date(since),
  Tags: tagsOfRun(),
  ...over,
});
/** As the run tags what it launches. */
export const tagsOfRun = (name = run.name, server = "i-0a", point = aServerItem().point) =>
  Object.entries({ application: "shop", server, point, run: name }).map(([key, Value]) => ({
    Key: `lifeboat:${key}`,
    Value,
  }));
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
