import { z } from "zod";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import { own } from "../../functions/core/own.ts";
import { addNetworkInterface } from "../ec2/network.ts";
import { ownNamesOf } from "../ec2/serves.ts";
import { ec2Of, type Instance } from "../ec2/state.ts";
import type { World } from "../kernel.ts";
import { addGroup } from "../services/auto-scaling.ts";
import { addKey } from "../services/kms.ts";
import { quotaGroups, quotasOf } from "../services/service-quotas.ts";
import { encryptTopic } from "../services/sns.ts";
import { populateAddresses, populateNames, populateNetwork } from "./network.ts";
import { addServers } from "./servers.ts";
import { ServerSpec, usualServers } from "./usual-servers.ts";

/** `world` of a scenario file: what differs from the world that is made from the plan. */
export const Inventory = z.strictObject({
  /** Resource -> its servers, instead of the usual ones. */
  servers: z.record(z.string(), z.array(ServerSpec)).default({}),
  /** vCPU quota of the recovery Region: of standard instances, or of each group of types. */
  vcpus: z.union([z.int(), z.partialRecord(z.enum(quotaGroups), z.int())]).optional(),
  /** Lambda functions of the account that may run at once in the recovery Region. */
  lambda: z.int().min(1).optional(),
  /** Alias, id or ARN in the recovery Region -> what kind of key it is, when it is not a symmetric one for encryption. */
  keys: z.record(z.string(), z.strictObject({ spec: z.string(), usage: z.string() })).optional(),
  /** Topic -> the customer's key that its messages are encrypted under. */
  topics: z.record(z.string(), z.string()).optional(),
  /** Product code of the Marketplace -> the types that its seller allows. */
  products: z.record(z.string(), z.array(z.string())).optional(),
  /** The account of the recovery Region lets nothing start with IMDSv1. */
  tokensEnforced: z.boolean().optional(),
  /** Name -> its address on each side, in a private zone that each side has for itself. */
  names: z.record(z.string(), z.strictObject({ primary: z.ipv4(), recovery: z.ipv4() })).optional(),
  notOffered: z.array(z.strictObject({ type: z.string(), zone: z.string() })).default([]),
  /** Private addresses of recovery subnets that something else has. */
  taken: z.array(z.strictObject({ subnet: z.string(), address: z.string() })).default([]),
});

/**
 * Makes the world that a plan speaks of: the servers of the primary Region, running for a month, and everything of the
 * recovery Region that the plan names. Servers of a later wave are configured with the name of one of the wave before, where a
 * name of `names` or a private record of the plan leads to it, else with its address, where the plan keeps addresses. Target groups and records belong
 * to the traffic side.
 */
export const populate = (world: World, plan: Plan, inventory: unknown = {}) => {
  const given = Inventory.parse(inventory ?? {});
  const { primary, recovery } = plan.regions;
  const count = Object.values(given.servers).reduce((sum, specs) => sum + specs.length, 0);
  const places = populateNetwork(world, plan, count);
  for (const [key, kind] of Object.entries(given.keys ?? {})) addKey(world, recovery, key, kind);
  for (const [topic, key] of Object.entries(given.topics ?? {})) encryptTopic(world, topic, key);
  populateNames(world, plan);
  populateAddresses(world, plan);
  for (const region of [primary, recovery]) ec2Of(world, region).keyPairs.add(`${plan.application}-ops`);
  for (const [name, sides] of Object.entries(given.names ?? {}))
    ownNamesOf(world).set(name, { [primary]: sides.primary, [recovery]: sides.recovery });
  const sourceKeys = ["first", "second"].map((name) => addKey(world, primary, `alias/${plan.application}-${name}`).arn);

  let volumesBefore = 0;
  let before: string[] = [];
  for (const wave of plan.recover.waves) {
    const needs = before;
    before = [];
    for (const resource of plan.protect.filter(({ name }) => wave.includes(name))) {
      const isFirst = resource === plan.protect[0];
      const around = { places: places.get(resource.name) ?? [], sourceKeys, volumesBefore, needs, isFirst };
      const specs = own(given.servers, resource.name) ?? usualServers(resource, around);
      const servers = addServers(world, plan, resource, specs, around);
      const members = servers.filter((_, at) => specs[at]?.autoScaling);
      if (members.length > 0) addGroup(world, primary, resource.name, members);
      volumesBefore += servers.reduce((sum, { volumes }) => sum + volumes.length, 0);
      before.push(...servers.flatMap((server) => knownAs(plan, given.names ?? {}, resource, server)));
    }
  }

  const quotas = quotasOf(world, recovery);
  quotas.lambda = given.lambda ?? quotas.lambda;
  Object.assign(quotas.vcpus, typeof given.vcpus === "number" ? { Standard: given.vcpus } : given.vcpus);
  for (const [code, types] of Object.entries(given.products ?? {})) ec2Of(world, recovery).products.set(code, types);
  ec2Of(world, recovery).tokensEnforced = given.tokensEnforced ?? false;
  for (const { type, zone } of given.notOffered) ec2Of(world, recovery).notOffered.add(`${type} ${zone}`);
  for (const { subnet, address } of given.taken)
    addNetworkInterface(world, recovery, { subnet, privateAddress: address, instance: null, securityGroups: [] });
};

/** What the servers of the next wave call a server. */
const knownAs = (
  { traffic }: Plan,
  names: NonNullable<z.infer<typeof Inventory>["names"]>,
  { launch }: Resource,
  { privateAddress }: Instance,
): string[] => {
  const own = Object.keys(names).find((name) => names[name]!.primary === privateAddress);
  if (own) return [own];
  const named = traffic?.records.find(
    (record) => record.private && "addresses" in record.primary && record.primary.addresses.includes(privateAddress),
  );
  if (named) return [named.name];
  return launch.address === "auto" ? [] : [privateAddress];
};
