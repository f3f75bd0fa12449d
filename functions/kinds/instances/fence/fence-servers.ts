import { describeInstancesById, stopInstances } from "../../../aws/ec2/instances.ts";
import { openGroups } from "../../../core/fence/auto-scaling-groups.ts";
import { type FencedServer, type StopResult, stateAfter } from "../../../core/fence/fence.ts";
import { heldOf } from "../../../core/fence/undo-log.ts";
import { attempt } from "../../../runtime/attempt.ts";
import { askServers } from "./ask-servers.ts";
import { type GroupLook, lookAtGroups, type Suspended, suspendGroups } from "./auto-scaling.ts";
import { type CutOff, cutOff } from "./cut-off.ts";
import { closeSubnets, lookAtSubnets } from "./subnets.ts";
import { lookAgain, type Seen, type Subject, survey, type Unread } from "./survey.ts";
import type { Memory, Place } from "./undo-log.ts";

/** What is to be fenced, and what the caller wants to say on the way. */
export type Order = Subject & {
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
  /** Servers that shut down for longer than they may, and are not isolated. */
  hanging: string[];
} & Pick<CutOff, "unstoppable">;

/**
 * Law 2, for one Region, by short calls: suspends the Auto Scaling groups that would replace the plan's servers, stops
 * the servers (by force what hangs as it stops), isolates those that would lose instance-store data or that EC2 does not
 * stop, and reads all that back. What is done is written to the table first. Safe to run twice.
 */
export const fenceServers = async (place: Place, memory: Memory, order: Order): Promise<Fencing> => {
  let seen = await survey(place, memory, order);
  const look = await lookAtGroups(place, seen.groups);
  const quiet = toldOf(seen, { open: [], answered: look.answered, refused: look.refused, changed: [] });
  if (isQuiet(seen, look)) {
    await memory.remember({ servers: serversOf(seen) });
    return completed(place, order, seen, quiet);
  }
  if (!(await order.mayAct(quiet))) return quiet;

  const groups = await suspendGroups(place, memory, look);
  if (!order.mayStop(groups)) return toldOf(seen, groups);
  // what a group launched before it was suspended
  if (groups.changed.length > 0) seen = await survey(place, memory, order);

  const subnets = seen.subnets.plan?.subnets ?? [];
  await memory.remember({ servers: serversOf(seen), subnets });
  const closed = await closeSubnets(place, subnets);
  const { context, region } = place;
  const asked = closed.refused ? null : await stop(place, seen);
  const stoppedNow = asked?.replies.filter(({ state }) => state === "stopping").map(({ id }) => id) ?? [];
  await memory.remember({ servers: unwritten(memory, stoppedNow).map((server) => ({ server, stopped: true })) });
  await force(place, seen);
  const cut = await cutOff(place, memory, seen, asked);

  const answered = seen.answered || (asked?.answered ?? false);
  const after = asked?.asked && answered ? await readBack(place, seen.toStop) : null;
  const subnetsAfter = subnets.length > 0 ? await lookAtSubnets(place, seen.kept, seen.ours) : seen.subnets;
  const isolated = new Set([...seen.subnets.isolated, ...subnetsAfter.isolated, ...cut.isolated]);
  const servers = [...seen.servers].map(([server, { state }]) => {
    if (isolated.has(server)) return { server, state: "isolated" };
    return { server, state: asked && seen.toStop.includes(server) ? stateAfter(server, asked.replies, after) : state };
  });
  const unlisted = [...(asked?.problems ?? [])].filter(
    ([server]) => !cut.unstoppable.some((one) => one.server === server),
  );
  const changed = [...groups.changed, ...closed.changed, ...stoppedNow, ...seen.hanging, ...cut.changed];
  context.log.info("fencing", { region, changed });
  return completed(place, order, seen, {
    servers,
    answered,
    groups,
    changed,
    unread: seen.unread,
    unstoppable: cut.unstoppable,
    problems: [...(seen.subnets.plan?.problems ?? []), ...cut.problems],
    stop: {
      asked: (asked?.asked ?? false) || seen.kept.length > 0,
      answered: (!asked?.asked || asked.answered) && closed.answered && subnetsAfter.answered && cut.answered,
      refused: unlisted.some(([, { lasting }]) => lasting) || closed.refused || subnetsAfter.refused || cut.refused,
    },
    hanging: seen.hanging.filter((server) => !isolated.has(server)),
  });
};

/** With a second look at what the plan selects, where the first was not answered. */
const completed = async (place: Place, order: Order, seen: Seen, told: Fencing): Promise<Fencing> => {
  if (!told.answered) return told;
  const { more, unread } = await lookAgain(place, order, seen);
  return { ...told, servers: [...told.servers, ...more], unread };
};

const isQuiet = (seen: Seen, look: GroupLook) =>
  seen.toStop.length === 0 &&
  seen.hanging.length === 0 &&
  seen.kept.every(({ server }) => seen.subnets.isolated.has(server)) &&
  openGroups(look.names, look.found).length === 0;

/** All that are known, so that the guard knows them, too; `stopped`: those that run, and are about to be stopped. */
const serversOf = ({ servers, toStop }: Seen) =>
  [...servers].map(([server, { state }]) => ({ server, stopped: state === "running" && toStop.includes(server) }));

/** Servers that were stopped blindly: nobody had listed them as running. */
const unwritten = ({ held }: Memory, stopped: string[]) =>
  stopped.filter((server) => !heldOf(held, "server").some((one) => one.id === server && one.stopped));

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
  hanging: seen.hanging,
  unstoppable: [],
});

/** Twice if only the listing was answered. */
const stop = ({ context, region }: Place, { toStop, answered }: Seen) => {
  const request = (some: string[]) => stopInstances(context.clients, region, some, "optional");
  return askServers(context, "stop", toStop, request, answered ? 2 : 1);
};

/** Ends a shutdown that hangs; what comes of it is read by a later look. [EC2:TroubleshootingInstancesStopping] */
const force = ({ context, region }: Place, { hanging }: Seen) => {
  const request = (some: string[]) => stopInstances(context.clients, region, some, "optional", "force");
  return askServers(context, "stop by force", hanging, request, 1);
};

/** The read that makes a stop a fact; asked twice, as the source has just answered. */
const readBack = async ({ context, region }: Place, ids: string[]) => {
  const read = () => attempt(context, "read back", describeInstancesById(context.clients, region, ids, "optional"));
  const found = (await read()).value ?? (await read()).value;
  return found && new Map(found.map((instance) => [instance.InstanceId ?? "", instance.State?.Name ?? "unknown"]));
};
