import { z } from "zod";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import { own } from "../../functions/core/own.ts";
import { platforms } from "../ec2/billing.ts";
import { contains, isUsable, rangeOf, toAddress } from "../ec2/cidr.ts";
import { mutesOf } from "../ec2/serves.ts";
import { type Device, ec2Of, type Instance, profilesOf, type Volume } from "../ec2/state.ts";
import { addVolume } from "../ec2/storage/volumes.ts";
import { instanceType } from "../ec2/type-names.ts";
import type { World } from "../kernel.ts";
import { old, type Place } from "./network.ts";

const VolumeSpec = z.strictObject({
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
type VolumeSpec = z.infer<typeof VolumeSpec>;

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
type ServerSpec = z.infer<typeof ServerSpec>;

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
const pattern = { first: [2, 2, 3, 2, 2, 4], other: [3, 2, 3, 2, 3, 2] };

const usualVolumes = (resource: Resource, count: number, before: number): VolumeSpec[] => {
  const usual = Array.from({ length: count }, (_, at) => {
    const device = at === 0 ? usualRoot : `/dev/sd${String.fromCharCode(101 + at)}`;
    const kind = at === 0 ? { type: "gp3", sizeGiB: 16 } : kinds[(before + at) % kinds.length];
    return VolumeSpec.parse({ device, ...kind, encrypted: (before + at) % 3 === 2 });
  });
  const excluded = resource.exclude.volumes.filter((device) => !usual.some((one) => one.device === device));
  return [...usual, ...excluded.map((device) => VolumeSpec.parse({ device, sizeGiB: 30 }))];
};

const kinds = [
  { type: "gp3", sizeGiB: 100, iops: 4_000, throughput: 250 },
  { type: "gp2", sizeGiB: 50 },
  { type: "io2", sizeGiB: 200, iops: 3_000 },
  { type: "gp3", sizeGiB: 320 },
];

/** Makes the servers of one resource in the primary Region, running for a month. */
export const addServers = (world: World, plan: Plan, resource: Resource, specs: ServerSpec[], around: Around) => {
  let volumes = around.volumesBefore;
  return specs.map((spec, at) => {
    const server = addServer(world, plan, resource, spec, { ...around, volumesBefore: volumes }, at);
    volumes += server.volumes.length;
    return server;
  });
};

const addServer = (world: World, plan: Plan, resource: Resource, spec: ServerSpec, around: Around, at: number) => {
  const region = plan.regions.primary;
  const ec2 = ec2Of(world, region);
  const { places, needs, sourceKeys } = around;
  const { address } = spec;
  const place = (address && places.find(({ cidr }) => contains(cidr, address))) || places[at % places.length]!;
  const privateAddress = address ?? nextAddress(world, region, place);
  const securityGroup = `sg-${resource.name}`;
  const { vpc } = ec2.subnets.get(place.subnet)!;
  ec2.securityGroups.set(securityGroup, { ...old(world, region, securityGroup), name: resource.name, vpc });
  profilesOf(world).add(`${resource.name}-profile`);

  const launchedAt = world.now() - month;
  const type = spec.type ?? usualType(plan, resource, at);
  const id = world.id("i");
  const Tags = { Name: spec.name, Environment: "production", ...resource.select.tags, ...spec.tags };
  const tags = Object.entries(Tags).map(([Key, Value]) => ({ Key, Value }));
  const nic = { subnet: place.subnet, privateAddress, instance: id, securityGroups: [securityGroup] };
  const networkInterface = world.id("eni");
  ec2.networkInterfaces.set(networkInterface, { ...old(world, region, networkInterface), ...nic });
  const specs = spec.volumes ?? usualVolumes(resource, 1, 0);
  const rootDevice = rootOf(specs);
  const volumes = specs.map((volume, nth) => {
    const content = {
      ...{ server: id, resource: resource.name, device: volume.device, set: null, devices: [] },
      reaches: volume.device === rootDevice ? (needs[at % needs.length] ?? null) : null,
    };
    const key = volume.encrypted ? sourceKeys[(around.volumesBefore + nth) % sourceKeys.length]! : null;
    const made = addVolume(world, region, {
      ...{ device: toDevice(volume, key), zone: place.zone, instance: id, content },
      tags: Object.entries({ Name: `${spec.name} ${volume.device}`, ...volume.tags }).map(([Key, Value]) => ({
        Key,
        Value,
      })),
    });
    Object.assign(made, { visibleAt: 0, createdAt: launchedAt });
    if (volume.fastRestore) addFastRestored(world, region, made, launchedAt);
    return { device: volume.device, volume: made.id, deleteOnTermination: volume.device === rootDevice };
  });
  const instance: Instance = {
    ...old(world, region, id, tags),
    ...{ image: null, type, architecture: instanceType(type)?.architecture ?? "x86_64", subnet: place.subnet },
    ...{ networkInterface, privateAddress, securityGroups: [securityGroup], profile: `${resource.name}-profile` },
    ...{ keyName: [...ec2.keyPairs][0] ?? null, ebsOptimized: true, metadataTokens: spec.metadataTokens ?? "required" },
    ...{ platform: spec.platform, productCodes: spec.productCodes },
    ...{ virtualization: spec.virtualization ?? "hvm", enaSupport: spec.ena ?? true, bootMode: spec.bootMode ?? null },
    ...{ tpmSupport: spec.tpm ? "v2.0" : null, sriovNetSupport: null },
    ...{ stopProtected: spec.stopProtected ?? false, terminationProtected: spec.terminationProtected ?? false },
    spot: spec.spot ?? null,
    userData: spec.userData === undefined ? usualUserData(spec.name) : spec.userData,
    ...{ clientToken: "", state: "running", stateReason: null, launchedAt, runningAt: launchedAt, rootDevice, volumes },
  };
  instance.options = {
    ...(spec.forwards && { sourceDestCheck: false }),
    ...(spec.ownShutdown === "terminate" && { InstanceInitiatedShutdownBehavior: "terminate" as const }),
  };
  ec2.instances.set(id, instance);
  if (spec.neverServes) mutesOf(world).add(id);
  return instance;
};

const usualRoot = "/dev/xvda";
/** The usual root device, or the first one of a server that has none: Ubuntu and Windows boot from /dev/sda1. [EC2: device_naming] */
const rootOf = (specs: VolumeSpec[]) =>
  specs.some(({ device }) => device === usualRoot) ? usualRoot : (specs[0]?.device ?? usualRoot);

const month = 30 * 86_400_000;

/** A snapshot that somebody made a month ago and gave fast snapshot restore, as to each later one. */
const addFastRestored = (world: World, region: string, { id: volume, sizeGiB, key }: Volume, at: number) => {
  const id = world.id("snap");
  const times = { startedAt: at, endsAt: at, completedAt: at, minutes: null, lockedUntil: null };
  const made = { state: "completed" as const, stateMessage: null, description: "by hand", content: null, copyOf: null };
  ec2Of(world, region).snapshots.set(id, {
    ...{ ...old(world, region, id), ...made, ...times, volume, sizeGiB, key, lineage: volume },
  });
  ec2Of(world, region).fastRestored.add(volume);
};

const toDevice = ({ device, sizeGiB, type, iops, throughput }: VolumeSpec, key: string | null): Device => ({
  ...{ device, snapshot: null, sizeGiB, type, iops, throughput },
  ...{ encrypted: key !== null, key, deleteOnTermination: true },
});

const usualTypes = {
  x86_64: ["m5.large", "m5.xlarge", "c5.large", "r5.large", "m6a.large", "t3.large"],
  arm64: ["m6g.large", "c6g.large", "r6g.large"],
};

/** Of the architecture that the plan's types have, and none of them: a plan names other types than the source's. */
const usualType = (plan: Plan, resource: Resource, at: number) => {
  const typesOf = ({ launch }: Resource) => launch.instanceTypes.filter((type) => type !== "same");
  const architecture = instanceType(typesOf(resource)[0] ?? "")?.architecture ?? "x86_64";
  const named = plan.protect.flatMap(typesOf);
  const others = usualTypes[architecture].filter((type) => !named.includes(type));
  const types = others.length ? others : usualTypes[architecture];
  return types[at % types.length]!;
};

const usualUserData = (name: string) => Buffer.from(`#!/bin/sh\nhostnamectl set-hostname ${name}\n`).toString("base64");

/** The next address after the first ten of the subnet. */
const nextAddress = (world: World, region: string, { subnet, cidr }: Place): string => {
  const taken = new Set(
    [...ec2Of(world, region).networkInterfaces.values()]
      .filter((one) => one.subnet === subnet)
      .map(({ privateAddress }) => privateAddress),
  );
  const { first, size } = rangeOf(cidr);
  for (let host = 10; host < size; host++) {
    const address = toAddress(first + host);
    if (isUsable(cidr, address) && !taken.has(address)) return address;
  }
  throw new Error(`${subnet} has no free address`);
};
