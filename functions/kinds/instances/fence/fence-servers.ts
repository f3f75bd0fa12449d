import { describeInstancesById, stopInstances } from "../../../aws/ec2/instances.ts";
import { decideFence } from "../../../core/fence/decision.ts";
import { allReplies, type FenceFacts, isolatedIn } from "../../../core/fence/facts.ts";
import {
  type FenceOutcome,
  fenceOutcome,
  type GroupReply,
  stoppedUnseen,
  unstoppableOf,
} from "../../../core/fence/outcome.ts";
import { attempt } from "../../../runtime/attempt.ts";
import { suspendGroups } from "./auto-scaling.ts";
import { isolateUnstoppable } from "./isolate-unstoppable.ts";
import { type FenceScope, groupsOf, readGroups, readNetwork, readServers, readUnread } from "./read-facts.ts";
import { requestServers } from "./request-servers.ts";
import { isolateSubnets } from "./subnets.ts";
import type { FenceTarget, UndoLog } from "./undo-log.ts";

/** What is to be fenced, and the two questions that the caller answers on the way. */
export type FenceOrder = FenceScope & {
  /** Asked before anything is changed. */
  mayAct(outcome: FenceOutcome): Promise<boolean>;
  /** Asked before a server is touched, once Auto Scaling was asked to suspend the groups. */
  mayStop(groups: GroupReply): boolean;
};

/**
 * Invariant 2, for one Region, by short calls: suspends the Auto Scaling groups that would replace the plan's servers, stops
 * the servers (by force those that hang as they stop), isolates those that would lose instance-store data or that EC2 does
 * not stop, and reads all that back. The undo log is written before each act. Safe to run twice.
 */
export const fenceServers = async (target: FenceTarget, undo: UndoLog, order: FenceOrder): Promise<FenceOutcome> => {
  let servers = await readServers(target, undo.records, order);
  let facts = { ...servers, groups: await readGroups(target, groupsOf(servers)) };
  let decision = decideFence(facts);
  const untouched = fenceOutcome(facts, decision, {});
  if (decision.isDone) {
    await undo.write({ servers: decision.records });
    return withUnread(target, order, facts, untouched);
  }
  if (!(await order.mayAct(untouched))) return untouched;

  const groups = await suspendGroups(target, undo, facts.groups, decision.suspend);
  if (!order.mayStop(groups)) return fenceOutcome(facts, decision, { groups });
  if (groups.changed.length > 0) {
    // what a group launched before it was suspended
    servers = await readServers(target, undo.records, order);
    facts = { ...servers, groups: facts.groups };
    decision = decideFence(facts);
  }

  const { stop: toStop, force, keep, isolation } = decision;
  await undo.write({ servers: decision.records, subnets: isolation.subnets });
  const isolated = await isolateSubnets(target, isolation.subnets);
  const stop =
    isolated.refused || toStop.length === 0 ? null : await stopServers(target, toStop, facts.answered ? 2 : 1);
  await undo.write({ servers: stoppedUnseen(stop, undo.records) });
  await forceStop(target, force);
  const unstoppable = unstoppableOf(facts, stop);
  const rest = await isolateUnstoppable(target, undo, facts, { unstoppable, hanging: force });
  const after = stop && (facts.answered || stop.answered) ? await readBack(target, toStop) : null;
  const network = isolation.subnets.length > 0 ? await readNetwork(target, keep) : facts.network;
  const kept = { ...allReplies([isolated, network]), isolated: isolatedIn(keep, network) };
  const outcome = fenceOutcome(facts, decision, {
    groups,
    stop,
    after,
    forced: force,
    isolations: [{ ...kept, problems: [], changed: isolated.changed }, rest],
  });
  target.context.log.info("fencing", { region: target.region, changed: outcome.changed });
  return withUnread(target, order, facts, outcome);
};

/** Lists by tag once more where the first listing failed. */
const withUnread = async (target: FenceTarget, order: FenceOrder, facts: FenceFacts, outcome: FenceOutcome) => {
  if (!outcome.answered) return outcome;
  const { more, unread } = await readUnread(target, order, facts);
  return { ...outcome, servers: [...outcome.servers, ...more], unread };
};

const stopServers = ({ context, region }: FenceTarget, servers: string[], tries: 1 | 2) => {
  const request = (some: string[]) => stopInstances(context.clients, region, some, "optional");
  return requestServers(context, "stop", servers, request, tries);
};

/** Ends a shutdown that hangs; a later pass reads whether it has. [EC2:TroubleshootingInstancesStopping] */
const forceStop = ({ context, region }: FenceTarget, servers: string[]) => {
  const request = (some: string[]) => stopInstances(context.clients, region, some, "optional", "force");
  return requestServers(context, "stop by force", servers, request, 1);
};

/** The states after the stop; read twice when the first read fails, as the source has just answered. */
const readBack = async ({ context, region }: FenceTarget, ids: string[]) => {
  const read = () => attempt(context, "read back", describeInstancesById(context.clients, region, ids, "optional"));
  const listed = (await read()).value ?? (await read()).value;
  return listed && new Map(listed.map((instance) => [instance.InstanceId ?? "", instance.State?.Name ?? "unknown"]));
};
