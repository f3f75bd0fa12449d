import { type Instance, terminateInstances } from "../../../aws/ec2/instances.ts";
import { retag } from "../../../aws/ec2/retag.ts";
import { inherit } from "../../../core/instances/launch/predecessors.ts";
import { limits } from "../../../core/limits.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import type { WavePass } from "../../../runtime/wave-pass.ts";
import { fatesOf, isEnded, runOf, serverOf, toLaunched } from "./launched.ts";

/** `own`: the live instances that this run uses from now on. `leaving`: addresses that are not free yet -> who has them. */
export type Taken = { own: Instance[]; leaving: Map<string, string> };

/**
 * Takes over what earlier runs of the application left and this one can use, and removes the rest, and what this run
 * has launched twice. Safe to run twice; the lease was checked.
 */
export const takeOver = async (context: Context, run: Run, wave: WavePass, listed: Instance[]): Promise<Taken> => {
  const live = listed.filter((one) => !isEnded(one));
  const own = live.filter((one) => runOf(one) === run.name);
  const left = live.filter((one) => runOf(one) !== run.name).map(toLaunched);
  const hasOwn = new Set(own.map(serverOf));
  const without = [...wave.servers.values()].filter(({ state, server }) => state === "wanted" && !hasOwn.has(server));
  const fateOf = await fatesOf(
    context,
    run,
    left.map((one) => one.run),
  );
  const { adopt, remove, later } = inherit(without, left, fateOf);

  const { clients, log } = context;
  for (const server of wave.inState("wanted")) {
    const found = adopt.get(server.server);
    const instance = live.find(({ InstanceId }) => InstanceId === found?.id);
    if (!found || !instance) continue;
    log.info("taken over", { server: server.server, instance: found.id, from: found.run });
    await retag(clients, run.target, partsOf(instance), { [tagKeys.run]: run.name });
    own.push(instance);
  }
  const gone = [...remove.map(({ id }) => id), ...surplusOf(own, wave)].slice(0, limits.mutatingCallsPerPass);
  if (gone.length > 0) log.warn("removed", { instances: gone });
  await terminateInstances(clients, run.target, gone);

  const away = [...remove, ...later, ...listed.filter(isEnded).map(toLaunched)];
  const taken = away.filter(({ address, state }) => address && state !== "terminated");
  return { own, leaving: new Map(taken.map(({ address, id }) => [address ?? "", id])) };
};

/** The instance, its volumes and its interfaces carry the same tags. */
const partsOf = ({ InstanceId = "", BlockDeviceMappings = [], NetworkInterfaces = [] }: Instance) => [
  InstanceId,
  ...BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.VolumeId ?? []),
  ...NetworkInterfaces.flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []),
];

/** Invariant 5: of several live instances of one server the one in use stays, else the first. */
const surplusOf = (own: Instance[], wave: WavePass) =>
  own
    .filter((one) => {
      const used = wave.servers.get(serverOf(one))?.instance;
      const all = own.filter((other) => serverOf(other) === serverOf(one));
      return all.length > 1 && one !== (all.find(({ InstanceId }) => InstanceId === used) ?? all[0]);
    })
    .map(({ InstanceId = "" }) => InstanceId);
