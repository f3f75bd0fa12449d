import type { ManifestVolume } from "../../model/recovery-point.ts";

/** IOPS and throughput are reported for more volume types than accept them. [SDK EC2: EbsBlockDevice] */
const kindOf = ({ type, iops, throughputMiBs, deleteOnTermination }: ManifestVolume) => ({
  VolumeType: type as "gp3",
  DeleteOnTermination: deleteOnTermination,
  ...(iops && /^(gp3|io1|io2)$/.test(type) && { Iops: iops }),
  ...(throughputMiBs && type === "gp3" && { Throughput: throughputMiBs }),
});

/** One device of an image or a launch, made from its copy. Encryption comes with the snapshot and must not be said again. */
export const blockDevice = (volume: ManifestVolume) => ({
  DeviceName: volume.device,
  Ebs: { ...kindOf(volume), ...(volume.snapshot && { SnapshotId: volume.snapshot }) },
});

/** An empty volume in place of one that is not protected, as large and as fast. It dies with its server: nobody misses it. */
export const emptyDevice = (volume: ManifestVolume) => ({
  DeviceName: volume.device,
  Ebs: {
    ...kindOf(volume),
    DeleteOnTermination: true,
    VolumeSize: volume.sizeGiB,
    ...(volume.encrypted && { Encrypted: true }),
  },
});
