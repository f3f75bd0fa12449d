import * as z from "zod/mini";
import { checkLease } from "./aws/store/lease.ts";
import { StaleLeaseError } from "./core/errors.ts";
import type { CaptureProgress } from "./core/instances/capture/capture-progress.ts";
import type { Run } from "./core/model/run.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { abandon } from "./kinds/instances/capture/consistency.ts";
import { type Survey, survey } from "./kinds/instances/capture/survey.ts";
import { type CaptureResult, takePoints } from "./kinds/instances/capture/take-points.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Before = z.object({
  value: z.object({
    passes: z.number(),
    started: z.number(),
    problems: z.record(z.string(), z.string()),
    points: z.array(z.string()),
    taking: z.custom<CaptureProgress[]>((value) => Array.isArray(value)),
    then: z.enum(["copy", "catalog", "rest"]),
  }),
});
const Input = z.object({ run: RunInput, lease: LeaseInput, snapshot: z.optional(Before) });

export type SnapshotResult = {
  done: boolean;
  /** again: this state · copy, catalog: the states that have something to do · rest: none has. */
  next: "again" | "copy" | "catalog" | "rest";
  passes: number;
  waitSeconds: number;
  /** Sets started by this pass so far. */
  started: number;
  /** Points whose sets this pass took, and whose copies it queued. */
  points: string[];
  /** Resource -> why this pass gives it no recovery point, or not the one that the plan asks for. */
  problems: Record<string, string>;
  /** Progress of the points that a further invocation continues. */
  taking: CaptureProgress[];
  /** The next state even if nothing is taken. */
  then: Survey["then"];
};

/**
 * Opens the recovery points that are due, takes their snapshots in the source Region, one CreateSnapshots call for each
 * server, and puts their copies into the queue. A server that cannot be protected does not affect the others. Safe to run twice.
 */
export const snapshot = async (
  { run, lease, snapshot: before }: z.infer<typeof Input>,
  context: Context,
): Promise<SnapshotResult> => {
  const startedAt = context.now();
  const plan = await context.store.plan(run.application, run.planVersion);
  try {
    await checkLease(context, run, lease.value);
  } catch (error) {
    if (error instanceof StaleLeaseError) await abandon(context, run, plan, before?.value.taking ?? []);
    throw error;
  }
  const found = before ? null : await survey(context, run, plan);
  const captures = found?.captures ?? before?.value.taking ?? [];
  const taken = await takePoints(context, run, plan, captures);
  await recordPoints(context, run, startedAt, taken);

  const problems = { ...before?.value.problems, ...taken.problems };
  const done = taken.captures.length === 0;
  const then = thenOf(found?.then ?? before?.value.then ?? "catalog", taken, problems);
  const isQueued = done && then !== "copy" && (await context.store.queue(run.application, 1)).items.length > 0;
  const next = done ? (isQueued ? "copy" : then) : "again";
  if (next === "rest") publish(context, run, found?.ages ?? {});
  return {
    done,
    next,
    passes: (before?.value.passes ?? 0) + 1,
    waitSeconds: taken.waitSeconds,
    started: (before?.value.started ?? 0) + taken.started,
    points: [...(before?.value.points ?? []), ...taken.queued.map(({ id }) => id)],
    problems,
    taking: taken.captures,
    then,
  };
};

export const handler = step("snapshot", Input, snapshot);

/** The report must name a problem, even if there is nothing else to do. */
const thenOf = (known: Survey["then"], { queued }: CaptureResult, problems: Record<string, string>): Survey["then"] => {
  if (queued.length > 0 || known === "copy") return "copy";
  return Object.keys(problems).length > 0 ? "catalog" : known;
};

const recordPoints = async (
  context: Context,
  run: Run,
  startedAt: Date,
  { queued, problems }: CaptureResult,
): Promise<void> => {
  for (const { resource, id, servers, because } of queued)
    await recordStep(context, run, {
      state: "Snapshot",
      subject: resource,
      startedAt,
      outcome: "Taken",
      detail: {
        point: id,
        servers: servers.length,
        because,
      },
    });
  for (const [resource, because] of Object.entries(problems))
    if (!queued.some((point) => point.resource === resource))
      await recordStep(context, run, {
        state: "Snapshot",
        subject: resource,
        startedAt,
        outcome: "Failed",
        detail: { failed: [resource], because },
      });
};

const publish = ({ metrics }: Context, { application }: Run, ages: Record<string, number>) => {
  for (const [Resource, age] of Object.entries(ages))
    metrics.add("RecoveryPointAgeSeconds", "Seconds", age, { Application: application, Resource });
};
