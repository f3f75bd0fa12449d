import { protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import { contains, isUsable, rangeOf, toAddress } from "../ec2/cidr.ts";
import { mutesOf } from "../ec2/serves.ts";
import { type Device, ec2Of, type Instance, profilesOf, type Volume } from "../ec2/state.ts";
import { addVolume } from "../ec2/storage/volumes.ts";
import { instanceType } from "../ec2/type-names.ts";
import type { World } from "../kernel.ts";
import { old, type Place } from "./network.ts";
import { type Around, type ServerSpec, usualRoot, usualType, usualVolumes, type VolumeSpec } from "./usual-servers.ts";

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
  const region = protectedOf(plan);
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
      server: id,
      resource: resource.name,
      device: volume.device,
      set: null,
      devices: [],
      reaches: volume.device === rootDevice ? (needs[at % needs.length] ?? null) : null,
    };
    const key = volume.encrypted ? sourceKeys[(around.volumesBefore + nth) % sourceKeys.length]! : null;
    const made = addVolume(world, region, {
      device: toDevice(volume, key),
      zone: place.zone,
      instance: id,
      content,
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
    image: null,
    type,
    architecture: instanceType(type)?.architecture ?? "x86_64",
    subnet: place.subnet,
    networkInterface,
    privateAddress,
    securityGroups: [securityGroup],
    profile: `${resource.name}-profile`,
    keyName: [...ec2.keyPairs][0] ?? null,
    ebsOptimized: true,
    metadataTokens: spec.metadataTokens ?? "required",
    platform: spec.platform,
    productCodes: spec.productCodes,
    virtualization: spec.virtualization ?? "hvm",
    enaSupport: spec.ena ?? true,
    bootMode: spec.bootMode ?? null,
    tpmSupport: spec.tpm ? "v2.0" : null,
    sriovNetSupport: null,
    stopProtected: spec.stopProtected ?? false,
    terminationProtected: spec.terminationProtected ?? false,
    spot: spec.spot ?? null,
    userData: spec.userData === undefined ? usualUserData(spec.name) : spec.userData,
    clientToken: "",
    state: "running",
    stateReason: null,
    launchedAt,
    runningAt: launchedAt,
    rootDevice,
    volumes,
  };
  instance.options = {
    ...(spec.forwards && { sourceDestCheck: false }),
    ...(spec.ownShutdown === "terminate" && { InstanceInitiatedShutdownBehavior: "terminate" as const }),
  };
  ec2.instances.set(id, instance);
  if (spec.neverServes) mutesOf(world).add(id);
  return instance;
};

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
    ...old(world, region, id),
    ...made,
    ...times,
    volume,
    sizeGiB,
    key,
    lineage: volume,
  });
  ec2Of(world, region).fastRestored.add(volume);
};

const toDevice = ({ device, sizeGiB, type, iops, throughput }: VolumeSpec, key: string | null): Device => ({
  device,
  snapshot: null,
  sizeGiB,
  type,
  iops,
  throughput,
  encrypted: key !== null,
  key,
  deleteOnTermination: true,
});

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
