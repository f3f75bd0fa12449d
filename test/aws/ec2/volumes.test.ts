import { DescribeVolumeStatusCommand, DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, expect, it } from "vitest";
import { existingVolumes, volumesLoading, volumesOf } from "../../../functions/aws/ec2/volumes.ts";
import { aContext } from "../../support/context.ts";

const ec2 = mockClient(EC2Client);
beforeEach(() => ec2.reset());

it("asks for 200 instances at a time and reads every page", async () => {
  const instances = Array.from({ length: 201 }, (_, at) => `i-${at}`);
  ec2
    .on(DescribeVolumesCommand)
    .resolvesOnce({ Volumes: [{ VolumeId: "vol-1" }], NextToken: "more" })
    .resolvesOnce({ Volumes: [{ VolumeId: "vol-2" }] })
    .resolves({});

  const found = await volumesOf(aContext().clients, "eu-west-1", instances);

  expect(found.map(({ VolumeId }) => VolumeId)).toEqual(["vol-1", "vol-2"]);
  const of = (Values: string[]) => ({ Filters: [{ Name: "attachment.instance-id", Values }], MaxResults: 500 });
  expect(ec2).toHaveReceivedNthCommandWith(DescribeVolumesCommand, 1, of(instances.slice(0, 200)));
  expect(ec2).toHaveReceivedNthCommandWith(DescribeVolumesCommand, 2, { NextToken: "more" });
  expect(ec2).toHaveReceivedNthCommandWith(DescribeVolumesCommand, 3, of(["i-200"]));
});

it("tells which volumes are still there: the others are left out, not refused", async () => {
  ec2.on(DescribeVolumesCommand).resolves({ Volumes: [{ VolumeId: "vol-1" }] });
  expect(await existingVolumes(aContext().clients, "eu-west-1", ["vol-1", "vol-2"])).toEqual(new Set(["vol-1"]));
  const Filters = [{ Name: "volume-id", Values: ["vol-1", "vol-2"] }];
  expect(ec2).toHaveReceivedCommandWith(DescribeVolumesCommand, { Filters, MaxResults: 500 });
});

it("tells how far those volumes are loaded that were made from snapshots", async () => {
  const at = (InstanceId: string) => ({ Attachments: [{ InstanceId }] });
  ec2.on(DescribeVolumesCommand).resolves({
    Volumes: [
      { VolumeId: "vol-1", SnapshotId: "snap-1", ...at("i-1") },
      { VolumeId: "vol-2", SnapshotId: "snap-2", ...at("i-1") },
      { VolumeId: "vol-3", SnapshotId: "", ...at("i-1") },
    ],
  });
  ec2.on(DescribeVolumeStatusCommand).resolves({
    VolumeStatuses: [{ VolumeId: "vol-1", InitializationStatusDetails: { Progress: 40 } }, { VolumeId: "vol-2" }],
  });
  const found = await volumesLoading(aContext().clients, "eu-west-1", ["i-1", "i-2"]);
  expect(found.get("i-1")).toEqual([
    { volume: "vol-1", percent: 40 },
    { volume: "vol-2", percent: null },
  ]);
  expect(found.get("i-2")).toEqual([]);
  expect(ec2).toHaveReceivedCommandWith(DescribeVolumeStatusCommand, { VolumeIds: ["vol-1", "vol-2"] });
});

it("asks for 200 volumes at a time, and not at all where none was made from a snapshot", async () => {
  const Attachments = [{ InstanceId: "i-1" }];
  const volumes = Array.from({ length: 201 }, (_, n) => ({ VolumeId: `vol-${n}`, SnapshotId: "snap-1", Attachments }));
  ec2.on(DescribeVolumesCommand).resolvesOnce({ Volumes: volumes }).resolves({});
  ec2.on(DescribeVolumeStatusCommand).resolves({});
  await volumesLoading(aContext().clients, "eu-west-1", ["i-1"]);
  expect(ec2).toHaveReceivedCommandTimes(DescribeVolumeStatusCommand, 2);
  await volumesLoading(aContext().clients, "eu-west-1", ["i-1"]);
  expect(ec2).toHaveReceivedCommandTimes(DescribeVolumeStatusCommand, 2);
});
