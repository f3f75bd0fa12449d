import * as z from "zod/mini";
import { protectLease, releaseProtect, releaseRun } from "./aws/store/lease.ts";
import { servesWhereProtected } from "./core/model/direction.ts";
import type { LastRun, Unfinished } from "./core/model/row.ts";
import type { Run } from "./core/model/run.ts";
import { type AbandonedRun, isWorthSending } from "./core/run/abandoned-run.ts";
import { AbandonedRunInput, ErrorInput, RunInput } from "./core/run/machine-state.ts";
import { judgeOutcome, phaseAfter, type ReportedError, readError } from "./core/run/outcome.ts";
import { unfinishedBy } from "./core/run/unfinished.ts";
import { acknowledgeRun } from "./operators/controls.ts";
import { endProof } from "./readiness/end-proof.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: z.optional(RunInput),
  error: z.optional(ErrorInput),
  /** Present once a run has begun to launch: from then on it has tried to move the application. */
  wave: z.optional(z.unknown()),
  /** Present once traffic was verified in the target. */
  traffic: z.catch(z.optional(z.object({ value: z.object({ done: z.boolean() }) })), undefined),
  /** Absent when the report could not be written. */
  report: z.optional(z.object({ value: z.object({ outcome: z.string(), told: z.optional(z.boolean()) }) })),
  inspect: z.optional(AbandonedRunInput),
});

/**
 * Releases the lease and the pins of this execution, or of the dead one that `close` found; before that it notes that the
 * report was not delivered, if so. Safe to run twice, and when there was never a lease.
 */
export const release = async (
  { run, error, wave, traffic, report, inspect }: z.infer<typeof Input>,
  context: Context,
): Promise<{ released: boolean }> => {
  if (!run) return { released: false };
  const closing = inspect?.value.closing;
  const isReported = report !== undefined && report.value.told !== false;
  if (run.machine === "close") {
    if (!closing) return { released: false };
    await noteReport(context, run.application, closing, isReported);
    if (closing.lease === "none") return { released: false };
    if (closing.lease === "run")
      return releaseFailover(context, run, {
        id: closing.id,
        name: closing.name,
        outcome: outcomeOf(closing, report?.value),
        tried: true,
        error: closing.error ? readError({ Error: closing.error, Cause: closing.cause ?? "" }) : null,
        ...(await diedAt(context, run.application, closing.name)),
      });
    await releaseProtect(context, run.application, closing.id, closing.lease);
    return { released: true };
  }
  // the person who answered saw the result
  if (!isReported && !run.answer)
    await noteReport(context, run.application, { ...run, acquiredAt: run.startedAt, run }, false);
  const own = protectLease(run.machine);
  if (own) {
    await releaseProtect(context, run.application, run.id, own);
    return { released: true };
  }
  const failure = error ? readError(error) : null;
  const outcome = report?.value.outcome ?? judgeOutcome(failure, false);
  const tried = wave !== undefined || Boolean(run.resume);
  // a run that a person started needs no acknowledgement
  if (tried && run.request.by === "person") await acknowledgeRun(context, run.application, run.name, "person");
  const served = traffic?.value.done ?? false;
  return releaseFailover(context, run, {
    id: run.id,
    name: run.name,
    outcome,
    tried,
    served,
    error: failure,
    resume: run.resume ?? null,
  });
};

export const handler = step("release", Input, release, { table: ["UpdateItem", "BatchWriteItem"], tries: endProof });

/** The outcome of a dead run; that of its report, if one was written before. */
const outcomeOf = ({ status }: AbandonedRun, report: { outcome: string } | undefined) =>
  report?.outcome === "succeeded" || report?.outcome === "partial" ? report.outcome : status.toLowerCase();

type ReportedRun = Pick<AbandonedRun, "id" | "name" | "machine" | "acquiredAt" | "run" | "again">;

/** Keeps an unreported run for `close`, and forgets one that is reported or too old. */
const noteReport = async (
  { store, log, now }: Context,
  application: string,
  { id, name, machine, acquiredAt, run, again }: ReportedRun,
  isReported: boolean,
) => {
  const at = now().toISOString();
  const known = await store.untoldRun(application, name);
  const unreported = {
    id,
    name,
    machine,
    acquiredAt,
    again,
    run: run ?? known?.run,
    since: known?.since ?? at,
    triedAt: at,
  };
  if (!isReported && isWorthSending(unreported.since, now())) {
    await store.saveUntoldRun(application, unreported);
    return;
  }
  if (!isReported) log.error("the end of a run could not be reported", { ...unreported });
  if (known) await store.forgetUntoldRun(application, name);
};

type Ended = {
  id: string;
  name: string;
  outcome: string;
  tried: boolean;
  /** Traffic was verified in the target. */
  served: boolean;
  error: ReportedError | null;
  resume: Unfinished | null;
};

/** How far a dead run came, from its ledger. */
const diedAt = async ({ store }: Context, application: string, name: string) => {
  const ledger = await store.ledger(application, name);
  const acquired = ledger.find(({ state }) => state === "AcquireLease")?.detail as { run?: Run } | undefined;
  const served = ledger.some(({ state, outcome }) => state === "VerifyTraffic" && outcome === "Served");
  return { served, resume: acquired?.run?.resume ?? null };
};

const releaseFailover = async (context: Context, { application, planVersion }: Run, ended: Ended) => {
  const row = await context.store.row(application);
  if (row?.run?.id !== ended.id) return { released: false };
  const plan = await context.store.plan(application, planVersion);
  const { id, name, outcome, served, resume } = ended;
  const moved = !servesWhereProtected(plan, row);
  const unfinished = moved && !served ? unfinishedBy(ended, resume) : undefined;
  const lastRun: LastRun = { id, name, outcome, endedAt: context.now().toISOString(), unfinished };
  await releaseRun(context, application, id, {
    phase: phaseAfter(plan, row),
    lastRun: ended.tried ? lastRun : row.lastRun,
  });
  return { released: true };
};
