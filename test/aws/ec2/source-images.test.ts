import { CopyImageCommand, CreateImageCommand, DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { copyImage, createImage, wholeImages } from "../../../functions/aws/ec2/source-images.ts";
import { aContext } from "../../support/context.ts";

const ec2 = mockClient(EC2Client);
const { clients } = aContext();
const tags = { "lifeboat:application": "shop" };
const TagSpecifications = ["image" as const, "snapshot" as const].map((ResourceType) => ({
  ResourceType,
  Tags: [{ Key: "lifeboat:application", Value: "shop" }],
}));

beforeEach(() => ec2.reset());

describe("createImage", () => {
  it("does not reboot the instance, and tags the image and its snapshots at once", async () => {
    ec2.on(CreateImageCommand).resolves({ ImageId: "ami-1" });
    const wanted = { instance: "i-1", name: "image-1", without: [] };
    expect(await createImage(clients, "eu-west-1", wanted, tags)).toBe("ami-1");
    const [call] = ec2.commandCalls(CreateImageCommand);
    expect(call?.args[0].input).toEqual({ InstanceId: "i-1", Name: "image-1", NoReboot: true, TagSpecifications });
  });

  it("leaves out excluded devices by name", async () => {
    ec2.on(CreateImageCommand).resolves({});
    const wanted = { instance: "i-1", name: "image-1", without: ["/dev/sdf"] };
    expect(await createImage(clients, "eu-west-1", wanted, tags)).toBe("");
    expect(ec2).toHaveReceivedCommandWith(CreateImageCommand, {
      BlockDeviceMappings: [{ DeviceName: "/dev/sdf", NoDevice: "" }],
    });
  });
});

describe("copyImage", () => {
  const wanted = { name: "image-1", token: "token", key: null, minutes: null };
  const source = { region: "eu-west-1", image: "ami-1" };

  it("is asked with a token, and says nothing of a key when there is none", async () => {
    ec2.on(CopyImageCommand).resolves({ ImageId: "ami-2" });
    expect(await copyImage(clients, "eu-central-1", source, wanted, tags)).toBe("ami-2");
    const [call] = ec2.commandCalls(CopyImageCommand);
    expect(call?.args[0].input).toEqual({
      ClientToken: "token",
      Name: "image-1",
      SourceRegion: "eu-west-1",
      SourceImageId: "ami-1",
      TagSpecifications,
    });
  });

  it("names the key that its snapshots are encrypted under, and how long it may take", async () => {
    ec2.on(CopyImageCommand).resolves({});
    const key = "arn:aws:kms:eu-central-1:111122223333:key/1";
    expect(await copyImage(clients, "eu-central-1", source, { ...wanted, key, minutes: 30 }, tags)).toBe("");
    expect(ec2).toHaveReceivedCommandWith(CopyImageCommand, {
      Encrypted: true,
      KmsKeyId: key,
      SnapshotCopyCompletionDurationMinutes: 30,
    });
  });
});

describe("wholeImages", () => {
  it("asks for at most 200 at once, over all pages, and shows devices whose snapshots are not there yet", async () => {
    ec2
      .on(DescribeImagesCommand)
      .resolvesOnce({
        Images: [
          {
            ImageId: "ami-1",
            Name: "one",
            State: "failed",
            StateReason: { Message: "no" },
            PlatformDetails: "Windows",
            UsageOperation: "RunInstances:0002",
            Tags: TagSpecifications[0]!.Tags,
            BlockDeviceMappings: [
              { DeviceName: "/dev/sda1", Ebs: { SnapshotId: "snap-1" } },
              { DeviceName: "/dev/sdf", Ebs: {} },
              { DeviceName: "/dev/sdb", VirtualName: "ephemeral0" },
            ],
          },
        ],
        NextToken: "more",
      })
      .resolvesOnce({ Images: [{}] })
      .resolves({});
    const ids = Array.from({ length: 201 }, (_, at) => `ami-${at}`);
    const found = await wholeImages(clients, "eu-west-1", "image-id", ids);
    expect(found).toEqual([
      {
        id: "ami-1",
        name: "one",
        state: "failed",
        because: "no",
        platform: "Windows",
        usageOperation: "RunInstances:0002",
        tags: { "lifeboat:application": "shop" },
        devices: [
          { device: "/dev/sda1", snapshot: "snap-1" },
          { device: "/dev/sdf", snapshot: null },
        ],
      },
      {
        id: "",
        name: "",
        state: "pending",
        because: null,
        platform: "",
        usageOperation: "",
        tags: {},
        devices: [],
      },
    ]);
    expect(ec2).toHaveReceivedCommandTimes(DescribeImagesCommand, 3);
    expect(ec2).toHaveReceivedNthCommandWith(DescribeImagesCommand, 3, {
      Owners: ["self"],
      Filters: [{ Name: "image-id", Values: ["ami-200"] }],
    });
  });
});
