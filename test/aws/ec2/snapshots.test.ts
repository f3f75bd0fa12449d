import {
  CopySnapshotCommand,
  CreateSnapshotsCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { copySnapshot, createSnapshots, deleteSnapshot, listSnapshots } from "../../../functions/aws/ec2/snapshots.ts";
import { aContext } from "../../support/context.ts";

const ec2 = mockClient(EC2Client);
const { clients } = aContext();
const tags = { "lifeboat:application": "shop" };
const TagSpecifications = [
  { ResourceType: "snapshot" as const, Tags: [{ Key: "lifeboat:application", Value: "shop" }] },
];

beforeEach(() => ec2.reset());

describe("listSnapshots", () => {
  it("reads every page, of this account only", async () => {
    ec2
      .on(DescribeSnapshotsCommand)
      .resolvesOnce({ Snapshots: [{ SnapshotId: "snap-1" }], NextToken: "more" })
      .resolves({ Snapshots: [{ SnapshotId: "snap-2" }] });
    const filters = [{ Name: "status", Values: ["pending"] }];

    expect((await listSnapshots(clients, "eu-west-1", filters)).map(({ id }) => id)).toEqual(["snap-1", "snap-2"]);

    const request = { OwnerIds: ["self"], Filters: filters, MaxResults: 1000 };
    expect(ec2).toHaveReceivedNthCommandWith(DescribeSnapshotsCommand, 1, request);
    expect(ec2).toHaveReceivedNthCommandWith(DescribeSnapshotsCommand, 2, { ...request, NextToken: "more" });
  });

  it("tells each as plain data", async () => {
    ec2.on(DescribeSnapshotsCommand).resolves({
      Snapshots: [
        {
          SnapshotId: "snap-1",
          VolumeId: "vol-1",
          State: "error",
          Progress: "72%",
          VolumeSize: 20,
          Encrypted: true,
          StartTime: new Date("2026-03-02T12:00:00Z"),
          StateMessage: "no key",
          Tags: [{ Key: "a", Value: "b" }],
        },
        {},
      ],
    });

    expect(await listSnapshots(clients, "eu-west-1", [])).toEqual([
      {
        id: "snap-1",
        volume: "vol-1",
        state: "error",
        progress: 72,
        sizeGiB: 20,
        encrypted: true,
        startedAt: "2026-03-02T12:00:00.000Z",
        because: "no key",
        tags: { a: "b" },
      },
      {
        id: "",
        volume: "",
        state: "pending",
        progress: 0,
        sizeGiB: 0,
        encrypted: false,
        startedAt: "1970-01-01T00:00:00.000Z",
        because: null,
        tags: {},
      },
    ]);
  });
});

describe("createSnapshots", () => {
  it("asks for all volumes of one instance, tags in the same call", async () => {
    ec2.on(CreateSnapshotsCommand).resolves({ Snapshots: [{ SnapshotId: "snap-1", VolumeId: "vol-1" }] });

    expect(await createSnapshots(clients, "eu-west-1", "i-1", undefined, tags)).toHaveLength(1);

    expect(ec2).toHaveReceivedCommandExactlyOnceWith(CreateSnapshotsCommand, {
      InstanceSpecification: { InstanceId: "i-1" },
      TagSpecifications,
    });
  });

  it("leaves out the boot volume by its own field and data volumes by id", async () => {
    ec2.on(CreateSnapshotsCommand).resolves({});

    expect(
      await createSnapshots(clients, "eu-west-1", "i-1", { bootVolume: true, dataVolumes: ["vol-2"] }, tags),
    ).toEqual([]);

    expect(ec2).toHaveReceivedCommandWith(CreateSnapshotsCommand, {
      InstanceSpecification: { InstanceId: "i-1", ExcludeBootVolume: true, ExcludeDataVolumeIds: ["vol-2"] },
    });
  });
});

describe("copySnapshot", () => {
  const source = { region: "eu-west-1", snapshot: "snap-1" };

  it("leaves encryption to EBS when the plan names no key", async () => {
    ec2.on(CopySnapshotCommand).resolves({ SnapshotId: "snap-2" });

    expect(await copySnapshot(clients, "eu-central-1", source, null, tags)).toBe("snap-2");

    expect(ec2).toHaveReceivedCommandExactlyOnceWith(CopySnapshotCommand, {
      SourceRegion: "eu-west-1",
      SourceSnapshotId: "snap-1",
      TagSpecifications,
    });
  });

  it("names the key and asks for encryption with it", async () => {
    ec2.on(CopySnapshotCommand).resolves({});
    await copySnapshot(clients, "eu-central-1", source, "arn:key", tags);
    expect(ec2).toHaveReceivedCommandWith(CopySnapshotCommand, { Encrypted: true, KmsKeyId: "arn:key" });
  });
});

describe("deleteSnapshot", () => {
  it("takes one that is gone as deleted", async () => {
    const gone = Object.assign(new Error("gone"), { name: "InvalidSnapshot.NotFound" });
    ec2.on(DeleteSnapshotCommand).resolvesOnce({}).rejects(gone);
    await deleteSnapshot(clients, "eu-west-1", "snap-1");
    await deleteSnapshot(clients, "eu-west-1", "snap-1");
    expect(ec2).toHaveReceivedCommandTimes(DeleteSnapshotCommand, 2);
  });

  it("tells that an image uses it", async () => {
    ec2.on(DeleteSnapshotCommand).rejects(Object.assign(new Error("in use"), { name: "InvalidSnapshot.InUse" }));
    await expect(deleteSnapshot(clients, "eu-west-1", "snap-1")).rejects.toThrow("in use");
  });
});
