import { describeInstancesById } from "../../aws/instances.ts";
import { ResourceFailedError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Run, ServerRef } from "../../core/run.ts";
import type { Context } from "../../runtime/context.ts";
import { recordStep } from "../../runtime/ledger.ts";
import { endOf } from "./launched.ts";

/** `$.launch.value` of one server: written by Launch, then by CheckProgress. */
export type LaunchState = {
  /** The instance is running. */
  done: boolean;
  /** Launch has to be called again. */
  again: boolean;
  instance: string | null;
  polls: number;
  waitSeconds: number;
  /** `<type>/<subnet>`; null when it is not known which one won. */
  slot: string | null;
  /** First call of Launch for this server, ISO 8601. */
  since: string;
};

type Input = { run: Run; server: ServerRef; launch: { value: LaunchState } };

/**
 * One look at a launched instance: running, not yet, or ended (then Launch takes another slot). An instance that stopped
 * by itself throws ResourceFailedError.
 */
export const launchProgress = async ({ run, server, launch }: Input, context: Context): Promise<LaunchState> => {
  const startedAt = context.now();
  const next = { ...launch.value, polls: launch.value.polls + 1, waitSeconds: limits.pollSecondsMin };
  const { instance } = next;
  if (!instance) return { ...next, done: false, again: true };

  const [found] = await describeInstancesById(context.clients, run.target, [instance]);
  const state = found?.State?.Name ?? "pending";
  const told = (outcome: string, because: string) =>
    recordStep(context, run, "CheckProgress", server.server, startedAt, outcome, { instance, because });
  if (state === "running") {
    await told("Running", `running after ${next.polls} looks`);
    return { ...next, done: true, again: false };
  }
  if (found && (state === "shutting-down" || state === "terminated")) {
    await told("Ended", endOf(found));
    return { ...next, done: false, again: true, instance: null, slot: null };
  }
  if (found && (state === "stopping" || state === "stopped"))
    throw new ResourceFailedError(
      `${server.name}: ${endOf(found)} stopped after its launch`,
      "Look at its console output: something on it shuts it down.",
    );
  return { ...next, done: false, again: false };
};
