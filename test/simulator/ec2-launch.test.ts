import {
  AssociateAddressCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  EC2Client,
  RegisterImageCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { bootOf, bootOfServer } from "../../simulator/ec2/boot.ts";
import { serves } from "../../simulator/ec2/serves.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { findKey } from "../../simulator/services/kms.ts";
import { aPlan, aResource } from "../support/builders.ts";
import { aCopiedServer, anImage, oneServer, sourceServers } from "../support/ec2.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const recovery = "eu-central-1";

const launchable = async (live: Simulated, key?: string) => {
  const { clients, advance } = live;
  const copied = await aCopiedServer(live, undefined, key);
  const image = await anImage(live, copied);
  await advance(60);
  const request: RunInstancesCommandInput = {
    ImageId: image,
    InstanceType: "m5.large",
    SubnetId: "subnet-a",
    SecurityGroupIds: ["sg-1"],
    MinCount: 1,
    MaxCount: 1,
    ClientToken: "token-1",
  };
  const run = async (over: Partial<RunInstancesCommandInput> = {}) => {
    const { Instances } = await clients(EC2Client, recovery, "optional").send(
      new RunInstancesCommand({ ...request, ...over }),
    );
    return Instances![0]!;
  };
  return { ...copied, image, run };
};

const stateOf = async ({ clients }: Simulated, id: string) => {
  const { Reservations } = await clients(EC2Client, recovery).send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations![0]!.Instances![0]!;
};

test("a launched server is pending, then running, then answers at its address after the drawn times", () =>
  simulated({ plan: oneServer }, async (live) => {
    const { world, advance } = live;
    const { run, server } = await launchable(live);

    const instance = await run({ PrivateIpAddress: "10.0.0.10" });
    const { pendingSeconds, bootSeconds } = bootOf(world, recovery, instance.InstanceId!);

    expect({ pendingSeconds, bootSeconds }).toEqual(bootOfServer(world, server));
    expect(instance.State?.Name).toBe("pending");
    await advance(pendingSeconds + 1);
    expect((await stateOf(live, instance.InstanceId!)).State?.Name).toBe("running");
    expect(serves(world, recovery, "10.0.0.10")).toBe(false);
    await advance(bootSeconds);
    expect(serves(world, recovery, "10.0.0.10")).toBe(true);
  }));

test("the same token gives the same instance, with other parameters it is refused, in another zone it launches again", () =>
  simulated({ plan: oneServer }, async (live) => {
    const { run } = await launchable(live);

    const first = await run();
    const again = await run();
    const elsewhere = await run({ SubnetId: "subnet-b" });

    expect(again.InstanceId).toBe(first.InstanceId);
    expect(elsewhere.InstanceId).not.toBe(first.InstanceId);
    await expect(run({ InstanceType: "m5.xlarge" })).rejects.toMatchObject({ name: "IdempotentParameterMismatch" });
  }));

test.each([
  ["an address that is taken", { PrivateIpAddress: "10.0.0.77" }, "InvalidIPAddress.InUse"],
  ["an address outside the subnet", { PrivateIpAddress: "10.9.9.9" }, "InvalidParameterValue"],
  ["a reserved address", { PrivateIpAddress: "10.0.0.2" }, "InvalidParameterValue"],
  ["an unknown subnet", { SubnetId: "subnet-zzz" }, "InvalidSubnetID.NotFound"],
  ["an unknown image", { ImageId: "ami-zzz" }, "InvalidAMIID.NotFound"],
  ["an unknown security group", { SecurityGroupIds: ["sg-zzz"] }, "InvalidGroup.NotFound"],
  ["an unknown instance profile", { IamInstanceProfile: { Name: "nobody" } }, "InvalidParameterValue"],
  ["an unknown key pair", { KeyName: "nobody" }, "InvalidKeyPair.NotFound"],
  ["another architecture", { InstanceType: "m6g.large" }, "InvalidParameterValue"],
  ["a type that the zone does not offer", { InstanceType: "c7i.large" }, "Unsupported"],
  ["more vCPUs than the quota", { InstanceType: "m5.8xlarge" }, "VcpuLimitExceeded"],
  ["a zone without capacity", { InstanceType: "r5.large" }, "InsufficientInstanceCapacity"],
  ["no token", { ClientToken: "" }, "MissingParameter"],
  ["a reserved tag", tagged("aws:nope"), "InvalidParameterValue"],
  ["throughput on gp2", device({ VolumeType: "gp2", Throughput: 200 }), "InvalidParameterCombination"],
  ["a volume smaller than its snapshot", device({ VolumeSize: 1 }), "InvalidBlockDeviceMapping"],
  ["another snapshot on the root", device({ SnapshotId: "snap-zzz" }), "InvalidBlockDeviceMapping"],
] as const)("a launch with %s is refused", (_what, over, name) =>
  simulated(
    {
      plan: oneServer,
      inventory: {
        vcpus: 16,
        notOffered: [{ type: "c7i.large", zone: "eu-central-1a" }],
        taken: [{ subnet: "subnet-a", address: "10.0.0.77" }],
      },
      faults: [{ from: 0, until: Number.POSITIVE_INFINITY, fault: "no-capacity", types: ["r5.large"] }],
    },
    async (live) => {
      const { run } = await launchable(live);

      await expect(run(over as Partial<RunInstancesCommandInput>)).rejects.toMatchObject({ name });
      expect(ec2Of(live.world, recovery).instances.size).toBe(0);
    },
  ),
);

function tagged(Key: string) {
  return { TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key, Value: "" }] }] };
}
function device(Ebs: object) {
  return { BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs }] };
}

test("the request's block devices are laid over the image's, and tags reach instance and volumes", () =>
  simulated({ plan: oneServer }, async (live) => {
    const { clients, advance } = live;
    const { run } = await launchable(live);

    const { InstanceId } = await run({
      BlockDeviceMappings: [
        { DeviceName: "/dev/xvda", Ebs: { VolumeType: "gp3", Iops: 5_000, DeleteOnTermination: false } },
      ],
      TagSpecifications: ["instance" as const, "volume" as const].map((ResourceType) => ({
        ResourceType,
        Tags: [{ Key: "run", Value: "r1" }],
      })),
    });
    await advance(10);
    const { Volumes } = await clients(EC2Client, recovery).send(
      new DescribeVolumesCommand({ Filters: [{ Name: "tag:run", Values: ["r*"] }] }),
    );

    expect(Volumes).toMatchObject([
      { Iops: 5_000, Size: 16, Attachments: [{ InstanceId, DeleteOnTermination: false }] },
    ]);
  }));

test("an instance whose volume's key is disabled goes from pending to terminated, and frees its address", () =>
  simulated(
    { plan: { ...oneServer, protect: [aResource({ ...oneServer.protect[0]!, encryptKey: "alias/dr" })] } },
    async (live) => {
      const { world, advance } = live;
      const { run } = await launchable(live, "alias/dr");

      findKey(world, recovery, "alias/dr")!.enabled = false;
      const { InstanceId } = await run({ PrivateIpAddress: "10.0.0.10" });
      await advance(30);

      expect(await stateOf(live, InstanceId!)).toMatchObject({
        State: { Name: "terminated" },
        StateReason: { Code: "Client.InternalError" },
      });
      expect((await run({ PrivateIpAddress: "10.0.0.10", ClientToken: "token-2" })).State?.Name).toBe("pending");
    },
  ));

test("an Elastic IP needs a running instance; the server then answers there, too", () =>
  simulated({ plan: { ...oneServer, protect: [withElasticIp] } }, async (live) => {
    const { world, clients, advance } = live;
    const { run } = await launchable(live);
    const { InstanceId } = await run();
    const associate = () =>
      clients(EC2Client, recovery).send(new AssociateAddressCommand({ AllocationId: "eipalloc-1", InstanceId }));
    await advance(6);

    await expect(associate()).rejects.toMatchObject({ name: "InvalidInstanceID" });
    await advance(110);
    const [first, again] = [await associate(), await associate()];

    expect(again.AssociationId).toBe(first.AssociationId);
    expect(serves(world, recovery, "198.51.100.10")).toBe(true);
  }));
const withElasticIp = aResource({
  ...oneServer.protect[0]!,
  launch: { ...oneServer.protect[0]!.launch, elasticIps: ["eipalloc-1"] },
});

test("status checks initialize before they are ok", () =>
  simulated({ plan: oneServer }, async (live) => {
    const { clients, advance } = live;
    const { run } = await launchable(live);
    const { InstanceId } = await run();
    const status = async () => {
      const { InstanceStatuses } = await clients(EC2Client, recovery).send(
        new DescribeInstanceStatusCommand({ InstanceIds: [InstanceId!] }),
      );
      return InstanceStatuses!.map(({ InstanceStatus }) => InstanceStatus?.Status);
    };

    await advance(8);
    expect(await status()).toEqual([]);
    await advance(30);
    expect(await status()).toEqual(["initializing"]);
    await advance(200);
    expect(await status()).toEqual(["ok"]);
  }));

test("a server with volumes of two instants does not answer", () =>
  simulated({ plan: aPlan() }, async (live) => {
    const { world, clients, advance } = live;
    const [server] = sourceServers(world);
    const first = await aCopiedServer(live, server);
    const second = await aCopiedServer(live, server);
    const mixed = { ...first, copies: [first.copies[0]!, ...second.copies.slice(1)] };
    const good = await anImage(live, second);
    const bad = await anImage(live, mixed, "mixed");
    await advance(60);
    const run = (ImageId: string, PrivateIpAddress: string) =>
      clients(EC2Client, recovery).send(
        new RunInstancesCommand({
          ImageId,
          PrivateIpAddress,
          ClientToken: ImageId,
          InstanceType: "m5.large",
          SubnetId: "subnet-a",
          MinCount: 1,
          MaxCount: 1,
        }),
      );

    await run(good, "10.0.0.50");
    await run(bad, "10.0.0.51");
    await advance(120);

    expect(serves(world, recovery, "10.0.0.50")).toBe(true);
    expect(serves(world, recovery, "10.0.0.51")).toBe(false);
  }));

test("an image is named once, and what RegisterImage is not told has AWS's unfortunate defaults", () =>
  simulated({ plan: oneServer }, async (live) => {
    const { run, image, copies } = await launchable(live);
    const register = (Name: string) =>
      live.clients(EC2Client, recovery).send(
        new RegisterImageCommand({
          Name,
          RootDeviceName: "/dev/xvda",
          BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: copies[0]!.id } }],
        }),
      );

    await expect(register("image-1")).rejects.toMatchObject({ name: "InvalidAMIName.Duplicate" });
    const { ImageId } = await register("bare");
    await expect(run({ ImageId: ImageId! })).rejects.toMatchObject({ name: "InvalidAMIID.NotFound" });
    await live.advance(20);

    expect(ImageId).not.toBe(image);
    await expect(run({ ImageId: ImageId! })).rejects.toMatchObject({ name: "InvalidParameterValue" });
  }));

test("a terminated instance is shown for an hour, and its volumes are gone", () =>
  simulated({ plan: oneServer }, async (live) => {
    const { world, clients, advance } = live;
    const { run } = await launchable(live);
    const { InstanceId } = await run();
    await advance(30);

    await clients(EC2Client, recovery).send(new TerminateInstancesCommand({ InstanceIds: [InstanceId!] }));
    await advance(60);

    expect((await stateOf(live, InstanceId!)).State?.Name).toBe("terminated");
    expect(ec2Of(world, recovery).volumes.size).toBe(0);
    await advance(3_600);
    await expect(stateOf(live, InstanceId!)).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
  }));
