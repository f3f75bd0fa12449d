import * as z from "zod/mini";
import { endingOf, readRow } from "./aws/store/lease.ts";
import { type Finding, holdersOf, judgeHolders } from "./core/run/abandoned-run.ts";
import { RunInput } from "./core/run/machine-state.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  inspect: z.optional(z.object({ value: z.object({ polls: z.number() }) })),
});

/** Has an execution of the application ended without releasing its lease, or without a delivered report? */
export const inspectRun = async (
  { run, inspect }: z.infer<typeof Input>,
  context: Context,
): Promise<Finding & { polls: number }> => {
  const { application } = run;
  const [row, unreported] = await Promise.all([readRow(context, application), context.store.untoldRuns(application)]);
  const holders = await Promise.all(
    holdersOf(row, unreported).map(async (holder) => ({ ...holder, ending: await endingOf(context, holder.id) })),
  );
  return { ...judgeHolders(holders, context.now()), polls: (inspect?.value.polls ?? 0) + 1 };
};

export const handler = step("inspect-run", Input, inspectRun);
