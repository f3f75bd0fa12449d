import {
  CreateImageCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { aPlan } from "../support/builders.ts";
import { aCopiedServer, anImage, oneServer, sourceServers } from "../support/ec2.ts";
import { copyTo, imagesOf, makeImage, primary, recovery, windowsServers } from "../support/image-scene.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const inventory = { servers: { web: windowsServers("web-1") } };
const windows = { plan: oneServer, inventory };
const server = ({ world }: Simulated) => sourceServers(world)[0]!.id;

test("an image of an instance names its snapshots when it is available, and keeps what is billed", () =>
  simulated(windows, async (live) => {
    const id = await makeImage(live, server(live));
    await live.advance(6);
    const [pending] = await imagesOf(live, primary, id);
    await live.advance(500);
    const [image] = await imagesOf(live, primary, id);

    expect(pending).toMatchObject({ State: "pending", PlatformDetails: "Windows" });
    expect(pending!.BlockDeviceMappings!.map(({ Ebs }) => Ebs?.SnapshotId)).toEqual([undefined, undefined]);
    expect(image).toMatchObject({ State: "available", UsageOperation: "RunInstances:0002" });
    const snapshots = image!.BlockDeviceMappings!.map(
      ({ Ebs }) => ec2Of(live.world, primary).snapshots.get(Ebs!.SnapshotId!)!,
    );
    expect(snapshots.map(({ state }) => state)).toEqual(["completed", "completed"]);
    expect(new Set(snapshots.map(({ startedAt }) => startedAt)).size).toBe(1);
    expect(new Set(snapshots.map(({ content }) => content?.set)).size).toBe(1);
  }));

test("a device can be left out of an image, the root cannot; a name can be used once", () =>
  simulated(windows, async (live) => {
    const ec2 = live.clients(EC2Client, primary, "optional");
    const without = (DeviceName: string, Name: string) =>
      ec2.send(
        new CreateImageCommand({
          InstanceId: server(live),
          Name,
          NoReboot: true,
          BlockDeviceMappings: [{ DeviceName, NoDevice: "" }],
        }),
      );
    const { ImageId } = await without("/dev/sdf", "image-1");
    await live.advance(500);

    const [image] = await imagesOf(live, primary, ImageId!);
    expect(image!.BlockDeviceMappings!.map(({ DeviceName }) => DeviceName)).toEqual(["/dev/xvda"]);
    await expect(without("/dev/xvda", "image-2")).rejects.toMatchObject({ name: "InvalidBlockDeviceMapping" });
    await expect(without("/dev/sdf", "image-1")).rejects.toMatchObject({ name: "InvalidAMIName.Duplicate" });
    await expect(without("/dev/sdf", "no")).rejects.toMatchObject({ name: "InvalidAMIName.Malformed" });
  }));

test("a copied image keeps what is billed, and so does what it starts; a registered one does not", () =>
  simulated(windows, async (live) => {
    const source = await makeImage(live, server(live));
    await live.advance(500);
    const copied = await copyTo(live, source);
    const registered = await anImage(live, await aCopiedServer(live), "image-2");
    await live.advance(60);

    const [image] = await imagesOf(live, recovery, copied);
    const [plain] = await imagesOf(live, recovery, registered);
    expect(image).toMatchObject({
      State: "available",
      PlatformDetails: "Windows",
      UsageOperation: "RunInstances:0002",
    });
    expect(plain).toMatchObject({ PlatformDetails: "Linux/UNIX", UsageOperation: "RunInstances" });

    const [subnet] = ec2Of(live.world, recovery).subnets.keys();
    const ec2 = live.clients(EC2Client, recovery);
    const { Instances } = await ec2.send(
      new RunInstancesCommand({
        ImageId: copied,
        InstanceType: "m5.large",
        SubnetId: subnet,
        ClientToken: "a",
        MinCount: 1,
        MaxCount: 1,
      }),
    );
    await live.advance(30);
    const found = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [Instances![0]!.InstanceId!] }));
    expect(found.Reservations![0]!.Instances![0]).toMatchObject({ Platform: "Windows", PlatformDetails: "Windows" });
  }));

test("a copy has one token, one name, and an available source", () =>
  simulated(windows, async (live) => {
    const source = await makeImage(live, server(live));
    await live.advance(10);
    await expect(copyTo(live, source)).rejects.toMatchObject({ name: "InvalidAMIID.Unavailable" });
    await expect(copyTo(live, "ami-0")).rejects.toMatchObject({ name: "InvalidAMIID.NotFound" });
    await live.advance(500);

    const copied = await copyTo(live, source);
    expect(await copyTo(live, source)).toBe(copied);
    await expect(copyTo(live, source, { Name: "copy-2" })).rejects.toMatchObject({
      name: "IdempotentParameterMismatch",
    });
    await expect(copyTo(live, source, { ClientToken: "two" })).rejects.toMatchObject({
      name: "InvalidAMIName.Duplicate",
    });
    await expect(copyTo(live, source, { ClientToken: undefined })).rejects.toMatchObject({ name: "MissingParameter" });
    await expect(copyTo(live, source, { KmsKeyId: "alias/x", ClientToken: "k" })).rejects.toMatchObject({
      name: "InvalidParameterCombination",
    });
    expect(ec2Of(live.world, recovery).images.size).toBe(1);
  }));

test("each volume of a copied image takes a copy slot", () =>
  simulated(
    { plan: aPlan(), inventory, faults: [{ from: 0, until: 3_600_000, fault: "copy-quota", limit: 3 }] },
    async (live) => {
      const source = await makeImage(live, server(live));
      await live.advance(500);
      await copyTo(live, source);

      const copies = [...ec2Of(live.world, recovery).snapshots.values()];
      expect(copies).toMatchObject([
        { volume: "vol-ffffffff", state: "pending", copyOf: { region: primary } },
        { volume: "vol-ffffffff", state: "pending", copyOf: { region: primary } },
      ]);
      await expect(copyTo(live, source, { Name: "copy-2", ClientToken: "two" })).rejects.toMatchObject({
        name: "ResourceLimitExceeded",
      });
    },
  ));

test("a key that does not exist shows as a failed image", () =>
  simulated(windows, async (live) => {
    const source = await makeImage(live, server(live));
    await live.advance(500);
    const id = await copyTo(live, source, { Encrypted: true, KmsKeyId: "alias/nobody" });
    await live.advance(60);

    const [image] = await imagesOf(live, recovery, id);
    expect(image!.State).toBe("failed");
    expect(image!.StateReason!.Message).toMatch(/Given key ID is not accessible/);
  }));

test("the snapshots of an image can be deleted once it is deregistered, in either Region", () =>
  simulated(windows, async (live) => {
    const source = await makeImage(live, server(live));
    await live.advance(500);
    const copied = await copyTo(live, source);
    await live.advance(2_000);
    for (const [region, id] of [
      [primary, source],
      [recovery, copied],
    ] as const) {
      const ec2 = live.clients(EC2Client, region, "optional");
      const [snapshot] = ec2Of(live.world, region).snapshots.values();
      const remove = () => ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshot!.id }));
      await expect(remove()).rejects.toMatchObject({ name: "InvalidSnapshot.InUse" });
      await ec2.send(new DeregisterImageCommand({ ImageId: id }));
      await remove();
    }
  }));

test("a dark source starts no copy, and an instance that is gone makes no image", () =>
  simulated(
    { ...windows, faults: [{ from: 600_000, until: 3_600_000, fault: "region-down", region: primary }] },
    async (live) => {
      const source = await makeImage(live, server(live));
      ec2Of(live.world, primary).instances.get(server(live))!.state = "terminated";
      await expect(makeImage(live, server(live), "image-2")).rejects.toMatchObject({ name: "IncorrectState" });
      await live.advance(700);
      await expect(copyTo(live, source)).rejects.toMatchObject({ name: "Unavailable" });
    },
  ));
