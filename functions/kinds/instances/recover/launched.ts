import { describeInstances, type Instance } from "../../../aws/ec2/instances.ts";
import { tagsOf } from "../../../aws/ec2/tags.ts";
import { endingOf } from "../../../aws/store/lease.ts";
import type { Fate, Launched } from "../../../core/instances/launch/predecessors.ts";
import { limits } from "../../../core/limits.ts";
import type { Run } from "../../../core/model/run.ts";
import { launchToken, tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";

export const isEnded = ({ State }: Instance) => State?.Name === "shutting-down" || State?.Name === "terminated";

/** Everything that any run launched for this application in the target Region and that EC2 still shows, oldest first. */
export const listLaunched = async (context: Context, run: Run): Promise<Instance[]> => {
  const found = await describeInstances(context.clients, run.target, [
    { Name: `tag:${tagKeys.application}`, Values: [run.application] },
    { Name: "tag-key", Values: [tagKeys.server] },
  ]);
  return found.sort((a, b) => time(a) - time(b) || ((a.InstanceId ?? "") < (b.InstanceId ?? "") ? -1 : 1));
};

/** Those that have the tokens of these slots of a server: it also finds what is not visible by its tags yet. */
export const findByTokens = (context: Context, run: Run, server: string, slots: string[]): Promise<Instance[]> => {
  const Values = slots.map((slot) => launchToken(run.id, server, slot));
  return describeInstances(context.clients, run.target, [{ Name: "client-token", Values }]);
};

const time = ({ LaunchTime }: Instance) => LaunchTime?.getTime() ?? 0;

/** Why EC2 ended an instance, as in "Client.InternalError: Client error on launch". */
export const endOf = ({ InstanceId, StateReason }: Instance) =>
  `${InstanceId} (${StateReason?.Code ?? "no reason"}: ${StateReason?.Message ?? "none given"})`;

export const serverOf = (instance: Instance) => tagsOf(instance.Tags)[tagKeys.server] ?? "";
export const runOf = (instance: Instance) => tagsOf(instance.Tags)[tagKeys.run] ?? "";

export const toLaunched = (instance: Instance): Launched => {
  const tags = tagsOf(instance.Tags);
  return {
    id: instance.InstanceId ?? "",
    state: instance.State?.Name ?? "pending",
    server: tags[tagKeys.server] ?? "",
    point: tags[tagKeys.point] ?? null,
    run: tags[tagKeys.run] ?? "",
    address: instance.PrivateIpAddress ?? null,
    launchedAt: new Date(time(instance)).toISOString(),
  };
};

/**
 * What is known of other runs of this application. One is over for certain once its execution has ended and its longest
 * step can no longer be at work; one that wrote no servers into the table is not ours to judge.
 */
export const fatesOf = async (context: Context, run: Run, names: string[]): Promise<(name: string) => Fate> => {
  const fates = new Map<string, Fate>();
  for (const name of new Set(names)) fates.set(name, await fateOf(context, run, name));
  return (name) => fates.get(name) ?? "unknown";
};

const fateOf = async (context: Context, { application, target }: Run, name: string): Promise<Fate> => {
  const { store, now } = context;
  const known = await store.waves(application, name);
  if (!known) return "unknown";
  const ending = await endingOf(context, known.id);
  if (!ending) return "ending";
  const [row, moved] = await Promise.all([store.row(application), store.ledgerStep(application, name, "Reroute")]);
  if (moved || row?.active === target) return "moved";
  return now().getTime() - ending.stoppedAt.getTime() > limits.longestStepSeconds * 1_000 ? "over" : "ending";
};
