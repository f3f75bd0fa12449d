import * as z from "zod/mini";
import { protectLease, releaseProtect, releaseRun } from "./aws/store/lease.ts";
import { isAtHome } from "./core/model/direction.ts";
import type { LastRun, Unfinished } from "./core/model/row.ts";
import type { Run } from "./core/model/run.ts";
import { type Closing, isStillNews } from "./core/run/abandoned-run.ts";
import { ClosingInput, ErrorInput, RunInput } from "./core/run/machine-state.ts";
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
  /** Present once users were looked at in the target. */
  traffic: z.catch(z.optional(z.object({ value: z.object({ done: z.boolean() }) })), undefined),
  /** Absent when the report could not be written. */
  report: z.optional(z.object({ value: z.object({ outcome: z.string(), told: z.optional(z.boolean()) }) })),
  inspect: z.optional(ClosingInput),
});

/**
 * Gives back the lease and the pins of this execution, or of the dead one that `close` found, and notes first that nobody has
 * heard how it ended, if that is so. Safe to run twice, and when there was never a lease.
 */
export const release = async (
  { run, error, wave, traffic, report, inspect }: z.infer<typeof Input>,
  context: Context,
): Promise<{ released: boolean }> => {
  if (!run) return { released: false };
  const closing = inspect?.value.closing;
  const isTold = report !== undefined && report.value.told !== false;
  if (run.machine === "close") {
    if (!closing) return { released: false };
    await noteUntold(context, run.application, closing, isTold);
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
  // whoever gave an answer saw what became of it
  if (!isTold && !run.answer)
    await noteUntold(context, run.application, { ...run, acquiredAt: run.startedAt, run }, false);
  const own = protectLease(run.machine);
  if (own) {
    await releaseProtect(context, run.application, run.id, own);
    return { released: true };
  }
  const failure = error ? readError(error) : null;
  const outcome = report?.value.outcome ?? judgeOutcome(failure, false);
  const tried = wave !== undefined || Boolean(run.resume);
  // a run that a person started is known to a person: it blocks nothing
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

/** What `close` wrote down of a dead run; one that had its report before ended as that says. */
const outcomeOf = ({ status }: Closing, report: { outcome: string } | undefined) =>
  report?.outcome === "succeeded" || report?.outcome === "partial" ? report.outcome : status.toLowerCase();

type Told = Pick<Closing, "id" | "name" | "machine" | "acquiredAt" | "run" | "again">;

/** Keeps for the sweeps of `close` what people have still to hear of, and forgets what they have heard, or is no news any more. */
const noteUntold = async (
  { store, log, now }: Context,
  application: string,
  { id, name, machine, acquiredAt, run, again }: Told,
  isTold: boolean,
) => {
  const at = now().toISOString();
  const known = await store.untoldRun(application, name);
  const untold = {
    id,
    name,
    machine,
    acquiredAt,
    again,
    run: run ?? known?.run,
    since: known?.since ?? at,
    triedAt: at,
  };
  if (!isTold && isStillNews(untold.since, now())) {
    await store.saveUntoldRun(application, untold);
    return;
  }
  if (!isTold) log.error("the end of a run could not be reported", { ...untold });
  if (known) await store.forgetUntoldRun(application, name);
};

type Ended = {
  id: string;
  name: string;
  outcome: string;
  tried: boolean;
  /** Users were seen to be served in the target. */
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
  const moved = !isAtHome(plan, row);
  const unfinished = moved && !served ? unfinishedBy(ended, resume) : undefined;
  const lastRun: LastRun = { id, name, outcome, endedAt: context.now().toISOString(), unfinished };
  await releaseRun(context, application, id, {
    phase: phaseAfter(plan, row),
    lastRun: ended.tried ? lastRun : row.lastRun,
  });
  return { released: true };
};
