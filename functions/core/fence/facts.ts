import type { Group } from "./auto-scaling-groups.ts";
import { isIsolated, type KeptServer, losesStore, type SubnetAcl, type SubnetInterface } from "./isolation.ts";
import { type FenceRecord, recordsOf } from "./undo-log.ts";

/**
 * One server of the source: its EC2 state, `isolated` (it runs, and nothing gets in or out of its subnets), `gone` (EC2
 * no longer lists it), or `unknown` (its state could not be read).
 */
export type FencedServer = { server: string; state: string };

const proven = new Set(["isolated", "stopped", "terminated", "gone"]);

/** Whether a server takes no writes any more, and cannot come back by itself. */
export const isProven = ({ state }: FencedServer) => proven.has(state);

/** It shuts down: its services go on until the shutdown has come to them. [EC2:how-ec2-instance-stop-start-works] */
export const isEnding = ({ state }: FencedServer) => state === "stopping" || state === "shutting-down";

/** A running server is stopped; so is one whose state could not be read. EC2 refuses to stop a pending one. */
export const mayStop = (state: string) => state === "running" || state === "unknown";

/** What came of calls to the source. `refused`: it answered, and a further try changes nothing. */
export type Reply = { answered: boolean; refused: boolean };

/** One reply for several calls: answered when all were, refused when one was. */
export const allReplies = (replies: Reply[]): Reply => ({
  answered: replies.every(({ answered }) => answered),
  refused: replies.some(({ refused }) => refused),
});

/** A server as EC2 lists it: its state, `gone` (not listed) or `unknown` (no answer); `subnets` of all its interfaces. */
export type ServerFact = { state: string; type: string | null; subnets: string[]; group: string | null };

/** The Auto Scaling groups that hold these servers; `found` is null when they could not be read. */
export type GroupFacts = Reply & { names: string[]; found: Group[] | null };

/** Interfaces and ACLs of some subnets; `found` is null when they could not be read. */
export type NetworkFacts = Reply & { found: { interfaces: SubnetInterface[]; acls: SubnetAcl[] } | null };

/** What the source shows, and what the undo log says, before anything is changed. */
export type FenceFacts = {
  readAt: Date;
  records: FenceRecord[];
  servers: Map<string, ServerFact>;
  /** EC2 answered a listing of servers. */
  answered: boolean;
  /** The reply to the listing by tag when it gave no list; null = the list is complete. */
  unread: Reply | null;
  /** Instance types with instance-store volumes, or that no Region describes. */
  storeTypes: Set<string>;
  /** Servers with instance-store volumes among those that EC2 did not list. */
  storeServers: Set<string>;
  network: NetworkFacts;
  groups: GroupFacts;
};

type Listed = Pick<FenceFacts, "servers" | "storeTypes" | "records">;

/** Running servers that are isolated instead of stopped, since a stop would delete their instance-store data. */
export const keptServers = ({ servers, storeTypes }: Pick<Listed, "servers" | "storeTypes">): KeptServer[] =>
  [...servers].flatMap(([server, { state, type, subnets }]) =>
    state === "running" && type && storeTypes.has(type) ? [{ server, why: losesStore, subnets }] : [],
  );

const mayServe = new Set(["running", "stopping"]);

/** The servers whose isolation has to be read: those that are kept, and those in a subnet that a fence isolated before. */
export const serversToIsolate = ({ servers, storeTypes, records }: Listed) => {
  const isolated = new Set(recordsOf(records, "subnet").map(({ id }) => id));
  const behind = [...servers].flatMap(([server, { state, subnets }]) =>
    mayServe.has(state) && subnets.some((id) => isolated.has(id)) ? [{ server, subnets }] : [],
  );
  return [...keptServers({ servers, storeTypes }), ...behind];
};

/** Those of the servers that are read as isolated. */
export const isolatedIn = (servers: Pick<KeptServer, "server" | "subnets">[], { found }: NetworkFacts): string[] =>
  servers.filter((server) => isIsolated(server, found?.acls ?? [])).map(({ server }) => server);
