import * as z from "zod/mini";
import { RunInput } from "./core/run/machine-state.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  copy: z.object({ value: z.object({ awaited: z.array(z.string()), sources: z.boolean() }) }),
  token: z.string(),
});

/** Notes what a pass waits for, and the token that ends its wait: the next event of EBS may end it early. */
export const pause = async ({ run, copy, token }: z.infer<typeof Input>, context: Context): Promise<void> => {
  const { awaited, sources } = copy.value;
  const at = context.now().toISOString();
  await context.store.savePause(run.application, { token, execution: run.id, at, awaited, sources });
};

export const handler = step("pause", Input, pause);
