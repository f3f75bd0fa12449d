import type { ManifestVolume } from "./point.ts";

/**
 * One device of an image or a launch, made from its copy. Encryption comes with the snapshot and must not be said
 * again; IOPS and throughput are reported for more volume types than accept them. [SDK EC2: EbsBlockDevice]
 */
export const blockDevice = ({ device, type, iops, throughputMiBs, deleteOnTermination, snapshot }: ManifestVolume) => ({
  DeviceName: device,
  Ebs: {
    VolumeType: type as "gp3",
    DeleteOnTermination: deleteOnTermination,
    ...(snapshot && { SnapshotId: snapshot }),
    ...(iops && /^(gp3|io1|io2)$/.test(type) && { Iops: iops }),
    ...(throughputMiBs && type === "gp3" && { Throughput: throughputMiBs }),
  },
});
