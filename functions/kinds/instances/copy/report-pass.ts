import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import type { CopyMemory } from "../../../core/instances/copy/pass-state.ts";
import { projectedAges } from "../../../core/instances/copy/progress.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { recordStep } from "../../../runtime/ledger.ts";

/** Publishes how each resource stands after a pass. `failed`: copies of a resource that this pass found in error. */
export const tellPass = (
  { metrics, now }: Context,
  run: Run,
  memory: CopyMemory,
  { copies, failed }: { copies: SnapshotFact[]; failed: Map<string, number> },
): void => {
  for (const { resource, ageSeconds, projectedSeconds } of projectedAges(memory, copies, now())) {
    const dimensions = { Application: run.application, Resource: resource };
    // a metric costs by the hours in which it is sent: what is well says nothing
    const inError = failed.get(resource) ?? 0;
    if (inError > 0) metrics.add("FailedCopies", "Count", inError, dimensions);
    if (ageSeconds !== null) metrics.add("RecoveryPointAgeSeconds", "Seconds", ageSeconds, dimensions);
    if (projectedSeconds !== null)
      metrics.add("ProjectedRecoveryPointAgeSeconds", "Seconds", projectedSeconds, dimensions);
  }
};

/** Writes the end of the copies of a run into the ledger, with exact counts. */
export const tellCopies = async (
  context: Context,
  run: Run,
  startedAt: Date,
  { copied, failed, completed, discarded, refused, problems }: CopyMemory,
  left: number,
): Promise<void> => {
  const reasons = Object.entries({ ...problems, ...refused }).map(([resource, because]) => `${resource}: ${because}`);
  const outcome = left > 0 || discarded.length > 0 || reasons.length > 0 ? "Partial" : "Copied";
  await recordStep(context, run, {
    state: "Copy",
    startedAt,
    outcome,
    detail: {
      copied,
      failed,
      left,
      completed,
      discarded,
      because: reasons.join("; ") || null,
    },
  });
};
