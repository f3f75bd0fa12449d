import { codeOf } from "../aws/calls/errors.ts";
import { ClusterSilentError, readStates, updateStates } from "../aws/routing-control.ts";
import { RefusedError, TransientError } from "../core/errors.ts";
import type { Traffic } from "../core/model/plan.ts";
import { type ControlState, nameOf, unlikeStates, wantedStates } from "../core/traffic/routing-control.ts";
import type { Context } from "../runtime/context.ts";

const again = "The step is run again by the state machine.";

/**
 * Turns the routing controls of every record to a side, in one atomic call, and reads them back. The endpoint that is
 * asked first changes with the time, so that not every run begins with the same one. A safety rule's no is a
 * RefusedError; a cluster that does not answer, or that says otherwise when it is read, a TransientError.
 */
export const switchControls = async (context: Context, traffic: Traffic, side: "primary" | "recovery") => {
  const { clients, log, now } = context;
  const endpoints = traffic.cluster?.endpoints ?? [];
  const wanted = wantedStates(traffic, side);
  const start = now().getTime();
  const names = wanted.map(({ control }) => control);

  try {
    const { endpoint, failed } = await updateStates(clients, endpoints, start, wanted);
    log.info("routing controls", { endpoint, failed });
  } catch (error) {
    const silent = error instanceof ClusterSilentError;
    if (!silent && codeOf(error) !== "ConflictException") throw error;
    const { because } = await readBack(context, traffic, wanted, names, start + 1);
    if (because === null) return told(wanted, side);
    if (silent) throw new TransientError(`${error.message}; ${because}`, again);
    throw new RefusedError(
      `a safety rule of the cluster refuses to turn the traffic to the ${side} side: ${(error as Error).message}`,
      "See the rule in the ARC console (control panel, safety rules): change the states that it asserts, or its gating control, and start the failover again.",
    );
  }
  const { because, unread } = await readBack(context, traffic, wanted, names, start + 1);
  if (because !== null && !unread) throw new TransientError(because, again);
  return unread ? `${told(wanted, side)}; ${because}` : told(wanted, side);
};

/** `because` is null when every control is as it should be. An answered call that nobody could read back counts as done. */
const readBack = async (
  { clients }: Context,
  { cluster }: Traffic,
  wanted: ControlState[],
  names: string[],
  start: number,
): Promise<{ because: string | null; unread: boolean }> => {
  try {
    const { value } = await readStates(clients, cluster?.endpoints ?? [], start, names);
    const unlike = unlikeStates(wanted, value).map(({ control, state }) => `${nameOf(control)} is not ${state} yet`);
    return { because: unlike.length ? unlike.join(", ") : null, unread: false };
  } catch (error) {
    if (!(error instanceof ClusterSilentError)) throw error;
    return { because: "the states could not be read back", unread: true };
  }
};

const told = (wanted: ControlState[], side: string) =>
  `${wanted.length} routing controls turned to the ${side} side in one call`;
