import { isSilence } from "../../../aws/calls/errors.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Manifest, Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";

/** Points of the resource in this run's direction, oldest first. */
export const pointsOf = async ({ store }: Context, run: Run, resource: Resource): Promise<Point[]> => {
  const all = await store.points(run.application, resource.name);
  return all.filter(({ source, target }) => source === run.source && target === run.target);
};

/** The manifests of a point, without those of servers that were left out since. */
export const manifestsOf = async ({ store }: Context, point: Point): Promise<Manifest[]> => {
  const all = await store.manifests(point.application, point.id);
  return all.filter(({ server }) => point.servers.includes(server));
};

/** Calls the source Region; null when it does not respond, which does not fail the pass. */
export const unlessSilent = async <T>({ log }: Context, run: Run, ask: () => Promise<T>): Promise<T | null> => {
  try {
    return await ask();
  } catch (error) {
    if (!isSilence(error)) throw error;
    log.warn(`${run.source} did not respond`, { because: (error as Error).message });
    return null;
  }
};
