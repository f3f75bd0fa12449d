import { isPassing } from "../../functions/aws/calls/errors.ts";
import { acquireProtect, releaseProtect } from "../../functions/aws/store/lease.ts";
import { type CatalogResult, catalog } from "../../functions/catalog.ts";
import { copy } from "../../functions/copy.ts";
import type { CopyResult } from "../../functions/core/instances/copy/pass-summary.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { type SnapshotResult, snapshot } from "../../functions/snapshot.ts";
import { aPass } from "./replication.ts";
import type { Simulated } from "./simulated.ts";

/** `copy` and `catalog` only when the pass came there. */
export type PassResult = { snapshot: SnapshotResult; copy: CopyResult; catalog: CatalogResult };

/** One pass of replication on the simulated AWS, in the order of its machine, with the Retry of its Tasks. */
export const playPass = async (
  { context, advance }: Simulated,
  plan: Plan,
  { until = "Catalog" }: { until?: "Snapshot" | "Copy" | "Catalog" } = {},
): Promise<PassResult> => {
  const startedAt = context.now().toISOString();
  const planVersion = await context.store.savePlan(plan);
  const run = aPass({ startedAt, planVersion, id: `arn:${startedAt}`, name: startedAt });
  const lease = { value: { generation: 1 } };
  const retried = async <T>(step: () => Promise<T>): Promise<T> => {
    for (let tries = 0; ; tries += 1)
      try {
        return await step();
      } catch (error) {
        if (tries >= 5 || !(isPassing(error) || (error as Error).name === "TransientError")) throw error;
        await advance(1);
      }
  };
  await retried(() => acquireProtect(context, run));
  const state: {
    snapshot?: { value: SnapshotResult };
    copy?: { value: CopyResult };
    catalog?: { value: CatalogResult };
  } = {};
  const input = () => ({ run, lease, ...state });

  for (let next = "again"; next === "again"; ) {
    state.snapshot = { value: await retried(() => snapshot(input(), context)) };
    next = state.snapshot.value.next;
    if (next === "again") await advance(state.snapshot.value.waitSeconds);
  }

  const { next } = state.snapshot!.value;
  for (let done = until === "Snapshot" || next !== "copy"; !done; ) {
    state.copy = { value: await retried(() => copy(input(), context)) };
    if (until === "Copy" && state.copy.value.started > 0) break;
    done = state.copy.value.done;
    if (!done) await advance(state.copy.value.waitSeconds);
  }
  for (let done = until !== "Catalog" || next === "rest"; !done; ) {
    state.catalog = { value: await retried(() => catalog(input(), context)) };
    done = state.catalog.value.done;
    if (!done) await advance(state.catalog.value.waitSeconds);
  }

  await retried(() => releaseProtect(context, run.application, run.id));
  return {
    snapshot: state.snapshot!.value,
    copy: state.copy?.value as CopyResult,
    catalog: state.catalog?.value as CatalogResult,
  };
};
