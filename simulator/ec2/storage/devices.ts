/** Block device mappings. */

import type { BlockDeviceMapping } from "@aws-sdk/client-ec2";
import { AwsError } from "../../kernel.ts";
import type { Device } from "../state.ts";

/** A block device mapping as EC2 keeps it; `base` is the image's mapping of the same device. */
export const toDevice = ({ DeviceName = "", Ebs = {} }: BlockDeviceMapping, base?: Device): Device => {
  const type = Ebs.VolumeType ?? base?.type ?? "gp2";
  const device: Device = {
    device: DeviceName,
    snapshot: Ebs.SnapshotId ?? base?.snapshot ?? null,
    sizeGiB: Ebs.VolumeSize ?? base?.sizeGiB ?? null,
    type,
    iops: Ebs.Iops ?? (type === base?.type ? base.iops : null),
    throughput: Ebs.Throughput ?? (type === base?.type ? base.throughput : null),
    encrypted: Ebs.Encrypted ?? base?.encrypted ?? null,
    key: Ebs.KmsKeyId ?? base?.key ?? null,
    deleteOnTermination: Ebs.DeleteOnTermination ?? base?.deleteOnTermination ?? true,
    ...(Ebs.VolumeInitializationRate && { initializationRate: Ebs.VolumeInitializationRate }),
  };
  if (device.throughput !== null && type !== "gp3")
    throw new AwsError("InvalidParameterCombination", `The parameter throughput is not supported for ${type} volumes`);
  if (device.iops !== null && !["gp3", "io1", "io2"].includes(type))
    throw new AwsError("InvalidParameterCombination", `The parameter iops is not supported for ${type} volumes`);
  return device;
};

export const mappingOf = (device: Device): BlockDeviceMapping => ({
  DeviceName: device.device,
  Ebs: {
    VolumeType: device.type as "gp3",
    DeleteOnTermination: device.deleteOnTermination,
    ...(device.snapshot && { SnapshotId: device.snapshot }),
    ...(device.sizeGiB && { VolumeSize: device.sizeGiB }),
    ...(device.iops && { Iops: device.iops }),
    ...(device.throughput && { Throughput: device.throughput }),
    ...(device.encrypted !== null && { Encrypted: device.encrypted }),
  },
});

/** The image's devices with the request's laid over them. The root keeps its snapshot. [SDK EC2: BlockDeviceMapping] */
export const mergeDevices = (own: Device[], given: BlockDeviceMapping[], rootDevice: string): Device[] => {
  const merged = new Map(own.map((device) => [device.device, device]));
  for (const mapping of given) {
    const name = mapping.DeviceName ?? "";
    const base = merged.get(name);
    const device = toDevice(mapping, base);
    if (name === rootDevice && base?.snapshot !== device.snapshot)
      throw new AwsError("InvalidBlockDeviceMapping", "snapshotId cannot be modified on root device");
    if (mapping.NoDevice !== undefined) merged.delete(name);
    else merged.set(name, device);
  }
  return [...merged.values()];
};
