import {
  AssociateAddressCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DisassociateAddressCommand,
  EC2Client,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { instanceAt, instancesOf, serves } from "../../simulator/ec2/serves.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { instanceType } from "../../simulator/ec2/type-names.ts";
import { aPlan, aResource } from "../support/builders.ts";
import { oneServer, sourceServers } from "../support/ec2.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"];

const stateOf = async ({ clients }: Simulated, id: string) => {
  const { Reservations } = await clients(EC2Client, primary).send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations![0]!.Instances![0]!.State!.Name;
};

test("servers are found by tag and state, with what a manifest needs", () =>
  simulated({ plan: aPlan() }, async ({ clients }) => {
    const { Reservations = [] } = await clients(EC2Client, primary).send(
      new DescribeInstancesCommand({
        MaxResults: 1_000,
        Filters: [
          { Name: "tag:App", Values: ["shop"] },
          { Name: "instance-state-name", Values: ["running", "stopped"] },
        ],
      }),
    );
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances);

    expect(instances.length).toBe(4);
    expect(instances[0]).toMatchObject({
      Architecture: "x86_64",
      PrivateIpAddress: "10.0.0.10",
      Placement: { AvailabilityZone: "eu-west-1a" },
      RootDeviceName: "/dev/xvda",
      PlatformDetails: "Linux/UNIX",
      MetadataOptions: { HttpTokens: "required" },
      IamInstanceProfile: { Arn: "arn:aws:iam::111122223333:instance-profile/web-profile" },
      BlockDeviceMappings: [{ DeviceName: "/dev/xvda" }, { DeviceName: "/dev/sdf" }],
    });
    const unknown = new DescribeInstancesCommand({ InstanceIds: ["i-0"] });
    await expect(clients(EC2Client, primary).send(unknown)).rejects.toMatchObject({
      name: "InvalidInstanceID.NotFound",
    });
  }));

test("volumes are listed with size, kind and attachment; some are encrypted", () =>
  simulated({ plan: aPlan() }, async (live) => {
    const [server] = sourceServers(live.world);
    const send = (input: object) => live.clients(EC2Client, primary).send(new DescribeVolumesCommand(input));

    const own = await send({ Filters: [{ Name: "attachment.instance-id", Values: [server!.id] }] });
    const encrypted = await send({ Filters: [{ Name: "encrypted", Values: ["true"] }] });

    expect(own.Volumes).toMatchObject([
      { VolumeType: "gp3", Iops: 3_000, Throughput: 125, Attachments: [{ Device: "/dev/xvda" }] },
      { Attachments: [{ Device: "/dev/sdf" }] },
    ]);
    expect(new Set(encrypted.Volumes!.map(({ KmsKeyId }) => KmsKeyId)).size).toBe(2);
    expect((await send({ VolumeIds: [own.Volumes![0]!.VolumeId] })).Volumes?.length).toBe(1);
  }));

test("user data is given in base64", () =>
  simulated({ plan: oneServer }, async (live) => {
    const [server] = sourceServers(live.world);
    const { UserData } = await live
      .clients(EC2Client, primary)
      .send(new DescribeInstanceAttributeCommand({ InstanceId: server!.id, Attribute: "userData" }));

    expect(Buffer.from(UserData!.Value!, "base64").toString()).toContain("set-hostname web-1");
  }));

test("stopping and starting takes time, is repeatable, and a stopping instance cannot be started", () =>
  simulated({ plan: oneServer }, async (live) => {
    const { world, clients, advance } = live;
    const [server] = sourceServers(world);
    const ids = { InstanceIds: [server!.id] };
    const ec2 = clients(EC2Client, primary);
    expect(serves(world, primary, "10.0.0.10")).toBe(true);

    const { StoppingInstances } = await ec2.send(new StopInstancesCommand(ids));
    expect(StoppingInstances).toMatchObject([
      { PreviousState: { Name: "running" }, CurrentState: { Name: "stopping" } },
    ]);
    expect(serves(world, primary, "10.0.0.10")).toBe(true);
    await expect(ec2.send(new StartInstancesCommand(ids))).rejects.toMatchObject({ name: "IncorrectInstanceState" });
    await advance(61);
    expect(await stateOf(live, server!.id)).toBe("stopped");
    expect(serves(world, primary, "10.0.0.10")).toBe(false);
    await ec2.send(new StopInstancesCommand(ids));
    await ec2.send(new StartInstancesCommand(ids));
    expect(await stateOf(live, server!.id)).toBe("pending");
    await advance(110);
    expect(serves(world, primary, "10.0.0.10")).toBe(true);

    await ec2.send(new TerminateInstancesCommand(ids));
    expect(await stateOf(live, server!.id)).toBe("shutting-down");
    await expect(ec2.send(new StopInstancesCommand(ids))).rejects.toMatchObject({ name: "IncorrectInstanceState" });
  }));

test("a server answers only while the one that it needs does", () =>
  simulated({ plan: twoTiers }, async ({ world, clients, advance }) => {
    const [web] = instancesOf(world, primary, "web");
    const app = instanceAt(world, primary, "10.0.0.10")!;
    expect(serves(world, primary, web!.privateAddress)).toBe(true);

    await clients(EC2Client, primary).send(new StopInstancesCommand({ InstanceIds: [app.id] }));
    await advance(61);

    expect(instancesOf(world, primary, "app")).toContain(app);
    expect(serves(world, primary, web!.privateAddress)).toBe(false);
    expect(serves(world, primary, "10.0.0.200")).toBe(false);
  }));
const twoTiers = aPlan({
  protect: [aResource(), aResource({ name: "app" })],
  recover: { ...aPlan().recover, waves: [["app"], ["web"]] },
});

test("subnets tell their range and free addresses; interfaces are found by address", () =>
  simulated({ plan: oneServer, inventory: { taken: [{ subnet: "subnet-a", address: "10.0.0.77" }] } }, async (live) => {
    const ec2 = live.clients(EC2Client, recovery);
    await live.advance(6);

    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: ["subnet-a"] }));
    const { NetworkInterfaces } = await ec2.send(
      new DescribeNetworkInterfacesCommand({
        Filters: [
          { Name: "addresses.private-ip-address", Values: ["10.0.0.77"] },
          { Name: "subnet-id", Values: ["subnet-a"] },
        ],
      }),
    );

    expect(Subnets).toMatchObject([
      { CidrBlock: "10.0.0.0/24", AvailabilityZone: "eu-central-1a", AvailableIpAddressCount: 250 },
    ]);
    expect(NetworkInterfaces).toMatchObject([{ PrivateIpAddress: "10.0.0.77", Status: "available" }]);
    const unknown = new DescribeSubnetsCommand({ SubnetIds: ["subnet-0"] });
    await expect(ec2.send(unknown)).rejects.toMatchObject({ name: "InvalidSubnetID.NotFound" });
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ["sg-1"] }));
    expect(SecurityGroups).toMatchObject([{ GroupId: "sg-1" }]);
  }));

test("an Elastic IP that another instance has is moved only when that is allowed", () =>
  simulated({ plan: aPlan() }, async ({ world, clients }) => {
    const ec2 = clients(EC2Client, primary);
    const [one, two] = sourceServers(world);
    const common = { id: "eipalloc-9", serial: 9_999, visibleAt: 0, tags: [] };
    const address = { ...common, publicAddress: "198.51.100.9", instance: null, association: null };
    ec2Of(world, primary).addresses.set("eipalloc-9", address);
    const associate = (InstanceId: string, AllowReassociation = false) =>
      ec2.send(new AssociateAddressCommand({ AllocationId: "eipalloc-9", InstanceId, AllowReassociation }));

    await associate(one!.id);
    await expect(associate(two!.id)).rejects.toMatchObject({ name: "Resource.AlreadyAssociated" });
    const { AssociationId } = await associate(two!.id, true);

    const { Addresses } = await ec2.send(new DescribeAddressesCommand({ AllocationIds: ["eipalloc-9"] }));
    expect(Addresses).toMatchObject([{ InstanceId: two!.id, AssociationId, PublicIp: "198.51.100.9" }]);
    expect(serves(world, primary, "198.51.100.9")).toBe(true);
    await ec2.send(new DisassociateAddressCommand({ AssociationId }));
    expect(instanceAt(world, primary, "198.51.100.9")).toBeNull();
  }));

test("tags are set, replaced and removed, and seen after a moment", () =>
  simulated({ plan: oneServer }, async ({ world, clients, advance }) => {
    const ec2 = clients(EC2Client, primary);
    const [server] = sourceServers(world);
    const tagsNow = async () => {
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
      return Object.fromEntries(Reservations![0]!.Instances![0]!.Tags!.map(({ Key, Value }) => [Key, Value]));
    };

    await ec2.send(new CreateTagsCommand({ Resources: [server!.id], Tags: [{ Key: "App", Value: "new" }] }));
    await advance(6);
    expect(await tagsNow()).toMatchObject({ App: "new", Name: "web-1" });
    await ec2.send(new DeleteTagsCommand({ Resources: [server!.id], Tags: [{ Key: "App" }] }));
    await advance(6);
    expect(await tagsNow()).not.toHaveProperty("App");
    const unknown = new CreateTagsCommand({ Resources: ["i-0"], Tags: [] });
    await expect(ec2.send(unknown)).rejects.toMatchObject({ name: "InvalidID" });
  }));

test("instance types tell architecture and vCPUs by their name", async () => {
  expect(instanceType("m5.large")).toMatchObject({ architecture: "x86_64", vcpus: 2 });
  expect(instanceType("c7g.4xlarge")).toMatchObject({ architecture: "arm64", vcpus: 16 });
  expect(instanceType("t4g.small")).toMatchObject({ architecture: "arm64", vcpus: 2 });
  expect(instanceType("q9.huge")).toBeNull();
  await simulated({ plan: oneServer }, async ({ clients }) => {
    const ec2 = clients(EC2Client, recovery);
    const send = (types: string[]) =>
      ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: types as ["m5.large"] }));

    expect((await send(["m5.xlarge", "m6g.medium"])).InstanceTypes).toMatchObject([
      { ProcessorInfo: { SupportedArchitectures: ["x86_64"] }, VCpuInfo: { DefaultVCpus: 4 } },
      { ProcessorInfo: { SupportedArchitectures: ["arm64"] }, VCpuInfo: { DefaultVCpus: 1 } },
    ]);
    await expect(send(["q9.huge"])).rejects.toMatchObject({ name: "InvalidInstanceType" });
  });
});

test("offerings are told per zone, and leave out what is not offered there", () =>
  simulated(
    { plan: oneServer, inventory: { notOffered: [{ type: "m5.large", zone: "eu-central-1b" }] } },
    async ({ clients }) => {
      const ec2 = clients(EC2Client, recovery);
      const { InstanceTypeOfferings } = await ec2.send(
        new DescribeInstanceTypeOfferingsCommand({
          LocationType: "availability-zone",
          Filters: [{ Name: "instance-type", Values: ["m5.large"] }],
        }),
      );
      const { AvailabilityZones } = await ec2.send(new DescribeAvailabilityZonesCommand({}));

      expect(InstanceTypeOfferings!.map(({ Location }) => Location)).toEqual(["eu-central-1a", "eu-central-1c"]);
      expect(AvailabilityZones!.map(({ ZoneName }) => ZoneName)).toEqual(["a", "b", "c"].map((one) => recovery + one));
    },
  ));

const refusal = async (asked: Promise<unknown>) => {
  const { name, message } = await asked.then(
    () => new Error("no refusal"),
    (error: Error) => error,
  );
  return `${name}: ${message}`;
};

test("a call has 200 filter values at most, over all its filters", () =>
  simulated({ plan: aPlan() }, async ({ clients }) => {
    const ask = (count: number) =>
      clients(EC2Client, primary).send(
        new DescribeInstancesCommand({
          Filters: [
            { Name: "instance-state-name", Values: ["running"] },
            { Name: "instance-id", Values: Array.from({ length: count }, (_, at) => `i-${at}`) },
          ],
        }),
      );
    expect((await ask(199)).Reservations).toEqual([]);
    expect(await refusal(ask(200))).toBe(
      "FilterLimitExceeded: The maximum number of filter values specified on a single call is 200",
    );
  }));

test("DescribeInstanceStatus takes up to 100 ids, no page size with them, and no filter by id or tag", () =>
  simulated({ plan: oneServer }, async ({ clients, world }) => {
    const [server] = sourceServers(world);
    const ask = (input: object) => clients(EC2Client, primary).send(new DescribeInstanceStatusCommand(input));
    const found = await ask({
      InstanceIds: [server!.id],
      Filters: [{ Name: "instance-state-name", Values: ["running"] }],
    });
    expect(found.InstanceStatuses).toHaveLength(1);
    const ids = Array.from({ length: 101 }, () => server!.id);
    expect(await refusal(ask({ InstanceIds: ids }))).toMatch(/^InvalidParameterValue/);
    expect(await refusal(ask({ InstanceIds: [server!.id], MaxResults: 5 }))).toMatch(/^InvalidParameterCombination/);
    for (const Name of ["instance-id", "tag:Name"])
      expect(await refusal(ask({ Filters: [{ Name, Values: ["x"] }] }))).toMatch(/^InvalidParameterValue/);
  }));
