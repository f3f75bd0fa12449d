import { CopyImageCommand, DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { copy } from "../../../../functions/copy.ts";
import { chunkOf, copyScene, fault, input, point, showing } from "../../../support/copy-scene.ts";
import { anImageEntry } from "../../../support/image-scene.ts";
import { aChunk, anEntry } from "../../../support/queue.ts";
import { aCopy, aTaken } from "../../../support/replication.ts";

const ec2 = mockClient(EC2Client);
const windows = aTaken({ byImage: true, sourceImage: "ami-1", platform: "Windows" });
const scene = (entries = [anImageEntry()], seconds = 0) =>
  copyScene([aChunk({ entries })], point, { manifests: [windows], seconds: () => seconds });
const asked = anImageEntry({ askedAt: "2026-03-02T11:59:00.000Z", copy: "ami-2" });
const described = (State: string, over: object = {}) =>
  ec2.on(DescribeImagesCommand).resolves({
    Images: [
      {
        ImageId: "ami-2",
        State: State as "available",
        BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: "snap-dst-a" } }],
        ...over,
      },
    ],
  });

beforeEach(() => {
  ec2.reset();
  ec2.on(CopyImageCommand).resolves({ ImageId: "ami-2" });
  ec2.on(DescribeImagesCommand).resolves({});
  showing(ec2, {});
});

describe("a server that goes by an image", () => {
  it("an image-based server is copied as one image, and takes as many slots as it has volumes", async () => {
    const entries = [anImageEntry({ slots: 20 }), anEntry({ volume: "vol-b", from: "snap-b" })];
    const context = await scene(entries);
    expect(await copy(input, context)).toMatchObject({ started: 1, inFlight: 1, waiting: 1, awaited: ["ami-2"] });
    expect(ec2).toHaveReceivedCommandWith(CopyImageCommand, { SourceImageId: "ami-1", SourceRegion: "eu-west-1" });
    expect((await chunkOf(context))?.entries[0]).toMatchObject({ askedAt: "2026-03-02T12:00:00.000Z", copy: "ami-2" });
  });

  it("an image-based server makes its point complete when the image is available and its snapshots are completed", async () => {
    described("available");
    showing(ec2, { copies: [aCopy()] });
    const context = await scene([asked]);
    expect(await copy(input, context)).toMatchObject({ done: true, completed: [point.id] });
    expect(await context.store.manifest("shop", point.id, "i-0a")).toMatchObject({
      image: "ami-2",
      volumes: [{ device: "/dev/xvda", snapshot: "snap-dst-a" }],
    });
  });

  it("an image-based server is copied once more when its image failed, with another token, and not a third time", async () => {
    described("failed", { StateReason: { Message: "no key" } });
    const context = await scene([asked]);
    expect(await copy(input, context)).toMatchObject({ started: 1 });
    const [first] = ec2.commandCalls(CopyImageCommand);
    const [entry] = (await chunkOf(context))!.entries;
    expect(entry).toMatchObject({ tries: 1, copy: "ami-2" });
    await context.store.saveQueue([aChunk({ entries: [{ ...asked, tries: 1 }] })]);
    expect(await copy(input, context)).toMatchObject({ started: 0, discarded: [point.id] });
    expect((await context.store.point("shop", point.id))?.because).toBe("2 copies of ami-1 failed: no key");
    expect(first?.args[0].input.ClientToken).toMatch(/^[0-9a-f]{64}$/);
  });

  it("an image-based server waits while its source image is still being made", async () => {
    ec2.on(CopyImageCommand).rejects(fault("InvalidAMIID.Unavailable"));
    ec2.on(DescribeImagesCommand).resolves({ Images: [{ ImageId: "ami-1", State: "pending" }] });
    const context = await scene();
    expect(await copy(input, context)).toMatchObject({ done: false, started: 0, refused: {}, discarded: [] });
    expect((await chunkOf(context))?.entries[0]).toMatchObject({ askedAt: null, tries: 0 });
  });

  test.each([
    [
      "failed",
      { Images: [{ ImageId: "ami-1", State: "failed" as const, StateReason: { Message: "broken" } }] },
      "failed: broken",
    ],
    ["is gone", {}, "is gone"],
  ])("an image-based server is given up with its point when its source image %s", async (_, images, because) => {
    ec2.on(CopyImageCommand).rejects(fault("InvalidAMIID.NotFound"));
    ec2.on(DescribeImagesCommand).resolves(images);
    const context = await scene();
    expect(await copy(input, context)).toMatchObject({ discarded: [point.id] });
    expect((await context.store.point("shop", point.id))?.because).toBe(`ami-1 of i-0a ${because}`);
  });

  it("an image-based server is asked for again with its token when the reply was lost", async () => {
    ec2.on(CopyImageCommand).rejectsOnce(fault("TimeoutError")).resolves({ ImageId: "ami-2" });
    let seconds = 0;
    const manifests = [windows];
    const context = await copyScene([aChunk({ entries: [anImageEntry()] })], point, {
      manifests,
      seconds: () => seconds,
    });
    const value = await copy(input, context);
    expect(value).toMatchObject({ started: 0, lostReplies: 1 });
    seconds = 10;
    expect(await copy({ ...input, copy: { value } }, context)).toMatchObject({ started: 1 });
    const [first, second] = ec2.commandCalls(CopyImageCommand).map(({ args }) => args[0].input.ClientToken);
    expect(second).toBe(first);
    expect((await chunkOf(context))?.entries[0]).toMatchObject({ copy: "ami-2" });
  });
});
