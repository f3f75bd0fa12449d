import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  EC2Client,
  type InstanceTypeInfo,
} from "@aws-sdk/client-ec2";
import type { InstanceType } from "../../core/instances/launch/type-rules.ts";
import type { Clients, Patience } from "../calls/clients.ts";
import { pagesOf } from "../calls/filters.ts";

/** What the Region says of these types; a type that it does not know is left out. */
export const describeInstanceTypes = async (
  clients: Clients,
  region: string,
  types: string[],
  patience: Patience = "standard",
): Promise<InstanceType[]> => {
  const ec2 = clients(EC2Client, region, patience);
  const ask = (page: object) => ec2.send(new DescribeInstanceTypesCommand({ MaxResults: 100, ...page }));
  const found: InstanceType[] = [];
  for await (const { InstanceTypes = [] } of pagesOf(named(types), ask)) found.push(...InstanceTypes.map(typeOf));
  return found;
};

const typeOf = (info: InstanceTypeInfo): InstanceType => {
  const disks = (info.InstanceStorageInfo?.Disks ?? []).reduce((sum, { Count }) => sum + (Count ?? 0), 0);
  const { EnaSupport: enaSupport } = info.NetworkInfo ?? {};
  const { EncryptionSupport: encryption, MaximumEbsAttachments: ebsVolumesMax } = info.EbsInfo ?? {};
  return {
    name: info.InstanceType ?? "",
    architectures: info.ProcessorInfo?.SupportedArchitectures ?? [],
    vcpus: info.VCpuInfo?.DefaultVCpus ?? 0,
    ...(disks && { instanceStoreVolumes: disks }),
    ...(enaSupport && { enaSupport }),
    ...(info.SupportedBootModes && { bootModes: info.SupportedBootModes }),
    ...(info.SupportedVirtualizationTypes && { virtualization: info.SupportedVirtualizationTypes }),
    ...(info.NitroTpmSupport && { nitroTpm: info.NitroTpmSupport }),
    ...(encryption && { encryption }),
    ...(ebsVolumesMax && { ebsVolumesMax }),
    ...(info.SupportedUsageClasses && { usageClasses: info.SupportedUsageClasses }),
  };
};

/** `<type>/<zone>` for each of these types that a zone of the Region offers. */
export const describeOfferings = async (clients: Clients, region: string, types: string[]): Promise<Set<string>> => {
  const ec2 = clients(EC2Client, region);
  const where = { LocationType: "availability-zone" as const, MaxResults: 1000 };
  const ask = (page: object) => ec2.send(new DescribeInstanceTypeOfferingsCommand({ ...where, ...page }));
  const found = new Set<string>();
  for await (const { InstanceTypeOfferings = [] } of pagesOf(named(types), ask))
    for (const { InstanceType, Location } of InstanceTypeOfferings) found.add(`${InstanceType}/${Location}`);
  return found;
};

const named = (Values: string[]) => [{ Name: "instance-type", Values }];
