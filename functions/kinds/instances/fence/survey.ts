import { describeInstanceTypes } from "../../../aws/ec2/instance-types.ts";
import { describeInstancesById, describeSelected, type Instance } from "../../../aws/ec2/instances.ts";
import { hangingOf, mayStop } from "../../../core/fence/fence.ts";
import { type KeptServer, losesStore } from "../../../core/fence/isolation.ts";
import { heldOf } from "../../../core/fence/undo-log.ts";
import type { Plan } from "../../../core/model/plan.ts";
import { attempt } from "../../../runtime/attempt.ts";
import { lookAtSubnets, type SubnetLook } from "./subnets.ts";
import type { Memory, Place } from "./undo-log.ts";

/** Which servers are looked at, and what is known of them beforehand. */
export type Subject = {
  plan: Plan;
  /** Servers to be fenced whatever their tags say now. */
  known: string[];
  /** Those among them with instance-store volumes, for when nobody lists them. */
  storesAmong(unlisted: string[]): Promise<Set<string>>;
  /** Regions to be asked which types have instance-store volumes, in this order. */
  typesFrom: string[];
};

/** One server as it was found: its EC2 state, `gone` or `unknown`. */
type Found = { state: string; type: string | null; subnets: string[]; group: string | null };

/** Why what the plan selects is not known; null = it is. */
export type Unread = { answered: boolean; refused: boolean } | null;

export type Seen = {
  servers: Map<string, Found>;
  unread: Unread;
  ours: Set<string>;
  answered: boolean;
  groups: string[];
  toStop: string[];
  /** In `stopping` for longer than a shutdown takes. */
  hanging: string[];
  kept: KeptServer[];
  subnets: SubnetLook;
};

/** The servers, the groups that hold them, and which of them may be stopped. */
export const survey = async (place: Place, { held }: Memory, subject: Subject): Promise<Seen> => {
  const { servers, answered, unread } = await lookAtServers(place, subject);
  const open = [...servers].filter(([, { state }]) => mayStop(state));
  const listed = open.filter(([, { state }]) => state === "running");
  const unlisted = open.filter(([, { state }]) => state !== "running").map(([server]) => server);
  const types = await typesWithStore(place, subject.typesFrom, [
    ...new Set(listed.flatMap(([, { type }]) => type ?? [])),
  ]);
  const kept = listed.flatMap(([server, { type, subnets }]) =>
    type && types.has(type) ? [{ server, why: losesStore, subnets }] : [],
  );
  const ours = new Set(servers.keys());
  const shut = new Set(heldOf(held, "subnet").map(({ id }) => id));
  const behind = [...servers]
    .filter(([, { state, subnets }]) => mayServe.has(state) && subnets.some((id) => shut.has(id)))
    .map(([server, { subnets }]) => ({ server, subnets }));
  const subnets = await lookAtSubnets(place, kept, ours, behind);
  const spared = new Set([
    ...kept.map(({ server }) => server),
    ...subnets.isolated,
    ...(unlisted.length > 0 ? await subject.storesAmong(unlisted) : []),
  ]);
  const states = [...servers].map(([server, { state }]) => ({ server, state }));
  const hanging = hangingOf(states, held, place.context.now()).filter((server) => !subnets.isolated.has(server));
  return {
    servers,
    ours,
    answered,
    unread,
    kept,
    subnets,
    hanging,
    groups: [...new Set([...servers.values()].flatMap(({ group }) => group ?? []))].sort(),
    toStop: open.map(([server]) => server).filter((server) => !spared.has(server)),
  };
};

const mayServe = new Set(["running", "stopping"]);

/** The servers that are known, and whatever else the plan selects there now: also a server made after the points writes. */
const lookAtServers = async (place: Place, { plan, known }: Subject) => {
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

/** A second look at what the plan selects, where the first was not answered: the servers that it finds, as they are. */
export const lookAgain = async (place: Place, { plan }: Subject, { servers: known, unread }: Seen) => {
  if (!unread) return { more: [], unread };
  const again = await selectedIn(place, plan);
  const more = again.instances.flatMap((instance) => {
    const server = instance.InstanceId ?? "";
    return known.has(server) ? [] : [{ server, state: foundOf(instance).state }];
  });
  return { more, unread: again.unread };
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
