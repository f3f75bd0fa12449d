import * as z from "zod/mini";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import type { ServerRef } from "./core/run.ts";
import { type LaunchState, launchProgress } from "./kinds/instances/launch-progress.ts";
import { type ReplicateProgress, replicateProgress } from "./kinds/instances/replicate-progress.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Replicating = z.object({
  run: RunInput,
  copy: z.optional(z.object({ value: z.object({ refused: z.record(z.string(), z.string()) }) })),
  progress: z.optional(z.object({ value: z.object({ polls: z.number() }) })),
});
const Launching = z.object({
  run: RunInput,
  lease: LeaseInput,
  server: z.custom<ServerRef>((value) => value !== undefined),
  launch: z.object({ value: z.custom<LaunchState>((value) => value !== undefined) }),
});
const Input = z.union([Launching, Replicating]);

/** How far are the copies of a pass, or, as an item of a run's wave, the launch of one server? Reads only. */
export const checkProgress = (
  input: z.infer<typeof Input>,
  context: Context,
): Promise<LaunchState | ReplicateProgress> =>
  "server" in input ? launchProgress(input, context) : replicateProgress(input, context);

export const handler = step("check-progress", Input, checkProgress);
