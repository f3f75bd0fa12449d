/** The servers that a resource has unless the scenario lists its own. */

import { z } from "zod";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import { own } from "../../functions/core/own.ts";
import { platforms } from "../ec2/billing.ts";
import { contains } from "../ec2/cidr.ts";
import { instanceType } from "../ec2/type-names.ts";
import type { Place } from "./network.ts";

export const VolumeSpec = z.strictObject({
  device: z.string(),
  sizeGiB: z.int().min(1),
  type: z.string().default("gp3"),
  iops: z.int().nullable().default(null),
  throughput: z.int().nullable().default(null),
  encrypted: z.boolean().default(false),
  tags: z.record(z.string(), z.string()).optional(),
  /** Somebody gives each of its snapshots fast snapshot restore. */
  fastRestore: z.boolean().optional(),
});

export type VolumeSpec = z.infer<typeof VolumeSpec>;

/** One server of the primary Region; what is missing is made up. */
export const ServerSpec = z.strictObject({
  name: z.string(),
  type: z.string().optional(),
  address: z.string().optional(),
  platform: z.enum(platforms).default("Linux/UNIX"),
  productCodes: z.array(z.string()).default([]),
  tags: z.record(z.string(), z.string()).default({}),
  userData: z.string().nullable().optional(),
  volumes: z.array(VolumeSpec).min(1).optional(),
  /** What its image can, and how it boots. */
  ena: z.boolean().optional(),
  virtualization: z.enum(["hvm", "paravirtual"]).optional(),
  bootMode: z.enum(["legacy-bios", "uefi", "uefi-preferred"]).optional(),
  tpm: z.boolean().optional(),
  /** Member of the Auto Scaling group of its resource. */
  autoScaling: z.boolean().default(false),
  /** Its source/destination check is off, as a router's. */
  forwards: z.boolean().optional(),
  /** What is launched for it runs, and never answers. */
  neverServes: z.boolean().optional(),
  stopProtected: z.boolean().optional(),
  /** `optional`: it answers by IMDSv1, too. */
  metadataTokens: z.enum(["optional", "required"]).optional(),
  /** `terminate`: its own shutdown ends it. */
  ownShutdown: z.enum(["stop", "terminate"]).optional(),
  terminationProtected: z.boolean().optional(),
  /** Kind of its Spot request; without it, it is On-Demand. */
  spot: z.enum(["one-time", "persistent"]).optional(),
});

export type ServerSpec = z.infer<typeof ServerSpec>;

/** What the servers of a resource are made with. `volumesBefore` counts those of earlier resources. */
export type Around = {
  places: Place[];
  sourceKeys: string[];
  volumesBefore: number;
  /** Names or addresses of the servers of the wave before. */
  needs: string[];
  isFirst: boolean;
};

/** The usual servers: one per Elastic IP or explicit address, else two per zone. */
export const usualServers = (resource: Resource, { places, volumesBefore, isFirst }: Around): ServerSpec[] => {
  const { address, elasticIps, subnets } = resource.launch;
  const named = typeof address === "string" ? [] : Object.keys(address);
  const count = elasticIps.length || named.length || 2 * Object.keys(subnets).length;
  let volumes = volumesBefore;
  return Array.from({ length: count }, (_, at) => {
    const usual = usualVolumes(resource, count === 1 ? 1 : pattern[isFirst ? "first" : "other"][at % 6]!, volumes);
    volumes += usual.length;
    const name = named[at] ?? `${resource.name}-${at + 1}`;
    const kept = typeof address === "string" ? undefined : own(address, name);
    const isOurs = kept && places.some(({ cidr }) => contains(cidr, kept));
    return ServerSpec.parse({ name, volumes: usual, ...(isOurs && { address: kept }) });
  });
};

/** Volumes per server. */
export const pattern = { first: [2, 2, 3, 2, 2, 4], other: [3, 2, 3, 2, 3, 2] };

export const usualVolumes = (resource: Resource, count: number, before: number): VolumeSpec[] => {
  const usual = Array.from({ length: count }, (_, at) => {
    const device = at === 0 ? usualRoot : `/dev/sd${String.fromCharCode(101 + at)}`;
    const kind = at === 0 ? { type: "gp3", sizeGiB: 16 } : kinds[(before + at) % kinds.length];
    return VolumeSpec.parse({ device, ...kind, encrypted: (before + at) % 3 === 2 });
  });
  const excluded = resource.exclude.volumes.filter((device) => !usual.some((one) => one.device === device));
  return [...usual, ...excluded.map((device) => VolumeSpec.parse({ device, sizeGiB: 30 }))];
};

export const kinds = [
  { type: "gp3", sizeGiB: 100, iops: 4_000, throughput: 250 },
  { type: "gp2", sizeGiB: 50 },
  { type: "io2", sizeGiB: 200, iops: 3_000 },
  { type: "gp3", sizeGiB: 320 },
];

export const usualTypes = {
  x86_64: ["m5.large", "m5.xlarge", "c5.large", "r5.large", "m6a.large", "t3.large"],
  arm64: ["m6g.large", "c6g.large", "r6g.large"],
};

/** Of the architecture that the plan's types have, and none of them: a plan names other types than the source's. */
export const usualType = (plan: Plan, resource: Resource, at: number) => {
  const typesOf = ({ launch }: Resource) => launch.instanceTypes.filter((type) => type !== "same");
  const architecture = instanceType(typesOf(resource)[0] ?? "")?.architecture ?? "x86_64";
  const named = plan.protect.flatMap(typesOf);
  const others = usualTypes[architecture].filter((type) => !named.includes(type));
  const types = others.length ? others : usualTypes[architecture];
  return types[at % types.length]!;
};

export const usualRoot = "/dev/xvda";
