import type { Run } from "../core/model/run.ts";
import type { Context } from "./context.ts";

/** A step of a run that has ended. `subject`: server or resource; absent for a step of the whole run. */
type FinishedStep = {
  state: string;
  subject?: string;
  startedAt: Date;
  outcome: string;
  detail: Record<string, unknown>;
};

/**
 * Writes one finished step of a run into the ledger. Best effort: what was done stays done when it cannot be written, so
 * a failure is only logged.
 */
export const recordStep = async (
  { store, log, now }: Context,
  run: Pick<Run, "application" | "name">,
  { state, subject = "", startedAt, outcome, detail }: FinishedStep,
): Promise<void> => {
  const times = { startedAt: startedAt.toISOString(), endedAt: now().toISOString() };
  try {
    await store.record(run.application, { run: run.name, state, subject, ...times, outcome, detail });
  } catch (error) {
    const { name, message } = error as Error;
    log.warn(`${state} could not be written into the ledger`, { subject, code: name, because: message });
  }
};
