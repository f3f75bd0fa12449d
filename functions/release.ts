import * as z from "zod/mini";
import { protectLease, releaseProtect, releaseRun } from "./aws/lease.ts";
import { ClosingInput, ErrorInput, RunInput } from "./core/inputs.ts";
import { judgeOutcome, phaseAfter, readError } from "./core/outcome.ts";
import type { Run } from "./core/run.ts";
import type { Context } from "./runtime/context.ts";
import { acknowledgeRun } from "./runtime/people.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: z.optional(RunInput),
  error: z.optional(ErrorInput),
  /** Present once a run has begun to launch: from then on it has tried to move the application. */
  wave: z.optional(z.unknown()),
  report: z.optional(z.object({ value: z.object({ outcome: z.string() }) })),
  inspect: z.optional(ClosingInput),
});

/**
 * Gives back the lease and the pins of this execution, or of the dead one that `close` found. Safe to run twice, and
 * when there was never a lease.
 */
export const release = async (
  { run, error, wave, report, inspect }: z.infer<typeof Input>,
  context: Context,
): Promise<{ released: boolean }> => {
  if (!run) return { released: false };
  const closing = inspect?.value.closing;
  if (run.machine === "close") {
    if (!closing) return { released: false };
    if (closing.lease === "run")
      return releaseFailover(context, run, { ...closing, outcome: closing.status.toLowerCase(), tried: true });
    await releaseProtect(context, run.application, closing.id, closing.lease);
    return { released: true };
  }
  const own = protectLease(run.machine);
  if (own) {
    await releaseProtect(context, run.application, run.id, own);
    return { released: true };
  }
  const outcome = report?.value.outcome ?? judgeOutcome(error ? readError(error) : null, false);
  const tried = wave !== undefined;
  // a run that a person started is known to a person: it blocks nothing
  if (tried && run.request.by === "person") await acknowledgeRun(context, run.application, run.name, "person");
  return releaseFailover(context, run, { id: run.id, name: run.name, outcome, tried });
};

export const handler = step("release", Input, release);

type Ended = { id: string; name: string; outcome: string; tried: boolean };

const releaseFailover = async (context: Context, { application, planVersion }: Run, ended: Ended) => {
  const row = await context.store.row(application);
  if (row?.run?.id !== ended.id) return { released: false };
  const { regions } = await context.store.plan(application, planVersion);
  const { id, name, outcome } = ended;
  const lastRun = { id, name, outcome, endedAt: context.now().toISOString() };
  await releaseRun(context, application, id, {
    phase: phaseAfter(row, regions.recovery),
    lastRun: ended.tried ? lastRun : row.lastRun,
  });
  return { released: true };
};
