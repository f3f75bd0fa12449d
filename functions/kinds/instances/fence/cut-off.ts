import type { KeptServer, SubnetAcl } from "../../../core/fence/isolation.ts";
import type { Asked } from "./ask-servers.ts";
import { closeSubnets, lookAtSubnets } from "./subnets.ts";
import type { Seen } from "./survey.ts";
import type { Memory, Place } from "./undo-log.ts";

/** Servers that EC2 does not stop, and what came of isolating them and those that hang as they stop. */
export type CutOff = {
  isolated: Set<string>;
  /** Why servers that EC2 does not stop cannot be isolated either, a sentence each. */
  problems: string[];
  /** Those servers, with EC2's code. */
  unstoppable: { server: string; code: string }[];
  answered: boolean;
  refused: boolean;
  changed: string[];
};

/**
 * Isolates the servers that EC2 does not stop, for they are protected or one-time Spot Instances, and those that hang as they stop,
 * where their subnets allow that.
 */
export const cutOff = async (
  place: Place,
  memory: Memory,
  { servers, ours, hanging }: Seen,
  asked: Asked | null,
): Promise<CutOff> => {
  const subnetsOf = (server: string) => servers.get(server)?.subnets ?? [];
  const unstoppable = [...(asked?.problems ?? [])].flatMap(([server, { code, lasting }]) =>
    lasting && servers.get(server)?.state === "running" ? [{ server, code }] : [],
  );
  const kept = unstoppable.map(({ server, code }) => ({
    server,
    why: `may not be stopped (${code})`,
    subnets: subnetsOf(server),
  }));
  const late = hanging.map((server) => ({ server, why: "hangs as it stops", subnets: subnetsOf(server) }));
  await memory.unstopped(unstoppable.map(({ server }) => server));

  const look = (some: KeptServer[]) => lookAtSubnets(place, some, ours);
  const [needed, wished] = [await look(kept), await look(late)];
  const open = distinct([...(needed.plan?.subnets ?? []), ...(wished.plan?.subnets ?? [])]);
  await memory.remember({ subnets: open });
  const closed = await closeSubnets(place, open);
  const after = open.length > 0 ? await look([...kept, ...late]) : null;
  return {
    isolated: new Set([...needed.isolated, ...wished.isolated, ...(after?.isolated ?? [])]),
    problems: needed.plan?.problems ?? [],
    unstoppable,
    answered: needed.answered && closed.answered && (after?.answered ?? true),
    refused: needed.refused || closed.refused || (after?.refused ?? false),
    changed: closed.changed,
  };
};

const distinct = (subnets: SubnetAcl[]) => [...new Map(subnets.map((one) => [one.subnet, one])).values()];
