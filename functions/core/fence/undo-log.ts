import { type Group, unsuspended } from "./auto-scaling-groups.ts";
import type { SubnetAcl } from "./isolation.ts";

/**
 * One change that a fence makes in a Region, written to the table before it is made: Unfence undoes these changes and no
 * others. `by`: the run, or `guard`; `at`: ISO 8601.
 */
export type FenceRecord = { by: string; at: string } & (ServerRecord | GroupRecord | SubnetRecord);
/** Every server that the fence knew. `stopped`: it ran, and was stopped, the last time at `at`. */
export type ServerRecord = { kind: "server"; id: string; stopped: boolean };
/** `processes`: those that were not suspended before. */
export type GroupRecord = { kind: "group"; id: string; processes: string[] };
/** `formerAcl`: the ACL of the subnet before it was given one that denies everything. */
export type SubnetRecord = { kind: "subnet"; id: string; vpc: string; formerAcl: string };

/** What is about to be done. */
type FenceStep = {
  servers: { server: string; stopped: boolean }[];
  groups: Group[];
  subnets: Pick<SubnetAcl, "subnet" | "vpc" | "acl" | "isOurs">[];
};

/**
 * The records to be written before these acts. A known record stays as it was first written as long as it still holds,
 * so that a second run, or the guard, never takes a change of Lifeboat for the state before it.
 */
export const newRecords = (
  known: FenceRecord[],
  { servers, groups, subnets }: FenceStep,
  by: string,
  at: string,
): FenceRecord[] => {
  const of = <K extends FenceRecord["kind"]>(kind: K, id: string) =>
    known.find((one): one is Extract<FenceRecord, { kind: K }> => one.kind === kind && one.id === id);
  return [
    ...servers.flatMap(({ server, stopped }): FenceRecord[] => {
      const before = of("server", server);
      return before && !stopped ? [] : [{ kind: "server", id: server, stopped, by, at }];
    }),
    ...groups.flatMap((group): FenceRecord[] => {
      const missing = unsuspended(group);
      if (missing.length === 0) return [];
      const before = of("group", group.name);
      const kept = before?.processes.filter((name) => group.suspended.includes(name)) ?? [];
      const who = before && kept.length > 0 ? { by: before.by, at: before.at } : { by, at };
      return [{ kind: "group", id: group.name, processes: [...kept, ...missing], ...who }];
    }),
    ...subnets.flatMap(({ subnet, vpc, acl, isOurs }): FenceRecord[] =>
      isOurs && of("subnet", subnet) ? [] : [{ kind: "subnet", id: subnet, vpc, formerAcl: acl, by, at }],
    ),
  ];
};

/** The records of one kind. */
export const recordsOf = <K extends FenceRecord["kind"]>(records: FenceRecord[], kind: K) =>
  records.filter((one): one is Extract<FenceRecord, { kind: K }> => one.kind === kind);
