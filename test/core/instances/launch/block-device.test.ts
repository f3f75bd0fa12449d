import { expect, test } from "vitest";
import { blockDevice, emptyDevice } from "../../../../functions/core/instances/launch/block-device.ts";
import { aVolume } from "../../../support/replication.ts";

const figures = { iops: 3000, throughputMiBs: 125, snapshot: "snap-1" };

test.each([
  ["gp3", { Iops: 3000, Throughput: 125 }],
  ["io2", { Iops: 3000 }],
  ["gp2", {}],
  ["st1", {}],
])("a %s volume is told only the figures that its type accepts", (type, told) => {
  expect(blockDevice(aVolume({ ...figures, type }))).toEqual({
    DeviceName: "/dev/xvda",
    Ebs: { VolumeType: type, DeleteOnTermination: true, SnapshotId: "snap-1", ...told },
  });
});

test("without a copy there is no snapshot to name", () => {
  expect(blockDevice(aVolume({ snapshot: null, iops: null, throughputMiBs: null })).Ebs).toEqual({
    VolumeType: "gp3",
    DeleteOnTermination: true,
  });
});

test("an empty volume is as large and as fast as the one in whose place it stands, and goes with its server", () => {
  const volume = aVolume({ ...figures, device: "/dev/sdf", sizeGiB: 30, encrypted: true, deleteOnTermination: false });
  expect(emptyDevice({ ...volume, snapshot: null })).toEqual({
    DeviceName: "/dev/sdf",
    Ebs: {
      VolumeType: "gp3",
      Iops: 3000,
      Throughput: 125,
      VolumeSize: 30,
      Encrypted: true,
      DeleteOnTermination: true,
    },
  });
});
