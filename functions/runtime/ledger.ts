import type { Run } from "../core/model/run.ts";
import type { Context } from "./context.ts";

/**
 * Writes one finished step of a run into the ledger. Best effort: what was done stays done when it cannot be told, so
 * a failure is only logged. `subject`: server or resource; "" for a step of the whole run.
 */
export const recordStep = async (
  { store, log, now }: Context,
  run: Pick<Run, "application" | "name">,
  state: string,
  subject: string,
  startedAt: Date,
  outcome: string,
  detail: Record<string, unknown>,
): Promise<void> => {
  const times = { startedAt: startedAt.toISOString(), endedAt: now().toISOString() };
  try {
    await store.record(run.application, { run: run.name, state, subject, ...times, outcome, detail });
  } catch (error) {
    const { name, message } = error as Error;
    log.warn(`${state} could not be written into the ledger`, { subject, code: name, because: message });
  }
};
