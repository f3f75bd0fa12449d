import { describeInstanceTypes } from "../aws/instance-types.ts";
import { describeInstancesById, describeSelected, type Instance, stopInstances } from "../aws/instances.ts";
import { type FencedServer, mayStop, type StopResult, stateAfter } from "../core/fence.ts";
import { openGroups } from "../core/fence-groups.ts";
import type { KeptServer } from "../core/isolation.ts";
import type { Plan } from "../core/plan.ts";
import { askServers } from "./ask-servers.ts";
import { attempt } from "./attempt.ts";
import { type GroupLook, lookAtGroups, type Suspended, suspendGroups } from "./fence-groups.ts";
import type { Memory, Place } from "./fence-memory.ts";
import { closeSubnets, lookAtSubnets, type SubnetLook } from "./fence-subnets.ts";

/** What is to be fenced, and what the caller wants to say on the way. */
export type Order = {
  plan: Plan;
  /** Servers to be fenced whatever their tags say now. */
  known: string[];
  /** Those among them with instance-store volumes, for when nobody lists them. */
  storesAmong(unlisted: string[]): Promise<Set<string>>;
  /** Regions to be asked which types have instance-store volumes, in this order. */
  typesFrom: string[];
  /**
   * Asked before anything is changed. `problems`: why servers can be neither stopped nor isolated; `answered`: did the
   * Region tell of any server.
   */
  mayAct(found: { problems: string[]; answered: boolean }): Promise<boolean>;
  /** Asked before a server is touched, once the groups are suspended as far as they are. */
  mayStop(groups: Suspended): boolean;
};

export type Fencing = {
  servers: FencedServer[];
  answered: boolean;
  stop: StopResult;
  groups: Suspended;
  problems: string[];
  /** Why what the plan selects is not known, though asked twice; null = it is. */
  unread: Unread;
  /** What was changed just now: groups, subnets, servers. */
  changed: string[];
};

/**
 * Law 2, for one Region, by short calls: suspends the Auto Scaling groups that would replace the plan's servers, stops
 * the servers, isolates those that would lose instance-store data, and reads all that back. What is done is written to
 * the table first. Safe to run twice.
 */
export const fenceServers = async (place: Place, memory: Memory, order: Order): Promise<Fencing> => {
  let seen = await survey(place, order);
  const look = await lookAtGroups(place, seen.groups);
  const quiet = toldOf(seen, { open: [], answered: look.answered, refused: look.refused, changed: [] });
  if (isQuiet(seen, look)) {
    await memory.remember({ servers: serversOf(seen) });
    return { ...quiet, ...(await lookAgain(place, order, seen, quiet.servers)) };
  }
  if (!(await order.mayAct(quiet))) return quiet;

  const groups = await suspendGroups(place, memory, look);
  if (!order.mayStop(groups)) return toldOf(seen, groups);
  // what a group launched before it was suspended
  if (groups.changed.length > 0) seen = await survey(place, order);

  const subnets = seen.subnets.plan?.subnets ?? [];
  await memory.remember({ servers: serversOf(seen), subnets });
  const closed = await closeSubnets(place, subnets);
  const { context, region } = place;
  const asked = closed.refused ? null : await stop(place, seen);
  const stoppedNow = asked?.replies.filter(({ state }) => state === "stopping").map(({ id }) => id) ?? [];
  await memory.remember({ servers: stoppedNow.map((server) => ({ server, stopped: true })) });

  const answered = seen.answered || (asked?.answered ?? false);
  const after = asked?.asked && answered ? await readBack(place, seen.toStop) : null;
  const subnetsAfter = subnets.length > 0 ? await lookAtSubnets(place, seen.kept, seen.ours) : seen.subnets;
  const servers = [...seen.servers].map(([server, { state }]) => {
    if (subnetsAfter.isolated.has(server)) return { server, state: "isolated" };
    return { server, state: asked && seen.toStop.includes(server) ? stateAfter(server, asked.replies, after) : state };
  });
  const refused = [...(asked?.problems.values() ?? [])].some(({ lasting }) => lasting);
  context.log.info("fencing", { region, changed: [...groups.changed, ...closed.changed, ...stoppedNow] });
  return {
    ...(answered ? await lookAgain(place, order, seen, servers) : { servers, unread: seen.unread }),
    answered,
    groups,
    problems: seen.subnets.plan?.problems ?? [],
    stop: {
      asked: (asked?.asked ?? false) || seen.kept.length > 0,
      answered: (!asked?.asked || asked.answered) && closed.answered && subnetsAfter.answered,
      refused: refused || closed.refused || subnetsAfter.refused,
    },
    changed: [...groups.changed, ...closed.changed, ...stoppedNow],
  };
};

/** One server as it was found: its EC2 state, `gone` or `unknown`. */
type Found = { state: string; type: string | null; subnets: string[]; group: string | null };

type Unread = { answered: boolean; refused: boolean } | null;

type Seen = {
  servers: Map<string, Found>;
  unread: Unread;
  ours: Set<string>;
  answered: boolean;
  groups: string[];
  toStop: string[];
  kept: KeptServer[];
  subnets: SubnetLook;
};

/** The servers, the groups that hold them, and which of them may be stopped. */
const survey = async (place: Place, order: Order): Promise<Seen> => {
  const { servers, answered, unread } = await lookAtServers(place, order);
  const open = [...servers].filter(([, { state }]) => mayStop(state));
  const listed = open.filter(([, { state }]) => state === "running");
  const unlisted = open.filter(([, { state }]) => state !== "running").map(([server]) => server);
  const types = await typesWithStore(place, order.typesFrom, [
    ...new Set(listed.flatMap(([, { type }]) => type ?? [])),
  ]);
  const kept = listed.flatMap(([server, { type, subnets }]) => (type && types.has(type) ? [{ server, subnets }] : []));
  const spared = new Set([
    ...kept.map(({ server }) => server),
    ...(unlisted.length > 0 ? await order.storesAmong(unlisted) : []),
  ]);
  const ours = new Set(servers.keys());
  return {
    ...{ servers, ours, answered, unread, kept },
    groups: [...new Set([...servers.values()].flatMap(({ group }) => group ?? []))].sort(),
    toStop: open.map(([server]) => server).filter((server) => !spared.has(server)),
    subnets: await lookAtSubnets(place, kept, ours),
  };
};

/** The servers that are known, and whatever else the plan selects there now: also a server made after the points writes. */
const lookAtServers = async (place: Place, { plan, known }: Order) => {
  const { context, region } = place;
  const byId = attempt(context, "servers by id", describeInstancesById(context.clients, region, known, "optional"));
  const selected = selectedIn(place, plan);
  const listed = await byId;
  const { instances, unread, answered } = await selected;
  const missing = listed.value ? "gone" : "unknown";
  const servers = new Map<string, Found>(
    known.map((server) => [server, { state: missing, type: null, subnets: [], group: null }]),
  );
  for (const instance of [...(listed.value ?? []), ...instances])
    servers.set(instance.InstanceId ?? "", foundOf(instance));
  return { servers, unread, answered: answered || (known.length > 0 && listed.answered) };
};

const selectedIn = async ({ context, region }: Place, { protect }: Plan) => {
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

/** A second look at what the plan selects, where the first was not answered: a server that it finds is told as it is. */
const lookAgain = async (place: Place, { plan }: Order, { servers: known, unread }: Seen, servers: FencedServer[]) => {
  if (!unread) return { servers, unread };
  const again = await selectedIn(place, plan);
  const more = again.instances.flatMap((instance) => {
    const server = instance.InstanceId ?? "";
    return known.has(server) ? [] : [{ server, state: foundOf(instance).state }];
  });
  return { servers: [...servers, ...more], unread: again.unread };
};

const foundOf = ({ State, InstanceType, NetworkInterfaces, Tags }: Instance): Found => {
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

/** Types that have instance-store volumes; one that nobody tells about counts, too: its data may be the only ones. */
const typesWithStore = async ({ context }: Place, regions: string[], types: string[]): Promise<Set<string>> => {
  const having = new Set<string>();
  let untold = types;
  for (const region of regions) {
    if (untold.length === 0) break;
    const asked = describeInstanceTypes(context.clients, region, untold, "optional");
    const { value } = await attempt(context, `instance types in ${region}`, asked);
    for (const { name, instanceStoreVolumes } of value ?? []) if (instanceStoreVolumes) having.add(name);
    untold = untold.filter((type) => !value?.some(({ name }) => name === type));
  }
  return new Set([...having, ...untold]);
};

const isQuiet = (seen: Seen, look: GroupLook) =>
  seen.toStop.length === 0 &&
  seen.kept.every(({ server }) => seen.subnets.isolated.has(server)) &&
  openGroups(look.names, look.found).length === 0;

/** All that are known, so that the guard knows them, too; `stopped`: those that run, and are about to be stopped. */
const serversOf = ({ servers, toStop }: Seen) =>
  [...servers].map(([server, { state }]) => ({ server, stopped: state === "running" && toStop.includes(server) }));

const toldOf = (seen: Seen, groups: Suspended): Fencing => ({
  servers: [...seen.servers].map(([server, { state }]) => ({
    server,
    state: seen.subnets.isolated.has(server) ? "isolated" : state,
  })),
  answered: seen.answered,
  stop: { asked: false, answered: false, refused: false },
  groups,
  problems: seen.subnets.plan?.problems ?? [],
  unread: seen.unread,
  changed: groups.changed,
});

/** Twice if only the listing was answered. */
const stop = ({ context, region }: Place, { toStop, answered }: Seen) => {
  const request = (some: string[]) => stopInstances(context.clients, region, some, "optional");
  return askServers(context, "stop", toStop, request, answered ? 2 : 1);
};

/** The read that makes a stop a fact; asked twice, as the source has just answered. */
const readBack = async ({ context, region }: Place, ids: string[]) => {
  const read = () => attempt(context, "read back", describeInstancesById(context.clients, region, ids, "optional"));
  const found = (await read()).value ?? (await read()).value;
  return found && new Map(found.map((instance) => [instance.InstanceId ?? "", instance.State?.Name ?? "unknown"]));
};
