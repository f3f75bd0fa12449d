import { CreateImageCommand, DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { takeImage } from "../../../../functions/kinds/instances/capture/take-image.ts";
import { aContext } from "../../../support/context.ts";
import { nameOf, point } from "../../../support/image-scene.ts";
import { anUntaken, aPass, aSource, aVolume } from "../../../support/replication.ts";

const ec2 = mockClient(EC2Client);
const context = aContext();
const run = aPass();
const manifest = anUntaken({
  point,
  byImage: true,
  sourceImage: null,
  platform: "Windows",
  volumes: [aVolume({ volume: "vol-a", sourceSnapshot: null }), aVolume({ volume: "vol-b", device: "/dev/sdf" })],
});
const [a, b] = [aSource({ id: "snap-a", volume: "vol-a" }), aSource({ id: "snap-b", volume: "vol-b" })];
const fault = (name: string) => Object.assign(new Error("no"), { name });
const take = (over: Partial<typeof manifest> = {}, found = [a, b].slice(2), mayStart = () => true) =>
  takeImage(context, run, { ...manifest, ...over }, found, mayStart);
const showing = (over: object = {}) =>
  ec2.on(DescribeImagesCommand).resolves({ Images: [{ ImageId: "ami-1", State: "pending", ...over }] });

beforeEach(() => {
  ec2.reset();
  ec2.on(DescribeImagesCommand).resolves({});
  ec2.on(CreateImageCommand).resolves({ ImageId: "ami-1" });
});

describe("a server that goes by an image", () => {
  it("an image-based server gets an image in the source Region, named and tagged after its point, and the pass waits for it", async () => {
    expect(await take({ excluded: { bootVolume: false, dataVolumes: ["vol-x"], devices: ["/dev/sdx"] } })).toEqual({
      outcome: "wait",
      because: "i-0a: ami-1 is being made",
    });
    expect(ec2).toHaveReceivedCommandTimes(DescribeImagesCommand, 0);
    expect(ec2).toHaveReceivedCommandWith(CreateImageCommand, {
      InstanceId: "i-0a",
      Name: nameOf("i-0a"),
      NoReboot: true,
      BlockDeviceMappings: [{ DeviceName: "/dev/sdx", NoDevice: "" }],
    });
    const [call] = ec2.commandCalls(CreateImageCommand);
    expect(call?.args[0].input.TagSpecifications?.[1]).toEqual({
      ResourceType: "snapshot",
      Tags: [
        { Key: "lifeboat:application", Value: "shop" },
        { Key: "lifeboat:resource", Value: "web" },
        { Key: "lifeboat:point", Value: point },
        { Key: "lifeboat:server", Value: "i-0a" },
        { Key: "lifeboat:source-region", Value: "eu-west-1" },
      ],
    });
  });

  it("an image-based server has its set as soon as the snapshots are visible, though the image is pending", async () => {
    showing();
    expect(await take({}, [a, b])).toMatchObject({
      outcome: "found",
      because: "2 snapshots",
      lost: [],
      manifest: {
        sourceImage: "ami-1",
        takenAt: a.startedAt,
        volumes: [{ sourceSnapshot: "snap-a" }, { sourceSnapshot: "snap-b" }],
      },
    });
    expect(ec2).toHaveReceivedCommandTimes(CreateImageCommand, 0);
    expect(ec2).toHaveReceivedCommandWith(DescribeImagesCommand, {
      Owners: ["self"],
      Filters: [{ Name: "name", Values: [nameOf("i-0a")] }],
    });
  });

  it("an image-based server names the volumes that its image lacks", async () => {
    showing({ State: "available", BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: "snap-a" } }] });
    expect(await take({}, [a])).toMatchObject({ outcome: "found", lost: ["vol-b of i-0a"] });
  });

  it("an image-based server is looked up by its name when its reply was lost before its snapshots were seen", async () => {
    ec2.on(CreateImageCommand).rejects(fault("InvalidAMIName.Duplicate"));
    expect(await take()).toMatchObject({ outcome: "wait" });
    showing();
    expect(await take()).toEqual({
      outcome: "wait",
      because: "i-0a: the snapshots of ami-1 are not completely visible yet",
    });
    showing({ State: "failed", StateReason: { Message: "broken" } });
    expect(await take()).toEqual({ outcome: "out", because: "i-0a: ami-1 failed: broken" });
  });

  it("an image-based server waits when the pass has started enough images", async () => {
    expect(await take({}, [], () => false)).toMatchObject({ outcome: "stop" });
    expect(ec2).toHaveReceivedCommandTimes(CreateImageCommand, 0);
  });

  it("an image-based server is left out when its root device is excluded, or nothing of it was taken", async () => {
    expect(await take({ excluded: { bootVolume: true, dataVolumes: [] } })).toMatchObject({ outcome: "out" });
    showing({ State: "available", BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: "snap-a" } }] });
    expect(await take({ volumes: [] }, [a])).toEqual({
      outcome: "out",
      because: "i-0a has none of its volumes any more",
    });
  });
});

test.each([
  ["SnapshotCreationPerVolumeRateExceeded", "wait"],
  ["RequestLimitExceeded", "stop"],
  ["TimeoutError", "stop"],
  ["InvalidInstanceID.NotFound", "out"],
  ["UnauthorizedOperation", "refused"],
])("%s: %s", async (code, outcome) => {
  ec2.on(CreateImageCommand).rejects(fault(code));
  expect(await take()).toEqual({ outcome, because: `i-0a: ${code}: no` });
});
