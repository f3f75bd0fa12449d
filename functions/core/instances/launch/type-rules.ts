import type { Manifest } from "../../model/recovery-point.ts";

/** An instance type, as the recovery Region describes it; what it does not say is absent. [SDK EC2: InstanceTypeInfo] */
export type InstanceType = {
  name: string;
  architectures: string[];
  vcpus: number;
  instanceStoreVolumes?: number;
  /** unsupported, supported, required. */
  enaSupport?: string;
  /** legacy-bios, uefi. */
  bootModes?: string[];
  /** hvm, paravirtual. */
  virtualization?: string[];
  /** unsupported, supported. */
  nitroTpm?: string;
  encryption?: string;
  ebsVolumesMax?: number;
  /** on-demand, spot, capacity-block. */
  usageClasses?: string[];
};

/**
 * Why EC2 would refuse to launch this server on a type, as the end of "m5.large, which …", or null. The type
 * that it ran on suits it, and what is unknown speaks for a type: Launch goes on to the next one when EC2 refuses. [EC2: enhanced-networking-ena] [EC2: ami-boot]
 * [EC2: enable-nitrotpm-prerequisites] [EBS: ebs-encryption-requirements] [EC2: volume_limits]
 */
export const whyUnsuited = (type: InstanceType, manifest: Manifest): string | null => {
  const { instanceType, architecture, enaSupport, bootMode, tpmSupport, volumes, virtualization = "hvm" } = manifest;
  const max = type.ebsVolumesMax ?? Number.POSITIVE_INFINITY;
  if (!type.architectures.includes(architecture)) return `is not for ${architecture}`;
  if (type.name === instanceType) return null;
  if (lacks(type.virtualization, virtualization)) return `does not take ${virtualization} images`;
  if (lacks(type.usageClasses, "on-demand")) return "cannot be launched on demand";
  if (type.enaSupport === "required" && !enaSupport) return "needs ENA, which its image lacks";
  if (firmwares.includes(bootMode ?? "") && lacks(type.bootModes, bootMode ?? ""))
    return `does not boot by ${bootMode}`;
  if (tpmSupport && type.nitroTpm === "unsupported") return "has no NitroTPM";
  if (tpmSupport && lacks(type.bootModes, "uefi")) return "has no NitroTPM, as it does not boot by uefi";
  if (type.encryption === "unsupported" && volumes.some(({ encrypted }) => encrypted))
    return "takes no encrypted volumes";
  if (volumes.length > max) return `takes ${max} volumes, of its ${volumes.length}`;
  return null;
};

/** `uefi-preferred` boots on every type, and a server without a boot mode as each type does. */
const firmwares = ["uefi", "legacy-bios"];

const lacks = (offered: string[] | undefined, wanted: string) => offered !== undefined && !offered.includes(wanted);
