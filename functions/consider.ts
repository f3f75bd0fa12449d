import * as z from "zod/mini";
import { checkLease } from "./aws/lease.ts";
import { RefusedError } from "./core/errors.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ run: RunInput, lease: LeaseInput });

/** Reads what a person answered: only an approval lets the run go on. */
export const consider = async (
  { run, lease }: z.infer<typeof Input>,
  context: Context,
): Promise<{ because: string }> => {
  await checkLease(context, run, lease.value);
  const question = await context.store.question(run.application);
  if (question?.run === run.name && question.answer?.approved) return { because: `approved by ${question.answer.by}` };
  throw new RefusedError(
    "nobody approved it in time",
    'To fail over all the same, start it again with "approve": true.',
  );
};

export const handler = step("consider", Input, consider);
