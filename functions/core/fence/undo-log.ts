import { type Group, unsuspended } from "./auto-scaling-groups.ts";
import type { SubnetAcl } from "./isolation.ts";

/**
 * Something that Lifeboat holds back in a Region, written to the table before it is done: what a way back undoes, and
 * nothing else. `by`: the run, or `guard`; `at`: ISO 8601.
 */
export type Held = { by: string; at: string } & (HeldServer | HeldGroup | HeldSubnet);
/** Every server that the fence knew. `stopped`: it ran, and was asked to stop, at last at `at`. */
export type HeldServer = { kind: "server"; id: string; stopped: boolean };
/** `processes`: those that were not suspended before. */
export type HeldGroup = { kind: "group"; id: string; processes: string[] };
/** `formerAcl`: what the subnet had before it was given one that denies everything. */
export type HeldSubnet = { kind: "subnet"; id: string; vpc: string; formerAcl: string };

type Doing = {
  servers: { server: string; stopped: boolean }[];
  groups: Group[];
  subnets: Pick<SubnetAcl, "subnet" | "vpc" | "acl" | "isOurs">[];
};

/**
 * What has to be written before this is done. What is known stays as it was first written as long as it still holds,
 * so that a second run, or the guard, never takes what Lifeboat did for what it found.
 */
export const toRemember = (known: Held[], { servers, groups, subnets }: Doing, by: string, at: string): Held[] => {
  const of = <K extends Held["kind"]>(kind: K, id: string) =>
    known.find((held): held is Extract<Held, { kind: K }> => held.kind === kind && held.id === id);
  return [
    ...servers.flatMap(({ server, stopped }): Held[] => {
      const before = of("server", server);
      return before && !stopped ? [] : [{ kind: "server", id: server, stopped, by, at }];
    }),
    ...groups.flatMap((group): Held[] => {
      const missing = unsuspended(group);
      if (missing.length === 0) return [];
      const before = of("group", group.name);
      const kept = before?.processes.filter((name) => group.suspended.includes(name)) ?? [];
      const who = before && kept.length > 0 ? { by: before.by, at: before.at } : { by, at };
      return [{ kind: "group", id: group.name, processes: [...kept, ...missing], ...who }];
    }),
    ...subnets.flatMap(({ subnet, vpc, acl, isOurs }): Held[] =>
      isOurs && of("subnet", subnet) ? [] : [{ kind: "subnet", id: subnet, vpc, formerAcl: acl, by, at }],
    ),
  ];
};

/** The held things of one kind. */
export const heldOf = <K extends Held["kind"]>(held: Held[], kind: K) =>
  held.filter((one): one is Extract<Held, { kind: K }> => one.kind === kind);
