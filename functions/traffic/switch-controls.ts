import { codeOf } from "../aws/calls/errors.ts";
import { ClusterSilentError, readStates, updateStates } from "../aws/routing-control.ts";
import { RefusedError, TransientError } from "../core/errors.ts";
import type { Traffic } from "../core/model/plan.ts";
import { type ControlState, deviatingStates, expectedStates, nameOf } from "../core/traffic/routing-control.ts";
import type { Context } from "../runtime/context.ts";

const again = "The step is run again by the state machine.";

/**
 * Switches the routing controls of every record to a side, in one atomic call, and reads them back. The endpoint that is
 * asked first changes with the time, so that not every run begins with the same one. A rejection by a safety
 * rule is a RefusedError; a cluster that does not answer, or that reads back other states, is a TransientError.
 */
export const switchControls = async (context: Context, traffic: Traffic, side: "primary" | "recovery") => {
  const { clients, log, now } = context;
  const endpoints = traffic.cluster?.endpoints ?? [];
  const expected = expectedStates(traffic, side);
  const start = now().getTime();
  const names = expected.map(({ control }) => control);

  try {
    const { endpoint, failed } = await updateStates(clients, endpoints, start, expected);
    log.info("routing controls", { endpoint, failed });
  } catch (error) {
    const silent = error instanceof ClusterSilentError;
    if (!silent && codeOf(error) !== "ConflictException") throw error;
    const { because } = await readBack(context, traffic, expected, names, start + 1);
    if (because === null) return switchedSentence(expected, side);
    if (silent) throw new TransientError(`${error.message}; ${because}`, again);
    throw new RefusedError(
      `a safety rule of the cluster rejected the switch to the ${side} side: ${(error as Error).message}`,
      "Change the safety rule in the ARC console (control panel, safety rules): its asserted states or its gating control. Then start the failover again.",
    );
  }
  const { because, unread } = await readBack(context, traffic, expected, names, start + 1);
  if (because !== null && !unread) throw new TransientError(because, again);
  return unread ? `${switchedSentence(expected, side)}; ${because}` : switchedSentence(expected, side);
};

/** `because` is null when every control is as it should be. An answered call counts as done when it cannot be read back. */
const readBack = async (
  { clients }: Context,
  { cluster }: Traffic,
  expected: ControlState[],
  names: string[],
  start: number,
): Promise<{ because: string | null; unread: boolean }> => {
  try {
    const { value } = await readStates(clients, cluster?.endpoints ?? [], start, names);
    const deviating = deviatingStates(expected, value).map(
      ({ control, state }) => `${nameOf(control)} is not ${state} yet`,
    );
    return { because: deviating.length ? deviating.join(", ") : null, unread: false };
  } catch (error) {
    if (!(error instanceof ClusterSilentError)) throw error;
    return { because: "the states could not be read back", unread: true };
  }
};

const switchedSentence = (expected: ControlState[], side: string) =>
  `${expected.length} routing controls switched to the ${side} side in one call`;
