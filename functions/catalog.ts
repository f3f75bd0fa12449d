import * as z from "zod/mini";
import { type Budget, createBudget } from "./core/budget.ts";
import { limits } from "./core/limits.ts";
import { ageSecondsOf, exposureOfPoint } from "./core/model/exposure.ts";
import type { Plan, Resource } from "./core/model/plan.ts";
import type { Point } from "./core/model/recovery-point.ts";
import type { Run } from "./core/model/run.ts";
import { catalogWork } from "./core/points/catalog-work.ts";
import { choosePoint } from "./core/points/choose-point.ts";
import { damageNotice } from "./core/points/recheck.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { pointsOf } from "./kinds/instances/capture/replication.ts";
import { type Cursors, catalogResource } from "./kinds/instances/catalog/catalog-resource.ts";
import { collectOrphans, type OrphanSearch } from "./kinds/instances/catalog/collect-orphans.ts";
import { recheckPoints } from "./kinds/instances/catalog/recheck-points.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Reasons = z.record(z.string(), z.string());
const Before = z.object({
  passes: z.number(),
  sweeps: z.number(),
  walks: z.custom<Cursors>((value) => typeof value === "object"),
});
const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  snapshot: z.optional(z.object({ value: z.object({ problems: Reasons }) })),
  copy: z.optional(z.object({ value: z.object({ refused: Reasons, problems: z.optional(Reasons) }) })),
  catalog: z.optional(z.object({ value: Before })),
});

export type CatalogResult = {
  done: boolean;
  passes: number;
  waitSeconds: number;
  /** Points that this pass completed, and discarded. */
  complete: string[];
  discarded: string[];
  /** Age of the newest complete point of each resource; null when it has none. */
  rpoSeconds: Record<string, number | null>;
  /** Resource -> why it is not protected as the plan says. */
  problems: Record<string, string>;
  /** Cursor over the servers of each point; how often it has searched for orphaned snapshots. */
  walks: Cursors;
  sweeps: number;
};

/** Token buckets give so many a second. [EC2dev:ec2-api-throttling] */
const callsPerSecond = 5;
/** Further deletions wait for the next execution: the next snapshots must not wait for them. */
const collectionsMax = 10;

/**
 * Keeps the newest complete point of each resource registered as images, locks its copies where the plan says so,
 * deletes what no recovery needs, and publishes how old the points are. Never touches the snapshots of a complete
 * point. Safe to run twice.
 */
export const catalog = async (input: z.infer<typeof Input>, context: Context): Promise<CatalogResult> => {
  const { run, lease } = input;
  const startedAt = context.now();
  const { plan } = await beginStep(context, run, lease.value);
  const before = input.catalog?.value ?? { passes: 0, sweeps: 0, walks: {} };
  const known = await knownPoints(context, run, plan);

  const mutating = counted(context, limits.mutatingCallsPerPass);
  const deletes = counted(context, limits.deletesPerPass);
  const sourceDeletes = counted(context, limits.deletesPerPass);
  const walks: Cursors = {};
  const problems: Record<string, string> = {};
  const search: OrphanSearch = { points: [], basis: new Set() };
  let left = false;
  for (const { resource, points, newest } of known) {
    const work = catalogWork(resource, points, newest, run.startedAt);
    const one = await catalogResource(context, run, resource, work, before, { mutating, deletes });
    Object.assign(walks, one.walks);
    search.points.push(...work.orphaned);
    for (const { id } of work.basis) search.basis.add(id);
    left ||= one.left;
    const sentences = [one.problem, damageNotice(points, run.startedAt)].filter((because) => because !== null);
    if (sentences.length > 0) problems[resource.name] = sentences.join("; ");
  }
  const mayCollect = !left && before.sweeps < collectionsMax;
  const budgetOf = (region: string) => (region === run.target ? deletes : sourceDeletes);
  const collected = mayCollect ? await collectOrphans(context, run, search, budgetOf) : null;

  const settledHere = known
    .flatMap(({ points }) => points)
    .filter(({ settledAt, rotated }) => !rotated && (settledAt ?? "") >= run.startedAt);
  const idsIn = (state: Point["state"]) => settledHere.filter((point) => point.state === state).map(({ id }) => id);
  const used = Math.max(mutating.used(), deletes.used(), sourceDeletes.used());
  const result: CatalogResult = {
    done: !left && !(collected?.left ?? false),
    passes: before.passes + 1,
    waitSeconds: Math.max(limits.pollSecondsMin, Math.ceil(used / callsPerSecond)),
    complete: idsIn("complete"),
    discarded: idsIn("discarded"),
    rpoSeconds: Object.fromEntries(
      known.map(({ resource, newest }) => [
        resource.name,
        ageSecondsOf(exposureOfPoint(resource.name, newest), context.now()),
      ]),
    ),
    problems: joined(input.snapshot?.value.problems, input.copy?.value.problems, input.copy?.value.refused, problems),
    walks,
    sweeps: before.sweeps + (collected ? 1 : 0),
  };
  if (result.done) await recordPass(context, run, startedAt, result);
  return result;
};

export const handler = step("catalog", Input, catalog);

/** Every point of this direction, and the newest complete one. */
const knownPoints = async (context: Context, run: Run, plan: Plan) => {
  const known: { resource: Resource; points: Point[]; newest: Point | null }[] = [];
  for (const resource of plan.protect) {
    const points = await recheckPoints(context, run, await pointsOf(context, run, resource));
    known.push({ resource, points, newest: choosePoint(points, resource.name, { kind: "latest" }, run) });
  }
  return known;
};

const counted = (context: Context, calls: number): Budget & { used(): number } => {
  const budget = createBudget(calls, limits.startingSeconds, context.now);
  let used = 0;
  const take = () => {
    const may = budget.take();
    if (may) used += 1;
    return may;
  };
  return { take, used: () => used };
};

/** The problems of each resource from all states, in order. */
const joined = (...all: (Record<string, string> | undefined)[]) => {
  const merged: Record<string, string> = {};
  for (const [resource, because] of all.flatMap((one) => Object.entries(one ?? {})))
    merged[resource] = Object.hasOwn(merged, resource) ? `${merged[resource]}; ${because}` : because;
  return merged;
};

/** Publishes the ages, and records the pass: Partial, with the reasons, when it protected only a part of the plan. */
const recordPass = async (context: Context, run: Run, startedAt: Date, result: CatalogResult): Promise<void> => {
  const { rpoSeconds, complete, discarded, problems } = result;
  for (const [Resource, age] of Object.entries(rpoSeconds)) {
    const dimensions = { Application: run.application, Resource };
    if (age !== null) context.metrics.add("RecoveryPointAgeSeconds", "Seconds", age, dimensions);
  }
  const failed = Object.keys(problems);
  const sentences = Object.entries(problems).map(([resource, because]) => `${resource}: ${because}`);
  await recordStep(context, run, {
    state: "Catalog",
    startedAt,
    outcome: failed.length ? "Partial" : "Catalogued",
    detail: {
      rpoSeconds,
      complete,
      discarded,
      failed,
      because: sentences.join("; ") || null,
    },
  });
};
