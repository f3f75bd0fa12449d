/** DescribeInstanceTypes and DescribeInstanceTypeOfferings. */

import type { DescribeInstanceTypeOfferingsRequest, DescribeInstanceTypesRequest } from "@aws-sdk/client-ec2";
import { AwsError, type Services } from "../kernel.ts";
import { ec2Of } from "./state.ts";
import { type InstanceType, instanceType } from "./type-names.ts";

const families = "t3 t3a t4g m5 m6i m6a m6g m7i m7g c5 c6i c6g c7i c7g r5 r6i r6g r7i r7g".split(" ");
const sizes = "medium large xlarge 2xlarge 4xlarge 8xlarge".split(" ");
const catalogue = families.flatMap((family) => sizes.map((size) => `${family}.${size}`));

const wantedBy = (input: { Filters?: DescribeInstanceTypesRequest["Filters"] }, names?: string[]) => {
  const filter = input.Filters?.find(({ Name }) => Name === "instance-type")?.Values;
  return (names ?? filter ?? catalogue).flatMap((name) => instanceType(name) ?? []);
};

const shapeOf = ({ name, vcpus, nitro, disks, ...type }: InstanceType) => ({
  InstanceType: name,
  CurrentGeneration: true,
  SupportedUsageClasses: ["on-demand", "spot"],
  SupportedVirtualizationTypes: type.virtualization,
  SupportedBootModes: type.bootModes,
  ProcessorInfo: { SupportedArchitectures: [type.architecture] },
  VCpuInfo: { DefaultVCpus: vcpus, DefaultCores: Math.ceil(vcpus / 2) },
  Hypervisor: nitro ? "nitro" : "xen",
  NetworkInfo: { EnaSupport: type.ena },
  NitroTpmSupport: type.tpm ? "supported" : "unsupported",
  ...(type.tpm && { NitroTpmInfo: { SupportedVersions: ["2.0"] } }),
  EbsInfo: { EbsOptimizedSupport: "default", EncryptionSupport: type.encrypts ? "supported" : "unsupported" },
  InstanceStorageSupported: disks > 0,
  ...(disks > 0 && { InstanceStorageInfo: { Disks: [{ Count: disks, SizeInGB: 75, Type: "ssd" }] } }),
});

export const types: Services["EC2"] & object = {
  DescribeInstanceTypes(input: DescribeInstanceTypesRequest) {
    const unknown = (input.InstanceTypes ?? []).filter((name) => !instanceType(name));
    if (unknown.length)
      throw new AwsError("InvalidInstanceType", `The following supplied instance types do not exist: [${unknown}]`);
    const InstanceTypes = wantedBy(input, input.InstanceTypes?.length ? input.InstanceTypes : undefined).map(shapeOf);
    return { InstanceTypes };
  },

  DescribeInstanceTypeOfferings(input: DescribeInstanceTypeOfferingsRequest, { world, region }) {
    const { zones, notOffered } = ec2Of(world, region);
    const { LocationType = "region" } = input;
    const at = input.Filters?.find(({ Name }) => Name === "location")?.Values;
    const places = LocationType === "region" ? [region] : zones;
    const InstanceTypeOfferings = wantedBy(input).flatMap(({ name }) =>
      places
        .filter((place) => (at?.includes(place) ?? true) && !notOffered.has(`${name} ${place}`))
        .map((Location) => ({ InstanceType: name, LocationType, Location })),
    );
    return { InstanceTypeOfferings };
  },

  DescribeAvailabilityZones: (_input: unknown, { world, region }) => ({
    AvailabilityZones: ec2Of(world, region).zones.map((ZoneName, at) => ({
      ZoneName,
      ZoneId: `${region}-az${at + 1}`,
      RegionName: region,
      State: "available",
      ZoneType: "availability-zone",
      OptInStatus: "opt-in-not-required",
    })),
  }),
};
