import { DeregisterImageCommand, DescribeImagesCommand, EC2Client, RegisterImageCommand } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { deregisterImage, listImages, registerImage } from "../../../functions/aws/ec2/images.ts";
import { aManifest } from "../../support/builders.ts";
import { aContext } from "../../support/context.ts";

const ec2 = mockClient(EC2Client);
const { clients } = aContext();
const region = "eu-central-1";

beforeEach(() => ec2.reset());

describe("listImages", () => {
  it("reads every page, of this account only", async () => {
    ec2
      .on(DescribeImagesCommand)
      .resolvesOnce({ Images: [{ ImageId: "ami-1", Name: "one", State: "available" }], NextToken: "more" })
      .resolves({ Images: [{}] });
    const filters = [{ Name: "name", Values: ["one"] }];

    expect(await listImages(clients, region, filters)).toEqual([
      { id: "ami-1", name: "one", state: "available", tags: {} },
      { id: "", name: "", state: "pending", tags: {} },
    ]);

    const request = { Owners: ["self"], Filters: filters, MaxResults: 1000 };
    expect(ec2).toHaveReceivedNthCommandWith(DescribeImagesCommand, 1, request);
    expect(ec2).toHaveReceivedNthCommandWith(DescribeImagesCommand, 2, { ...request, NextToken: "more" });
  });
});

describe("registerImage", () => {
  const request = {
    Name: "image-1",
    Description: "web-1 of shop, web.20260302T113000Z",
    Architecture: "x86_64" as const,
    VirtualizationType: "hvm",
    RootDeviceName: "/dev/xvda",
    EnaSupport: true,
    BlockDeviceMappings: [
      {
        DeviceName: "/dev/xvda",
        Ebs: {
          SnapshotId: "snap-dst-a",
          VolumeType: "gp3" as const,
          Iops: 3000,
          Throughput: 125,
          DeleteOnTermination: true,
        },
      },
    ],
    TagSpecifications: [{ ResourceType: "image" as const, Tags: [{ Key: "a", Value: "b" }] }],
  };

  it("says everything that the API would guess wrong", async () => {
    ec2.on(RegisterImageCommand).resolves({ ImageId: "ami-1" });
    expect(await registerImage(clients, region, "image-1", aManifest(), { a: "b" })).toBe("ami-1");
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(RegisterImageCommand, request);
  });

  it("keeps the boot mode, the TPM and the network driver of the source", async () => {
    ec2.on(RegisterImageCommand).resolves({});
    const kept = { bootMode: "uefi", tpmSupport: "v2.0", imdsSupport: "v2.0", sriovNetSupport: "simple" };
    await registerImage(clients, region, "image-1", aManifest(kept), { a: "b" });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(RegisterImageCommand, {
      ...request,
      BootMode: "uefi",
      TpmSupport: "v2.0",
      ImdsSupport: "v2.0",
      SriovNetSupport: "simple",
    });
  });
});

describe("deregisterImage", () => {
  test.each(["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"])("takes %s as deregistered", async (name) => {
    ec2.on(DeregisterImageCommand).rejects(Object.assign(new Error("gone"), { name }));
    await deregisterImage(clients, region, "ami-1");
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DeregisterImageCommand, { ImageId: "ami-1" });
  });

  it("tells any other refusal", async () => {
    ec2.on(DeregisterImageCommand).rejects(Object.assign(new Error("no"), { name: "UnauthorizedOperation" }));
    await expect(deregisterImage(clients, region, "ami-1")).rejects.toThrow("no");
  });
});
