import { isPassing } from "../../../aws/calls/errors.ts";
import { associateElasticIp } from "../../../aws/ec2/addresses.ts";
import { forwardForOthers } from "../../../aws/ec2/instances.ts";
import { registerTargets } from "../../../aws/elastic-load-balancing.ts";
import { batchesOf } from "../../../core/batches.ts";
import { type Run, resourceOf } from "../../../core/model/run.ts";
import type { Server } from "../../../core/model/server.ts";
import type { Context } from "../../../runtime/context.ts";
import { inParallel } from "../../../runtime/in-parallel.ts";
import type { WavePass } from "../../../runtime/wave-pass.ts";

export const callsAtOnce = 5;

/** Elastic Load Balancing names no limit; a request stays small. */
export const targetsPerCall = 100;

/** What went wrong, with its place. */
export type Failure = { what: string; error: unknown };

/** Registers them group by group; when one target makes a call fail, each is registered by itself. */
export const registerAll = async (context: Context, run: Run, wave: WavePass, servers: Server[]) => {
  const failed = new Map<string, Failure>();
  const groupsOf = ({ resource }: Server) => resourceOf(wave.plan, resource).launch.targetGroups;
  for (const group of new Set(servers.flatMap(groupsOf))) {
    const members = servers.filter((server) => groupsOf(server).includes(group));
    for (const batch of batchesOf(members, targetsPerCall)) {
      const register = (these: Server[]) =>
        attempt(`target group ${group}`, () =>
          registerTargets(
            context.clients,
            run.target,
            group,
            these.map(({ instance }) => instance ?? ""),
          ),
        );
      const together = await register(batch);
      if (!together) continue;
      await inParallel(batch, callsAtOnce, async (server) => {
        const error = batch.length === 1 || isPassing(together.error) ? together : await register([server]);
        if (error) failed.set(server.server, error);
      });
    }
  }
  return failed;
};

export const letForward = async (context: Context, run: Run, { forwards, instance }: Server) =>
  forwards
    ? attempt("source/destination check", () => forwardForOthers(context.clients, run.target, instance ?? ""))
    : null;

export const giveAddress = async (context: Context, run: Run, wave: WavePass, server: Server) => {
  const id = resourceOf(wave.plan, server.resource).launch.elasticIps[server.index];
  if (!id) return null;
  return attempt(`Elastic IP ${id}`, () => associateElasticIp(context.clients, run.target, id, server.instance ?? ""));
};

export const attempt = async (what: string, act: () => Promise<void>): Promise<Failure | null> => {
  try {
    await act();
    return null;
  } catch (error) {
    return { what, error };
  }
};
