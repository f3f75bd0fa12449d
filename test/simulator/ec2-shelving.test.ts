import {
  CopySnapshotCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  RegisterImageCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { archive, deprecateImage, disableImage, recycle } from "../../simulator/ec2/storage/shelving.ts";
import { aCopiedServer, anImage, oneServer } from "../support/ec2.ts";
import { simulated } from "../support/simulated.ts";

const region = "eu-central-1";

test("an archived snapshot is completed, in another tier, and of no use; one in the Recycle Bin is not there", () =>
  simulated({ plan: oneServer }, async (live) => {
    const { copies } = await aCopiedServer(live);
    const ec2 = live.clients(EC2Client, region);
    const { id } = copies[0]!;
    const shown = async (Filters: { Name: string; Values: string[] }[] = []) =>
      (await ec2.send(new DescribeSnapshotsCommand({ Filters }))).Snapshots;

    archive(live.world, region, id);

    expect(await shown()).toMatchObject([{ SnapshotId: id, State: "completed", StorageTier: "archive" }]);
    expect(await shown([{ Name: "storage-tier", Values: ["standard"] }])).toEqual([]);
    const register = new RegisterImageCommand({
      Name: "image",
      RootDeviceName: "/dev/xvda",
      BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: id } }],
    });
    await expect(ec2.send(register)).rejects.toMatchObject({ name: "IncorrectState" });
    const copy = new CopySnapshotCommand({ SourceRegion: region, SourceSnapshotId: id });
    await expect(live.clients(EC2Client, "eu-west-1").send(copy)).rejects.toMatchObject({ name: "IncorrectState" });

    recycle(live.world, region, id);

    expect(await shown()).toEqual([]);
    const asked = new DescribeSnapshotsCommand({ SnapshotIds: [id] });
    await expect(ec2.send(asked)).rejects.toMatchObject({ name: "InvalidSnapshot.NotFound" });
  }));

test("a deprecated image starts as before; a disabled one is shown only when asked for, and starts nothing", () =>
  simulated({ plan: oneServer }, async (live) => {
    const copied = await aCopiedServer(live);
    const ImageId = await anImage(live, copied);
    await live.advance(60);
    const ec2 = live.clients(EC2Client, region);
    const shown = async (IncludeDisabled?: boolean) =>
      (await ec2.send(new DescribeImagesCommand({ Owners: ["self"], IncludeDisabled }))).Images;
    const run = (ClientToken: string) =>
      ec2.send(
        new RunInstancesCommand({
          ImageId,
          InstanceType: "m5.large",
          SubnetId: "subnet-a",
          MinCount: 1,
          MaxCount: 1,
          ClientToken,
        }),
      );

    deprecateImage(live.world, region, ImageId, live.world.now());
    expect(await shown()).toMatchObject([{ State: "available", DeprecationTime: expect.any(String) }]);
    expect((await run("first")).Instances).toHaveLength(1);
    expect(() => archive(live.world, region, copied.copies[0]!.id)).toThrow(/disable that first/);

    disableImage(live.world, region, ImageId);
    expect(await shown()).toEqual([]);
    expect(await shown(true)).toMatchObject([{ ImageId, State: "disabled" }]);
    await expect(run("second")).rejects.toMatchObject({ name: "InvalidAMIID.Unavailable" });
    archive(live.world, region, copied.copies[0]!.id);
  }));

test("the copy after an archived one is a full one", () =>
  simulated({ plan: oneServer }, async (live) => {
    const { copies } = await aCopiedServer(live);
    const told: unknown[] = [];
    live.world.onEvent(({ detail }) => told.push(detail.incremental));
    const all = ec2Of(live.world, region).snapshots;
    const SourceSnapshotId = all.get(copies[0]!.id)!.copyOf!.snapshot;
    const again = async () => {
      await live
        .clients(EC2Client, region)
        .send(new CopySnapshotCommand({ SourceRegion: "eu-west-1", SourceSnapshotId }));
      await live.advance(3_600);
    };

    await again();
    for (const { id } of all.values()) archive(live.world, region, id);
    await again();

    expect(told).toEqual(["true", "false"]);
  }));
