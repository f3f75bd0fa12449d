import * as z from "zod/mini";
import { describeInstancesById, startInstances } from "./aws/instances.ts";
import { checkLease } from "./aws/lease.ts";
import { TransientError } from "./core/errors.ts";
import { stoppedByFence } from "./core/fence.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  fence: z.optional(z.object({ value: z.object({ stopped: z.array(z.string()) }) })),
});

export type UnfenceResult = { started: string[]; because: string };

/**
 * Starts in the source what Fence found running and stopped, also when Fence itself refused; nothing once the row says that the application moved
 * (law 2). A server that is still stopping cannot be started yet: TransientError, and the machine comes again.
 */
export const unfence = async (
  { run, lease, fence }: z.infer<typeof Input>,
  context: Context,
): Promise<UnfenceResult> => {
  const startedAt = context.now();
  const row = await checkLease(context, run, lease.value);
  const ids = fence?.value.stopped ?? stoppedByFence(await context.store.ledger(run.application, run.name));
  const end = async (outcome: string, result: UnfenceResult) => {
    await recordStep(context, run, "Unfence", "", startedAt, outcome, result);
    return result;
  };
  if (row.active !== run.source)
    return end("Moved", { started: [], because: `${run.application} is active in ${row.active}: the fence stays` });
  if (ids.length === 0) return end("Nothing", { started: [], because: "the fence stopped no server" });

  const found = await describeInstancesById(context.clients, run.source, ids, "optional");
  const inState = (...states: string[]) =>
    found.filter(({ State }) => states.includes(State?.Name ?? "")).map(({ InstanceId }) => InstanceId ?? "");
  const stopped = inState("stopped");
  if (stopped.length > 0) await startInstances(context.clients, run.source, stopped, "optional");
  const stopping = inState("stopping");
  if (stopping.length > 0)
    throw new TransientError(
      `still stopping in ${run.source}: ${stopping.join(", ")}`,
      `Start them in ${run.source} by hand when they have stopped, if this run does not.`,
    );
  const started = [...stopped, ...inState("pending", "running")].sort();
  const because = `${started.length} of the ${ids.length} servers that the fence stopped are started again`;
  return end("Unfenced", { started, because });
};

export const handler = step("unfence", Input, unfence);
