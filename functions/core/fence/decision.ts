import { limits } from "../limits.ts";
import { type Group, openGroups, unsuspended } from "./auto-scaling-groups.ts";
import { type FenceFacts, isolatedIn, keptServers, mayStop, type NetworkFacts, serversToIsolate } from "./facts.ts";
import { type IsolationPlan, type KeptServer, planIsolation } from "./isolation.ts";
import { type FenceRecord, recordsOf } from "./undo-log.ts";

/** What a fence does with each group, subnet and server. */
export type FenceDecision = {
  /** Nothing is to be changed. */
  isDone: boolean;
  /** Every known server, so that `guard` knows it too. `stopped`: it runs, and is about to be stopped. */
  records: { server: string; stopped: boolean }[];
  /** Groups whose processes are to be suspended. */
  suspend: Group[];
  stop: string[];
  /** Servers in `stopping` for longer than a shutdown takes: they are stopped by force, and isolated if possible. */
  force: string[];
  /** Servers that keep running, and are isolated instead. */
  keep: KeptServer[];
  isolated: Set<string>;
  /** Subnets to be isolated, and why servers cannot be. */
  isolation: IsolationPlan;
};

/** Invariant 2: what is left to do until nothing of the application runs in the source, or could be launched there. */
export const decideFence = (facts: FenceFacts): FenceDecision => {
  const { servers, storeServers, network, groups, records, readAt } = facts;
  const keep = keptServers(facts);
  const isolated = new Set(isolatedIn(serversToIsolate(facts), network));
  const spared = new Set([...keep.map(({ server }) => server), ...isolated, ...storeServers]);
  const states = [...servers].map(([server, { state }]) => ({ server, state }));
  const stop = states.flatMap(({ server, state }) => (mayStop(state) && !spared.has(server) ? [server] : []));
  const stops = new Set(stop);
  const force = hangingOf(states, records, readAt).filter((server) => !isolated.has(server));
  const isDone =
    stop.length + force.length + openGroups(groups.names, groups.found).length === 0 &&
    keep.every(({ server }) => isolated.has(server));
  return {
    isDone,
    records: states.map(({ server, state }) => ({ server, stopped: state === "running" && stops.has(server) })),
    suspend: groups.found?.filter((group) => unsuspended(group).length > 0) ?? [],
    stop,
    force,
    keep,
    isolated,
    isolation: isolationFor(keep, network, facts),
  };
};

/** Which subnets are isolated for these servers; none while their network could not be read. */
export const isolationFor = (kept: KeptServer[], { found }: NetworkFacts, { servers }: Pick<FenceFacts, "servers">) =>
  found ? planIsolation(kept, { ...found, ours: new Set(servers.keys()) }) : { subnets: [], problems: [] };

/** Servers that shut down for longer than they may, counted from their stop, or from when they were first seen at it. */
export const hangingOf = (
  servers: { server: string; state: string }[],
  records: FenceRecord[],
  now: Date,
): string[] => {
  const since = new Map(recordsOf(records, "server").map(({ id, at }) => [id, Date.parse(at)]));
  const isLate = (server: string) =>
    now.getTime() - (since.get(server) ?? now.getTime()) >= limits.shutdownSeconds * 1_000;
  return servers.flatMap(({ server, state }) => (state === "stopping" && isLate(server) ? [server] : []));
};
