import { describeGroups } from "../../../aws/auto-scaling.ts";
import { describeInstanceTypes } from "../../../aws/ec2/instance-types.ts";
import { describeInstancesById, describeSelected, type Instance } from "../../../aws/ec2/instances.ts";
import { aclsOf, interfacesIn } from "../../../aws/ec2/network-acls.ts";
import {
  allReplies,
  type FenceFacts,
  type GroupFacts,
  mayStop,
  type NetworkFacts,
  type ServerFact,
  serversToIsolate,
} from "../../../core/fence/facts.ts";
import type { FenceRecord } from "../../../core/fence/undo-log.ts";
import type { Plan } from "../../../core/model/plan.ts";
import { attempt } from "../../../runtime/attempt.ts";
import type { FenceTarget } from "./undo-log.ts";

/** Which servers are read, and what is known about them beforehand. */
export type FenceScope = {
  plan: Plan;
  /** Servers to be fenced even without the tags of the plan. */
  known: string[];
  /** Servers with instance-store volumes, asked when EC2 did not list these. */
  storesAmong(unlisted: string[]): Promise<Set<string>>;
  /** Regions that describe instance types, in this order. */
  typesFrom: string[];
};

/** The servers, their instance-store volumes, and the network of those that are not stopped: by short calls (invariant 3). */
export const readServers = async (
  target: FenceTarget,
  records: FenceRecord[],
  scope: FenceScope,
): Promise<Omit<FenceFacts, "groups">> => {
  const listed = await listServers(target, scope);
  const states = [...listed.servers].filter(([, { state }]) => mayStop(state));
  const types = states.flatMap(([, { state, type }]) => (state === "running" && type ? [type] : []));
  const storeTypes = await readStoreTypes(target, scope.typesFrom, [...new Set(types)]);
  const network = await readNetwork(target, serversToIsolate({ ...listed, storeTypes, records }));
  const unlisted = states.flatMap(([server, { state }]) => (state === "running" ? [] : [server]));
  const storeServers = unlisted.length > 0 ? await scope.storesAmong(unlisted) : new Set<string>();
  return { ...listed, readAt: target.context.now(), records, storeTypes, storeServers, network };
};

/** The known servers, and what else the plan selects there now: a server that no point contains takes writes, too. */
const listServers = async (target: FenceTarget, { plan, known }: FenceScope) => {
  const { context, region } = target;
  const byId = attempt(context, "servers by id", describeInstancesById(context.clients, region, known, "optional"));
  const byTag = readSelected(target, plan);
  const listed = await byId;
  const { instances, unread, answered } = await byTag;
  const state = listed.value ? "gone" : "unknown";
  const servers = new Map<string, ServerFact>(
    known.map((server) => [server, { state, type: null, subnets: [], group: null }]),
  );
  for (const instance of [...(listed.value ?? []), ...instances])
    servers.set(instance.InstanceId ?? "", factOf(instance));
  return { servers, unread, answered: answered || (known.length > 0 && listed.answered) };
};

const readSelected = async ({ context, region }: FenceTarget, { protect }: Plan) => {
  const listings = await Promise.all(
    protect.map(({ select }) =>
      attempt(context, "servers by tag", describeSelected(context.clients, region, select.tags, "optional")),
    ),
  );
  return {
    instances: listings.flatMap(({ value }) => value ?? []),
    unread: listings.find(({ value }) => value === null) ?? null,
    answered: listings.some(({ answered }) => answered),
  };
};

/** Lists by tag once more, when the first listing failed: the servers that were not known, and the new reply. */
export const readUnread = async (target: FenceTarget, { plan }: FenceScope, { servers: known, unread }: FenceFacts) => {
  if (!unread) return { more: [], unread };
  const again = await readSelected(target, plan);
  const more = again.instances.flatMap((instance) => {
    const server = instance.InstanceId ?? "";
    return known.has(server) ? [] : [{ server, state: factOf(instance).state }];
  });
  return { more, unread: again.unread };
};

const factOf = ({ State, InstanceType, NetworkInterfaces, Tags }: Instance): ServerFact => {
  const state = State?.Name ?? "unknown";
  const isGone = state === "terminated" || state === "shutting-down";
  return {
    state,
    type: InstanceType ?? null,
    subnets: [...new Set(NetworkInterfaces?.flatMap(({ SubnetId }) => SubnetId ?? []))],
    // set by Auto Scaling on what it launches or takes in [AS: ec2-auto-scaling-tagging]
    group: isGone ? null : (Tags?.find(({ Key }) => Key === "aws:autoscaling:groupName")?.Value ?? null),
  };
};

/** Types that have instance-store volumes; one that no Region describes counts, too: its data may be the only ones. */
const readStoreTypes = async ({ context }: FenceTarget, regions: string[], types: string[]): Promise<Set<string>> => {
  const storing = new Set<string>();
  let unknown = types;
  for (const region of regions) {
    if (unknown.length === 0) break;
    const described = describeInstanceTypes(context.clients, region, unknown, "optional");
    const { value } = await attempt(context, `instance types in ${region}`, described);
    for (const { name, instanceStoreVolumes } of value ?? []) if (instanceStoreVolumes) storing.add(name);
    unknown = unknown.filter((type) => !value?.some(({ name }) => name === type));
  }
  return new Set([...storing, ...unknown]);
};

/** The groups that launched these servers. */
export const groupsOf = ({ servers }: Pick<FenceFacts, "servers">) =>
  [...new Set([...servers.values()].flatMap(({ group }) => group ?? []))].sort();

export const readGroups = async ({ context, region }: FenceTarget, names: string[]): Promise<GroupFacts> => {
  if (names.length === 0) return { names, found: [], answered: true, refused: false };
  const { value, answered, refused } = await attempt(
    context,
    "Auto Scaling groups",
    describeGroups(context.clients, region, names),
  );
  return { names, found: value, answered, refused };
};

/** The network of these servers' subnets. */
export const readNetwork = async (
  { context, application, region }: FenceTarget,
  servers: { subnets: string[] }[],
): Promise<NetworkFacts> => {
  const subnets = [...new Set(servers.flatMap((server) => server.subnets))].sort();
  // a filter without values is an error
  if (subnets.length === 0) return { answered: true, refused: false, found: { interfaces: [], acls: [] } };
  const [interfaces, acls] = await Promise.all([
    attempt(context, "network interfaces", interfacesIn(context.clients, region, subnets)),
    attempt(context, "network ACLs", aclsOf(context.clients, region, application, subnets)),
  ]);
  const isRead = interfaces.value && acls.value;
  return {
    ...allReplies([interfaces, acls]),
    found: isRead ? { interfaces: interfaces.value ?? [], acls: acls.value ?? [] } : null,
  };
};
