import { DeregisterImageCommand, DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { createBudget } from "../../../../functions/core/budget.ts";
import { releaseSnapshots } from "../../../../functions/kinds/instances/catalog/release-snapshots.ts";
import { aContext } from "../../../support/context.ts";
import { recovery } from "../../../support/image-scene.ts";
import { aPass } from "../../../support/replication.ts";

const ec2 = mockClient(EC2Client);
const context = aContext();
const image = (ImageId: string, application: string, ...snapshots: string[]) => ({
  ImageId,
  Tags: [{ Key: "lifeboat:application", Value: application }],
  BlockDeviceMappings: snapshots.map((SnapshotId, at) => ({ DeviceName: `/dev/${at}`, Ebs: { SnapshotId } })),
});
const release = (used: string[], { referenced = [] as string[], room = 50 } = {}) =>
  releaseSnapshots(context, aPass(), recovery, {
    used,
    referenced: new Set(referenced),
    budget: createBudget(room, 30, context.now),
  });

beforeEach(() => {
  ec2.reset();
  ec2.on(DescribeImagesCommand).resolves({
    Images: [image("ami-1", "shop", "snap-1", "snap-2"), image("ami-2", "other", "snap-1")],
  });
});

describe("what keeps a snapshot from being deleted", () => {
  it("an image of ours that no manifest names is deregistered when it keeps a snapshot from being deleted", async () => {
    expect(await release(["snap-1"])).toEqual({ needed: new Set(), gone: ["ami-1"] });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DeregisterImageCommand, { ImageId: "ami-1" });
    expect(ec2).toHaveReceivedCommandWith(DescribeImagesCommand, {
      Owners: ["self"],
      Filters: [{ Name: "block-device-mapping.snapshot-id", Values: ["snap-1"] }],
    });
  });

  it("an image that a manifest names stays, with all its snapshots", async () => {
    expect(await release(["snap-1"], { referenced: ["ami-1"] })).toEqual({
      needed: new Set(["snap-1", "snap-2"]),
      gone: [],
    });
    expect(ec2).toHaveReceivedCommandTimes(DeregisterImageCommand, 0);
  });

  it("an image stays when the pass has deleted enough, or EC2 refuses", async () => {
    expect((await release(["snap-1"], { room: 0 })).gone).toEqual([]);
    ec2.on(DeregisterImageCommand).rejects(Object.assign(new Error("no"), { name: "UnauthorizedOperation" }));
    expect((await release(["snap-1"])).gone).toEqual([]);
  });

  it("images are not read when no snapshot was in use", async () => {
    await release([]);
    expect(ec2).toHaveReceivedCommandTimes(DescribeImagesCommand, 0);
  });
});
