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

/** The servers of a point as they were listed. A manifest of a server that was left out since does not count. */
export const manifestsOf = async ({ store }: Context, point: Point): Promise<Manifest[]> => {
  const all = await store.manifests(point.application, point.id);
  return all.filter(({ server }) => point.servers.includes(server));
};

/** Asks the source Region; null when it gives no answer, which is no failure of the pass. */
export const unlessSilent = async <T>({ log }: Context, run: Run, ask: () => Promise<T>): Promise<T | null> => {
  try {
    return await ask();
  } catch (error) {
    if (!isSilence(error)) throw error;
    log.warn(`${run.source} gave no answer`, { because: (error as Error).message });
    return null;
  }
};
