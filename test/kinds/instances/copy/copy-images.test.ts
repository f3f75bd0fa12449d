import {
  CopyImageCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { imageCopyToken } from "../../../../functions/core/instances/copy/image-copy-token.ts";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { imageCopyStates, startImageCopy } from "../../../../functions/kinds/instances/copy/copy-images.ts";
import { aContext } from "../../../support/context.ts";
import { anImageEntry, imageTags, nameOf, point, recovery } from "../../../support/image-scene.ts";
import { aPass } from "../../../support/replication.ts";

const ec2 = mockClient(EC2Client);
const context = aContext();
const entry = anImageEntry();
const start = (key: string | null = null, minutes?: number) =>
  startImageCopy(context, aPass(), entry, imageTags("i-0a"), key, minutes);
const fault = (name: string) => Object.assign(new Error("no"), { name });

beforeEach(() => {
  ec2.reset();
  ec2.on(DescribeImagesCommand).resolves({});
});

describe("the copy of an image", () => {
  it("CopyImage gets a token of its own, and the name of its point and server", async () => {
    ec2.on(CopyImageCommand).resolves({ ImageId: "ami-2" });
    expect(await start("arn:key", 15)).toBe("ami-2");
    expect(ec2).toHaveReceivedCommandWith(CopyImageCommand, {
      ClientToken: imageCopyToken(point, entry),
      Name: nameOf("i-0a"),
      SourceRegion: "eu-west-1",
      SourceImageId: "ami-1",
      Encrypted: true,
      KmsKeyId: "arn:key",
      SnapshotCopyCompletionDurationMinutes: 15,
    });
    expect(ec2).toHaveReceivedCommandTimes(DescribeImagesCommand, 0);
  });

  test.each(["InvalidAMIName.Duplicate", "IdempotentParameterMismatch"])(
    "is found by its name after %s",
    async (code) => {
      ec2.on(CopyImageCommand).rejects(fault(code));
      ec2.on(DescribeImagesCommand).resolves({ Images: [{ ImageId: "ami-2", State: "pending" }] });
      expect(await start()).toBe("ami-2");
    },
  );

  it("a failed copy of an image is deregistered, because it holds the name, and requested again later", async () => {
    ec2.on(CopyImageCommand).rejects(fault("InvalidAMIName.Duplicate"));
    ec2.on(DescribeImagesCommand).resolves({ Images: [{ ImageId: "ami-2", State: "failed" }] });
    await expect(start()).rejects.toMatchObject({ name: "TransientError" });
    expect(ec2).toHaveReceivedCommandWith(DeregisterImageCommand, { ImageId: "ami-2" });
  });

  it("a copy whose name is taken by an image that EC2 does not show yet is requested again later", async () => {
    ec2.on(CopyImageCommand).rejects(fault("InvalidAMIName.Duplicate"));
    await expect(start()).rejects.toMatchObject({ name: "TransientError" });
  });

  it("a copy whose source image is still pending is requested again later, whatever error EC2 gives", async () => {
    ec2.on(CopyImageCommand).rejects(fault("InvalidRequest"));
    ec2.on(DescribeImagesCommand).resolves({ Images: [{ ImageId: "ami-1", State: "pending" }] });
    await expect(start()).rejects.toMatchObject({ name: "TransientError", message: "image ami-1 is still being made" });
    expect(ec2).toHaveReceivedCommandWith(DescribeImagesCommand, {
      Filters: [{ Name: "image-id", Values: ["ami-1"] }],
    });
  });

  it("a copy that EC2 refuses for good is refused", async () => {
    ec2.on(CopyImageCommand).rejects(fault("ResourceLimitExceeded"));
    await expect(start()).rejects.toMatchObject({ name: "ResourceLimitExceeded" });
    ec2.on(CopyImageCommand).rejects(fault("UnauthorizedOperation"));
    await expect(start()).rejects.toMatchObject({ name: "UnauthorizedOperation" });
  });
});

describe("the state of copied images", () => {
  const image = (id: string, State: string, ...snapshots: (string | undefined)[]) => ({
    ImageId: id,
    State: State as "available",
    BlockDeviceMappings: snapshots.map((SnapshotId, at) => ({ DeviceName: `/dev/${at}`, Ebs: { SnapshotId } })),
  });
  const states = async (...images: object[]) => {
    ec2.on(DescribeImagesCommand).resolves({ Images: images });
    ec2.on(DescribeSnapshotsCommand).resolves({
      Snapshots: [
        { SnapshotId: "snap-good", State: "completed" },
        { SnapshotId: "snap-bad", State: "error" },
        { SnapshotId: "snap-slow", State: "pending" },
      ],
    });
    const found = await imageCopyStates(context, recovery, ["ami-1", "ami-2"]);
    return [...found.values()].map(({ state, because }) => [state, because]);
  };

  it("a copied image is available only when each of its snapshots is completed", async () => {
    expect(
      await states(
        image("ami-1", "available", "snap-good"),
        image("ami-2", "available", "snap-good", "snap-slow"),
        image("ami-3", "available", "snap-unseen"),
        image("ami-4", "available", "snap-good", undefined),
        image("ami-5", "available", "snap-good", "snap-bad"),
      ),
    ).toEqual([
      ["available", null],
      ["pending", null],
      ["pending", null],
      ["pending", null],
      ["failed", "snap-bad is in error"],
    ]);
  });

  it("a copied image that is not available has the state that EC2 gives, and its snapshots are not read", async () => {
    expect(
      await states(
        { ...image("ami-1", "pending"), BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: {} }] },
        image("ami-2", "transient"),
        { ...image("ami-3", "failed"), StateReason: { Message: "no key" } },
        image("ami-4", "invalid"),
      ),
    ).toEqual([
      ["pending", null],
      ["pending", null],
      ["failed", "no key"],
      ["failed", null],
    ]);
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 0);
  });

  it("the state of a copied image names the snapshots by device, and leaves out what EC2 does not show", async () => {
    ec2.on(DescribeImagesCommand).resolves({ Images: [image("ami-1", "available", "snap-good")] });
    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [{ SnapshotId: "snap-good", State: "completed" }] });
    const found = await imageCopyStates(context, recovery, ["ami-1", "ami-2"]);
    expect([...found]).toEqual([
      ["ami-1", { state: "available", because: null, snapshots: [{ device: "/dev/0", snapshot: "snap-good" }] }],
    ]);
  });
});
