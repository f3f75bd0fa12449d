/** The network of the world that a plan describes: VPCs, subnets, addresses and private names on both sides. */

import type { Tag } from "@aws-sdk/client-ec2";
import { homeOf, protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import { contains } from "../ec2/cidr.ts";
import { type Ec2, ec2Of, type Kept, profilesOf } from "../ec2/state.ts";
import type { World } from "../kernel.ts";
import { addKey } from "../services/kms.ts";
import { addDocument } from "../services/ssm.ts";

/** The common part of what has been there for long: shown by Describe from the start. */
export const old = (world: World, region: string, id: string, tags: Tag[] = []): Kept => ({
  id,
  serial: ++ec2Of(world, region).serial,
  visibleAt: 0,
  tags,
});

/** A subnet of the primary Region that servers of a resource stand in. */
export type Place = { subnet: string; cidr: string; zone: string };

/**
 * Subnets of both Regions: each first subnet of a zone in the recovery Region has a twin with the same range in the zone
 * of the same position of the primary Region, so that an address can be kept. Gives the twins of each resource. `servers`:
 * how many there will be.
 */
export const populateNetwork = (world: World, plan: Plan, servers = 0): Map<string, Place[]> => {
  const { primary, recovery } = plan.regions;
  const [source, target] = [ec2Of(world, primary), ec2Of(world, recovery)];
  const ranges = rangesOf(plan, servers);
  const vpcs = { source: world.id("vpc"), target: world.id("vpc") };
  const twins = new Map<string, Place>();
  const named = plan.protect.flatMap(({ launch }) => [launch.subnets, launch.drillSubnets]);
  source.zones = zonesAt(primary, Math.max(3, ...named.map((subnets) => Object.keys(subnets).length)));
  target.zones = [...new Set([...target.zones, ...named.flatMap((subnets) => Object.keys(subnets))])].sort();

  for (const { launch } of plan.protect)
    for (const [position, [zone, ids]] of Object.entries(launch.subnets).entries())
      for (const id of ids) {
        const cidr = ranges.take(id);
        addSubnet(target, { ...old(world, recovery, id), cidr, zone, vpc: vpcs.target });
        if (id !== ids[0] || twins.has(id)) continue;
        const twin = { subnet: world.id("subnet"), cidr, zone: source.zones[position]! };
        addSubnet(source, { ...old(world, primary, twin.subnet), cidr, zone: twin.zone, vpc: vpcs.source });
        twins.set(id, twin);
      }
  for (const { launch } of plan.protect)
    for (const [zone, ids] of Object.entries(launch.drillSubnets))
      for (const id of ids)
        addSubnet(target, { ...old(world, recovery, id), cidr: ranges.take(id), zone, vpc: vpcs.target });
  for (const id of plan.protect.flatMap(groupsOf))
    target.securityGroups.set(id, { ...old(world, recovery, id), name: id, vpc: vpcs.target });
  return new Map(plan.protect.map(({ name, launch }) => [name, placesOf(launch.subnets, twins)]));
};

const placesOf = (subnets: Record<string, string[]>, twins: Map<string, Place>) =>
  Object.values(subnets).flatMap(([first = ""]) => twins.get(first) ?? []);

const groupsOf = ({ launch }: Resource) => [
  ...launch.securityGroups,
  ...Object.values(launch.overrides).flatMap(({ securityGroups = [] }) => securityGroups),
];

const addSubnet = (ec2: Ec2, subnet: Parameters<Ec2["subnets"]["set"]>[1]) => {
  if (!ec2.subnets.has(subnet.id)) ec2.subnets.set(subnet.id, subnet);
};

const zonesAt = (region: string, count: number) =>
  Array.from({ length: count }, (_, at) => region + String.fromCharCode(97 + at));

/** So many servers find room in /24s, wherever they stand. */
const smallServersMax = 200;

/**
 * A /24 for each subnet: the one that the plan's explicit addresses lie in, or the next of 10.0.0.0/16. Where there are many
 * servers, a /20 of 10.0.0.0/8.
 */
const rangesOf = (plan: Plan, servers: number) => {
  const given = new Map<string, string>();
  for (const { launch } of plan.protect) {
    for (const { subnet, address } of Object.values(launch.overrides))
      if (subnet && address) given.set(subnet, rangeAround(address));
    if (typeof launch.address === "string") continue;
    const wanted = new Set(Object.values(launch.address).map(rangeAround));
    const free = Object.values(launch.subnets).flatMap(([first]) => (first && !given.has(first) ? [first] : []));
    const missing = [...wanted].filter((range) => ![...given.values()].includes(range));
    for (const [at, range] of missing.entries()) if (free[at]) given.set(free[at], range);
  }
  let next = 0;
  return {
    take(subnet: string): string {
      const known = given.get(subnet);
      if (known) return known;
      const range = servers > smallServersMax ? `10.${next >> 4}.${(next & 15) << 4}.0/20` : `10.0.${next}.0/24`;
      next += 1;
      if ([...given.values()].some((one) => contains(one, range.replace(/\/\d+$/, "")))) return this.take(subnet);
      given.set(subnet, range);
      return range;
    },
  };
};

const rangeAround = (address: string) => address.replace(/\d+$/, "0/24");

/** Elastic IPs of the recovery Region; the first ones have the addresses that the public records name for that side. */
export const populateAddresses = (world: World, plan: Plan) => {
  const { recovery } = plan.regions;
  const named = (plan.traffic?.records ?? []).flatMap(({ private: hidden, recovery: value }) =>
    "addresses" in value && !hidden ? value.addresses : [],
  );
  const ids = new Set(plan.protect.flatMap(({ launch }) => launch.elasticIps));
  const { addresses } = ec2Of(world, recovery);
  for (const [at, id] of [...ids].entries())
    addresses.set(id, {
      ...old(world, recovery, id),
      publicAddress: [...new Set(named)][at] ?? `203.0.113.${addresses.size + 1}`,
      instance: null,
      association: null,
    });
};

/** Keys of the recovery Region and instance profiles that the plan names. */
export const populateNames = (world: World, plan: Plan) => {
  for (const { encryptKey, launch, consistency } of plan.protect) {
    if (encryptKey) addKey(world, homeOf(plan), encryptKey);
    for (const document of consistency ? [consistency.before, consistency.after] : [])
      addDocument(world, protectedOf(plan), document);
    if (launch.instanceProfile && launch.instanceProfile !== "same") profilesOf(world).add(launch.instanceProfile);
  }
};
