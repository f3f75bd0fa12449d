import * as z from "zod/mini";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import type { ServerRef } from "./core/run.ts";
import { type LaunchState, launchProgress } from "./kinds/instances/launch-progress.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  server: z.custom<ServerRef>((value) => value !== undefined),
  launch: z.object({ value: z.custom<LaunchState>((value) => value !== undefined) }),
});

/** How far is the launch of one server of a run's wave? Reads only. */
export const checkProgress = (input: z.infer<typeof Input>, context: Context): Promise<LaunchState> =>
  launchProgress(input, context);

export const handler = step("check-progress", Input, checkProgress);
