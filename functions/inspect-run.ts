import * as z from "zod/mini";
import { endingOf, readRow } from "./aws/lease.ts";
import { type Finding, type Holder, judgeHolders } from "./core/closing.ts";
import { RunInput } from "./core/inputs.ts";
import type { Row } from "./core/row.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  inspect: z.optional(z.object({ value: z.object({ polls: z.number() }) })),
});

/** Does the row of the application name an execution that has ended without giving back its lease? */
export const inspectRun = async (
  { run, inspect }: z.infer<typeof Input>,
  context: Context,
): Promise<Finding & { polls: number }> => {
  const row = await readRow(context, run.application);
  const holders = await Promise.all(
    holdersOf(row).map(async (holder) => ({ ...holder, ending: await endingOf(context, holder.id) })),
  );
  return { ...judgeHolders(holders, context.now()), polls: (inspect?.value.polls ?? 0) + 1 };
};

export const handler = step("inspect-run", Input, inspectRun);

const holdersOf = ({ run, protect, rotate }: Row): Omit<Holder, "ending">[] => [
  ...(run ? [{ ...pick(run), lease: "run" as const }] : []),
  ...(protect ? [{ ...pick(protect), lease: "protect" as const }] : []),
  ...(rotate ? [{ ...pick(rotate), lease: "rotate" as const }] : []),
];

const pick = ({
  id,
  name,
  machine,
  acquiredAt,
}: {
  id: string;
  name: string;
  machine: string;
  acquiredAt: string;
}) => ({
  id,
  name,
  machine,
  acquiredAt,
});
