import { isPassing } from "../../functions/aws/errors.ts";
import { acquireProtect, releaseProtect } from "../../functions/aws/lease.ts";
import { type CatalogResult, catalog } from "../../functions/catalog.ts";
import { type CopyResult, copy } from "../../functions/copy.ts";
import type { Plan } from "../../functions/core/plan.ts";
import { replicateProgress } from "../../functions/kinds/instances/replicate-progress.ts";
import { type SnapshotResult, snapshot } from "../../functions/snapshot.ts";
import { aPass } from "./replication.ts";
import type { Simulated } from "./simulated.ts";

export type PassResult = { snapshot: SnapshotResult; copies: number; catalog: CatalogResult };

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

  do {
    state.snapshot = { value: await retried(() => snapshot(input(), context)) };
    if (!state.snapshot.value.done) await advance(state.snapshot.value.waitSeconds);
  } while (!state.snapshot.value.done);

  let done = until === "Snapshot";
  while (!done) {
    state.copy = { value: await retried(() => copy(input(), context)) };
    await advance(state.copy.value.waitSeconds);
    if (until === "Copy" && state.copy.value.started > 0) break;
    let progress = await retried(() => replicateProgress(input(), context));
    while (!progress.done && !progress.work) {
      await advance(progress.waitSeconds);
      progress = await retried(() => replicateProgress(input(), context));
    }
    done = progress.done;
  }
  do {
    if (until !== "Catalog") break;
    state.catalog = { value: await retried(() => catalog(input(), context)) };
    if (!state.catalog.value.done) await advance(state.catalog.value.waitSeconds);
  } while (!state.catalog?.value.done);

  await retried(() => releaseProtect(context, run.application, run.id));
  return {
    snapshot: state.snapshot.value,
    copies: state.copy?.value.passes ?? 0,
    catalog: state.catalog?.value as CatalogResult,
  };
};
