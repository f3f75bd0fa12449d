import { isolationFor } from "../../../core/fence/decision.ts";
import { allReplies, type FenceFacts, isolatedIn } from "../../../core/fence/facts.ts";
import type { KeptServer } from "../../../core/fence/isolation.ts";
import type { Isolation } from "../../../core/fence/outcome.ts";
import { readNetwork } from "./read-facts.ts";
import { isolateSubnets } from "./subnets.ts";
import type { FenceTarget, UndoLog } from "./undo-log.ts";

/** Isolates the servers that EC2 does not stop, and, where their subnets allow that, those that hang as they stop. */
export const isolateUnstoppable = async (
  target: FenceTarget,
  undo: UndoLog,
  facts: FenceFacts,
  servers: { unstoppable: { server: string; code: string }[]; hanging: string[] },
): Promise<Isolation> => {
  const keep = (server: string, why: string): KeptServer => ({
    server,
    why,
    subnets: facts.servers.get(server)?.subnets ?? [],
  });
  const unstoppable = servers.unstoppable.map(({ server, code }) => keep(server, `may not be stopped (${code})`));
  const hanging = servers.hanging.map((server) => keep(server, "hangs as it stops"));
  await undo.writeNotStopped(unstoppable.map(({ server }) => server));

  const needed = await readNetwork(target, unstoppable);
  const optional = await readNetwork(target, hanging);
  const { subnets, problems } = isolationFor(unstoppable, needed, facts);
  const wanted = [...subnets, ...isolationFor(hanging, optional, facts).subnets];
  const open = [...new Map(wanted.map((one) => [one.subnet, one])).values()];
  await undo.write({ subnets: open });
  const isolated = await isolateSubnets(target, open);
  const all = [...unstoppable, ...hanging];
  const after = open.length > 0 ? [await readNetwork(target, all)] : [];
  const isolatedNow = after.flatMap((network) => isolatedIn(all, network));
  return {
    ...allReplies([needed, isolated, ...after]),
    isolated: [...isolatedIn(unstoppable, needed), ...isolatedIn(hanging, optional), ...isolatedNow],
    problems,
    changed: isolated.changed,
  };
};
