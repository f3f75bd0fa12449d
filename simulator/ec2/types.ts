import type { DescribeInstanceTypeOfferingsRequest, DescribeInstanceTypesRequest } from "@aws-sdk/client-ec2";
import { AwsError, type Services } from "../kernel.ts";
import { ec2Of } from "./state.ts";

export type InstanceType = {
  name: string;
  architecture: "x86_64" | "arm64";
  vcpus: number;
  nitro: boolean;
  disks: number;
};

/** What a name says: `m6g.2xlarge` = Graviton (g), 8 vCPUs; `c5d.large` = with instance store (d). Null for a name that is no instance type. */
export const instanceType = (name: string): InstanceType | null => {
  const parts = /^([acdhimrtxz])(\d)([a-z]*)\.(nano|micro|small|medium|(\d*)x?large)$/.exec(name);
  if (!parts) return null;
  const [, family = "", generation = "", extras = "", size = "", times = ""] = parts;
  const graviton = extras.includes("g") || family === "a";
  const vcpus = size.endsWith("xlarge")
    ? 4 * Number(times || 1)
    : graviton && size === "medium" && family !== "t"
      ? 1
      : 2;
  const nitro = Number(generation) >= 5 || family === "t";
  return { name, architecture: graviton ? "arm64" : "x86_64", vcpus, nitro, disks: extras.includes("d") ? 1 : 0 };
};

const families = "t3 t3a t4g m5 m6i m6a m6g m7i m7g c5 c6i c6g c7i c7g r5 r6i r6g r7i r7g".split(" ");
const sizes = "medium large xlarge 2xlarge 4xlarge 8xlarge".split(" ");
const catalogue = families.flatMap((family) => sizes.map((size) => `${family}.${size}`));

const wantedBy = (input: { Filters?: DescribeInstanceTypesRequest["Filters"] }, names?: string[]) => {
  const filter = input.Filters?.find(({ Name }) => Name === "instance-type")?.Values;
  return (names ?? filter ?? catalogue).flatMap((name) => instanceType(name) ?? []);
};

export const types: Services["EC2"] & object = {
  DescribeInstanceTypes(input: DescribeInstanceTypesRequest) {
    const unknown = (input.InstanceTypes ?? []).filter((name) => !instanceType(name));
    if (unknown.length)
      throw new AwsError("InvalidInstanceType", `The following supplied instance types do not exist: [${unknown}]`);
    const InstanceTypes = wantedBy(input, input.InstanceTypes?.length ? input.InstanceTypes : undefined).map(
      ({ name, architecture, vcpus, nitro, disks }) => ({
        InstanceType: name,
        CurrentGeneration: true,
        ProcessorInfo: { SupportedArchitectures: [architecture] },
        VCpuInfo: { DefaultVCpus: vcpus, DefaultCores: Math.ceil(vcpus / 2) },
        Hypervisor: nitro ? "nitro" : "xen",
        NetworkInfo: { EnaSupport: nitro ? "required" : "supported" },
        InstanceStorageSupported: disks > 0,
        ...(disks > 0 && { InstanceStorageInfo: { Disks: [{ Count: disks, SizeInGB: 75, Type: "ssd" }] } }),
        SupportedVirtualizationTypes: ["hvm"],
      }),
    );
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
