import type { Controls } from "../core/model/operator-controls.ts";
import type { Context } from "../runtime/context.ts";

type Outside = Pick<Context, "store" | "now">;

/** Writes what a person did into the ledger of the application, under the run "people". */
const note = ({ store }: Outside, application: string, at: string, outcome: string, because: string) =>
  store.record(application, {
    run: "people",
    state: at,
    subject: outcome,
    startedAt: at,
    endedAt: at,
    outcome,
    detail: { because },
  });

/** From now on nothing starts by itself; what runs goes on. A second one replaces the first. */
export const pauseApplication = async (
  outside: Outside,
  application: string,
  by: string,
  reason: string | null,
): Promise<NonNullable<Controls["paused"]>> => {
  const paused = { at: outside.now().toISOString(), by, reason };
  await outside.store.setControls(application, { paused });
  await note(outside, application, paused.at, "Paused", `paused by ${by}${reason ? `: ${reason}` : ""}`);
  return paused;
};

/** What starts by itself may start again. Gives the pause that ends with it; null when there was none. */
export const resumeApplication = async (
  outside: Outside,
  application: string,
  by: string,
): Promise<Controls["paused"]> => {
  const { paused } = await outside.store.controls(application);
  if (!paused) return null;
  await outside.store.setControls(application, { paused: null });
  await note(outside, application, outside.now().toISOString(), "Resumed", `resumed by ${by}`);
  return paused;
};

/** This run, named, blocks the next one no longer. */
export const acknowledgeRun = async (outside: Outside, application: string, run: string, by: string) => {
  const acknowledged = { run, at: outside.now().toISOString(), by };
  await outside.store.setControls(application, { acknowledged });
  return acknowledged;
};

/** A person has stopped this execution. */
export const noteAbort = (outside: Outside, application: string, run: string, by: string, reason: string | null) =>
  note(
    outside,
    application,
    outside.now().toISOString(),
    "Aborted",
    `${run} stopped by ${by}${reason ? `: ${reason}` : ""}`,
  );

/** A person has taken note of the last run. Null when none has moved, or tried to move, the application yet. */
export const acknowledgeLast = async (
  outside: Outside,
  application: string,
  by: string,
): Promise<Controls["acknowledged"]> => {
  const row = await outside.store.row(application);
  if (!row?.lastRun) return null;
  const acknowledged = await acknowledgeRun(outside, application, row.lastRun.name, by);
  await note(outside, application, acknowledged.at, "Acknowledged", `${row.lastRun.name} acknowledged by ${by}`);
  return acknowledged;
};
