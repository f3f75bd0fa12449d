import * as z from "zod/mini";
import { RunInput } from "./core/inputs.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  gate: z.optional(z.object({ value: z.object({ steps: z.number() }) })),
});

export type GateResult = { again: boolean; back: boolean; steps: number; because: string };

/** Do the users who moved get good answers? */
export const gate = async ({ gate: before }: z.infer<typeof Input>): Promise<GateResult> => {
  const steps = (before?.value.steps ?? 0) + 1;
  return { again: false, back: false, steps, because: "" };
};

export const handler = step("gate", Input, gate);
