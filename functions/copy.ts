import * as z from "zod/mini";
import { freshMemory } from "./core/instances/copy/pass-state.ts";
import type { CopyResult } from "./core/instances/copy/pass-summary.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { copyPass } from "./kinds/instances/copy/copy-pass.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Before = z.object({ value: z.custom<CopyResult>((value) => value !== undefined) });
const Input = z.object({ run: RunInput, lease: LeaseInput, copy: z.optional(Before) });

/**
 * Keeps the copy slots of the target Region full from the stored queue, earliest deadline first, and settles a point
 * when all its copies have ended; images of servers whose copies are complete are registered meanwhile. A copy whose
 * reply was lost is found by its tags, so that the step is safe to run twice.
 */
export const copy = async (
  { run, lease, copy: before }: z.infer<typeof Input>,
  context: Context,
): Promise<CopyResult> => {
  const startedAt = context.now();
  const { plan } = await beginStep(context, run, lease.value);
  const { result, metrics, entry } = await copyPass(context, run, plan, before?.value ?? freshMemory, startedAt);
  for (const { name, unit, value, resource } of metrics)
    context.metrics.add(name, unit, value, { Application: run.application, Resource: resource });
  if (entry) await recordStep(context, run, { state: "Copy", startedAt, ...entry });
  return result;
};

export const handler = step("copy", Input, copy);
