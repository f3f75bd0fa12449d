import { DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, expect, it } from "vitest";
import { existingVolumes, volumesOf } from "../../functions/aws/volumes.ts";
import { aContext } from "../support/context.ts";

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
