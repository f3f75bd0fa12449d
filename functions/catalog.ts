import * as z from "zod/mini";
import { checkLease } from "./aws/lease.ts";
import { createBudget } from "./core/budget.ts";
import { choosePoint } from "./core/choose-point.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import { limits } from "./core/limits.ts";
import type { Point } from "./core/point.ts";
import type { Run } from "./core/run.ts";
import { settlePoints } from "./kinds/instances/complete.ts";
import { markSwept, sweep } from "./kinds/instances/discard.ts";
import { keepImages } from "./kinds/instances/images.ts";
import { readReplication } from "./kinds/instances/replication.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Reasons = z.record(z.string(), z.string());
const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  snapshot: z.optional(z.object({ value: z.object({ problems: Reasons }) })),
  copy: z.optional(z.object({ value: z.object({ refused: Reasons }) })),
  catalog: z.optional(z.object({ value: z.object({ passes: z.number() }) })),
});

export type CatalogResult = {
  done: boolean;
  passes: number;
  waitSeconds: number;
  /** Points that this pass completed, and gave up. */
  complete: string[];
  discarded: string[];
  /** Age of the newest complete point of each resource; null when it has none. */
  rpoSeconds: Record<string, number | null>;
  /** Resource -> what kept it from being protected as the plan says. */
  problems: Record<string, string>;
};

/** Long enough for the token bucket of mutating calls (5 a second) and for what listings lag behind. */
const waitSeconds = 10;

/**
 * Settles the points, deletes what no recovery needs, keeps the newest complete point of each resource registered as
 * images, and publishes how old it is. Never touches the snapshots of a complete point. Safe to run twice.
 */
export const catalog = async (input: z.infer<typeof Input>, context: Context): Promise<CatalogResult> => {
  const { run, lease } = input;
  const startedAt = context.now();
  await checkLease(context, run, lease.value);
  const plan = await context.store.plan(run.application, run.planVersion);
  const replication = await readReplication(context, run, plan, "unswept");
  await settlePoints(context, plan, replication);

  const newest = [...replication.points].map(
    ([resource, points]) => [resource, choosePoint(points, resource, { kind: "latest" }, run)] as const,
  );
  const { createSnapshotsPerPass, mutatingCallsPerPass, startingSeconds } = limits;
  const images = await keepImages(
    context,
    run,
    newest.flatMap(([, point]) => point ?? []),
    createBudget(mutatingCallsPerPass, startingSeconds, context.now),
  );
  const swept = await sweep(
    context,
    run,
    replication.watched,
    createBudget(createSnapshotsPerPass, startingSeconds, context.now),
  );
  await markSwept(context, run, replication);

  const settledHere = [...replication.points.values()]
    .flat()
    .filter(({ settledAt }) => (settledAt ?? "") >= run.startedAt);
  const idsIn = (state: Point["state"]) => settledHere.filter((point) => point.state === state).map(({ id }) => id);
  const result: CatalogResult = {
    done: images.left + swept.left === 0,
    passes: (input.catalog?.value.passes ?? 0) + 1,
    waitSeconds,
    complete: idsIn("complete"),
    discarded: idsIn("discarded"),
    rpoSeconds: Object.fromEntries(newest.map(([resource, point]) => [resource, ageSeconds(point, context.now())])),
    problems: { ...input.snapshot?.value.problems, ...input.copy?.value.refused, ...images.problems },
  };
  if (result.done) await tell(context, run, startedAt, result);
  return result;
};

export const handler = step("catalog", Input, catalog);

const ageSeconds = (point: Point | null, now: Date) =>
  point?.pointAt ? Math.round((now.getTime() - Date.parse(point.pointAt)) / 1_000) : null;

/** A pass that protected only a part of the plan names the rest: what it did protect is none the worse for it. */
const tell = async (context: Context, run: Run, startedAt: Date, result: CatalogResult): Promise<void> => {
  const { rpoSeconds, complete, discarded, problems } = result;
  for (const [Resource, age] of Object.entries(rpoSeconds)) {
    const dimensions = { Application: run.application, Resource };
    if (age !== null) context.metrics.add("RecoveryPointAgeSeconds", "Seconds", age, dimensions);
  }
  const failed = Object.keys(problems);
  const sentences = Object.entries(problems).map(([resource, because]) => `${resource}: ${because}`);
  await recordStep(context, run, "Catalog", "", startedAt, failed.length ? "Partial" : "Catalogued", {
    rpoSeconds,
    complete,
    discarded,
    failed,
    because: sentences.join("; ") || null,
  });
};
