import * as z from "zod/mini";
import { checkLease } from "./aws/lease.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import type { Run } from "./core/run.ts";
import { openPoints, type Taking } from "./kinds/instances/open.ts";
import { takeSets } from "./kinds/instances/snapshot-sets.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Before = z.object({
  value: z.object({ passes: z.number(), started: z.number(), problems: z.record(z.string(), z.string()) }),
});
const Input = z.object({ run: RunInput, lease: LeaseInput, snapshot: z.optional(Before) });

export type SnapshotResult = {
  done: boolean;
  passes: number;
  waitSeconds: number;
  /** Sets started by this pass so far. */
  started: number;
  points: string[];
  /** Resource -> why this pass gives it no recovery point. */
  problems: Record<string, string>;
};

/** Beyond the lag of Describe calls, and the 15 s that EBS wants between two snapshots of a volume. */
const waitSeconds = 15;

/**
 * Opens the recovery points that are due and takes their snapshots in the source Region: one CreateSnapshots call for
 * each server. A resource that cannot be protected leaves the others as they are. Safe to run twice.
 */
export const snapshot = async (
  { run, lease, snapshot: before }: z.infer<typeof Input>,
  context: Context,
): Promise<SnapshotResult> => {
  const startedAt = context.now();
  await checkLease(context, run, lease.value);
  const plan = await context.store.plan(run.application, run.planVersion);

  const known: Record<string, string> = before?.value.problems ?? {};
  const resources = plan.protect.filter(({ name }) => !(name in known));
  const opened = await openPoints(context, run, resources);
  const taken = await takeSets(context, run, opened.taking);

  const result: SnapshotResult = {
    done: !opened.again && taken.waiting === 0,
    passes: (before?.value.passes ?? 0) + 1,
    waitSeconds,
    started: (before?.value.started ?? 0) + taken.started,
    points: opened.taking.map(({ point }) => point.id),
    problems: { ...known, ...opened.problems, ...taken.problems },
  };
  if (result.done) await tell(context, run, startedAt, opened.taking, result.problems);
  return result;
};

const tell = async (
  context: Context,
  run: Run,
  startedAt: Date,
  taking: Taking[],
  problems: Record<string, string>,
): Promise<void> => {
  for (const { resource, point } of taking.filter(({ resource }) => !(resource.name in problems)))
    await recordStep(context, run, "Snapshot", resource.name, startedAt, "Taken", {
      point: point.id,
      servers: point.servers.length,
      because: point.because,
    });
  for (const [resource, because] of Object.entries(problems))
    await recordStep(context, run, "Snapshot", resource, startedAt, "Failed", { failed: [resource], because });
};

export const handler = step("snapshot", Input, snapshot);
