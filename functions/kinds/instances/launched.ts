import { describeInstances, type Instance } from "../../aws/instances.ts";
import { launchToken, tagKeys } from "../../core/names.ts";
import type { Run, ServerRef } from "../../core/run.ts";
import type { Slot } from "../../core/slots.ts";
import type { Context } from "../../runtime/context.ts";

/** What this run has launched for a server: the instance to use, and the slots whose instance did not live. */
export type Launched = { live: Instance | null; dead: Instance[] };

const isOver = ({ State }: Instance) => State?.Name === "shutting-down" || State?.Name === "terminated";

/** Looked up by tag: of several that live, always the first one launched. */
export const findLaunched = async (context: Context, run: Run, { server }: ServerRef): Promise<Launched> =>
  sorted(
    await describeInstances(context.clients, run.target, [
      { Name: `tag:${tagKeys.run}`, Values: [run.name] },
      { Name: `tag:${tagKeys.server}`, Values: [server] },
    ]),
  );

/** Looked up by the tokens of these slots: it also finds what is not visible by its tags yet. */
export const findByTokens = async (
  context: Context,
  run: Run,
  { server }: ServerRef,
  slots: Slot[],
): Promise<Launched> => {
  const Values = slots.map(({ name }) => launchToken(run.id, server, name));
  return sorted(await describeInstances(context.clients, run.target, [{ Name: "client-token", Values }]));
};

const sorted = (instances: Instance[]): Launched => {
  const [live = null] = instances
    .filter((instance) => !isOver(instance))
    .sort((a, b) => time(a) - time(b) || ((a.InstanceId ?? "") < (b.InstanceId ?? "") ? -1 : 1));
  return { live, dead: instances.filter(isOver) };
};

const time = ({ LaunchTime }: Instance) => LaunchTime?.getTime() ?? 0;

/** Why EC2 ended an instance, as in "Client.InternalError: Client error on launch". */
export const endOf = ({ InstanceId, StateReason }: Instance) =>
  `${InstanceId} (${StateReason?.Code ?? "no reason"}: ${StateReason?.Message ?? "none given"})`;
