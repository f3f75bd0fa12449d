/** Validation of the options of RunInstances. */

import type { Instance as InstanceShape, RunInstancesRequest } from "@aws-sdk/client-ec2";
import { AwsError } from "../../kernel.ts";
import type { Device, Subnet } from "../state.ts";
import { instanceType } from "../type-names.ts";
import { given, kept, type LaunchOptions, shown } from "./launch-option-names.ts";

export const optionsOf = (input: RunInstancesRequest): LaunchOptions => given(input, kept);

const invalid = (message: string) => new AwsError("InvalidParameterValue", message);
const together = (message: string) => new AwsError("InvalidParameterCombination", message);

/** Refuses what EC2 refuses of these, before it makes anything. [SDK EC2: RunInstancesRequest and the types of its fields] */
export const checkOptions = (
  input: RunInstancesRequest,
  type: string,
  subnet: Subnet,
  devices: Device[],
  root: string,
) => {
  checkMetadata(input);
  checkCpu(input, type);
  const [nic] = input.NetworkInterfaces ?? [];
  const ipv6 = input.Ipv6AddressCount ?? input.Ipv6Addresses?.length ?? nic?.Ipv6AddressCount ?? 0;
  if ((ipv6 > 0 || input.PrivateDnsNameOptions?.HostnameType === "resource-name") && !subnet.ipv6)
    throw invalid(`The subnet ${subnet.id} has no IPv6 CIDR block`);
  if (nic?.SecondaryPrivateIpAddressCount && nic.PrivateIpAddresses?.length)
    throw together("A count of secondary addresses and the addresses themselves may not be specified together");
  if (input.EnclaveOptions?.Enabled && input.HibernationOptions?.Configured)
    throw together("Nitro Enclaves and hibernation may not be enabled on the same instance");
  const isRootOpen = !devices.some(({ device, encrypted, key }) => device === root && (encrypted || key));
  if (input.HibernationOptions?.Configured && isRootOpen)
    throw new AwsError("UnsupportedHibernationConfiguration", "Hibernation requires an encrypted root volume");
  for (const { Ebs, DeviceName } of input.BlockDeviceMappings ?? []) {
    const rate = Ebs?.VolumeInitializationRate;
    if (rate === undefined) continue;
    if (rate < 100 || rate > 300) throw invalid(`VolumeInitializationRate of ${DeviceName} must be from 100 to 300`);
    if (!Ebs?.SnapshotId) throw together(`VolumeInitializationRate of ${DeviceName} needs a snapshot`);
  }
};

const checkMetadata = ({ MetadataOptions: given = {}, TagSpecifications = [] }: RunInstancesRequest) => {
  const { HttpPutResponseHopLimit: hops, HttpEndpoint, InstanceMetadataTags, ...others } = given;
  if (hops !== undefined && (hops < 1 || hops > 64))
    throw invalid(`HttpPutResponseHopLimit ${hops} is not from 1 to 64`);
  // Terraform's provider leaves them out for this: "not allowed unless HttpEndpoint is enabled"
  const isMore = hops !== undefined || InstanceMetadataTags !== undefined || Object.values(others).some(Boolean);
  if (HttpEndpoint === "disabled" && isMore) throw together("HttpEndpoint must be enabled for other metadata options");
  // [EC2: work-with-tags-in-IMDS]
  const keys = TagSpecifications.flatMap(({ ResourceType, Tags = [] }) => (ResourceType === "instance" ? Tags : []));
  const bad = keys.find(({ Key = "" }) => !/^[0-9a-zA-Z\-_+=,.@:]{1,255}$/.test(Key) || /^(\.{1,2}|_index)$/.test(Key));
  if (InstanceMetadataTags === "enabled" && bad)
    throw invalid(`'${bad.Key}' is not a valid tag key for instance metadata`);
};

const checkCpu = ({ CpuOptions, CreditSpecification, Placement }: RunInstancesRequest, type: string) => {
  const isBurstable = /^t\d/.test(type);
  const { CpuCredits = "" } = CreditSpecification ?? {};
  if (CreditSpecification && !isBurstable) throw together(`The instance type ${type} takes no CreditSpecification`);
  if (CpuCredits && !["standard", "unlimited"].includes(CpuCredits)) throw invalid(`CpuCredits ${CpuCredits}`);
  if (type.startsWith("t3.") && Placement?.Tenancy === "host" && CpuCredits === "unlimited")
    throw together("T3 instances on a Dedicated Host take standard credits only");
  if (!CpuOptions) return;
  const { CoreCount = 0, ThreadsPerCore = 0 } = CpuOptions;
  const { vcpus, architecture } = instanceType(type)!;
  const threads = architecture === "arm64" ? 1 : 2;
  if (!CoreCount || !ThreadsPerCore) throw together("CoreCount and ThreadsPerCore must be specified together");
  if (ThreadsPerCore > threads || CoreCount > Math.ceil(vcpus / threads))
    throw invalid(`${CoreCount} cores of ${ThreadsPerCore} threads are not valid for ${type}`);
};

/** The same, as DescribeInstances gives it: whole, with AWS's defaults. */
export const optionsShape = (
  type: string,
  metadataTokens: string,
  options: LaunchOptions = {},
): Partial<InstanceShape> => {
  const { Monitoring, MetadataOptions, CpuOptions } = options;
  const { vcpus = 2, architecture } = instanceType(type) ?? {};
  const threads = architecture === "arm64" ? 1 : 2;
  return {
    CpuOptions: CpuOptions ?? { CoreCount: Math.ceil(vcpus / threads), ThreadsPerCore: threads },
    Monitoring: { State: Monitoring?.Enabled ? "enabled" : "disabled" },
    EnclaveOptions: { Enabled: false },
    HibernationOptions: { Configured: false },
    MaintenanceOptions: { AutoRecovery: "default" },
    PrivateDnsNameOptions: {
      HostnameType: "ip-name",
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    CapacityReservationSpecification: { CapacityReservationPreference: "open" },
    ...(given(options, shown) as Partial<InstanceShape>),
    MetadataOptions: {
      State: "applied",
      HttpPutResponseHopLimit: 2,
      HttpEndpoint: "enabled",
      HttpProtocolIpv6: "disabled",
      InstanceMetadataTags: "disabled",
      ...MetadataOptions,
      HttpTokens: metadataTokens as "required",
    },
    SourceDestCheck: options.sourceDestCheck ?? true,
  };
};
