import type { Taking } from "../../../core/instances/capture/capture-progress.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { counted } from "../../../core/tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { discover } from "./discover.ts";

/** whole: every server is described · more: a further invocation goes on · refused: nothing to protect, or no answer. */
export type Described =
  | { action: "whole"; point: Point; taking: Taking }
  | { action: "more"; taking: Taking }
  | { action: "silent" }
  | { action: "refused"; because: string };

/**
 * Writes down which servers a point is of, a slice in each invocation: the point first, so that whoever comes next
 * knows what was begun, then the manifests, then the point again. Safe to run twice.
 */
export const describePoint = async (
  context: Context,
  run: Run,
  resource: Resource,
  taking: Taking,
): Promise<Described> => {
  const { store } = context;
  const known = await store.point(run.application, taking.point);
  if (known && known.opening === undefined) return { action: "whole", point: known, taking };

  const earlier = taking.earlier ? await store.point(run.application, taking.earlier) : null;
  const found = await discover(context, run, resource, {
    point: taking.point,
    after: known?.opening ?? "",
    earlier,
  });
  if (found.action === "silent") return found;
  const told = { ...taking, leftOut: found.leftOut.reduce(counted, taking.leftOut) };
  const servers = [...(known?.servers ?? []), ...found.manifests.map(({ server }) => server)];
  if (servers.length === 0 && found.last === null)
    return { action: "refused", because: told.leftOut.first.join("; ") || nothingOf(run, resource) };

  const point = known ?? opened(run, taking);
  if (!known) await store.savePoint(point);
  await store.saveManifests(found.manifests);
  const { opening: _opening, ...rest } = point;
  const next: Point = { ...rest, servers, ...(found.last !== null && { opening: found.last }) };
  await store.savePoint(next);
  if (found.last !== null) return { action: "more", taking: told };
  context.log.info("recovery point opened", { point: next.id, servers: servers.length });
  return { action: "whole", point: next, taking: told };
};

const opened = (run: Run, { resource, point, deadline }: Taking): Point => ({
  application: run.application,
  resource,
  id: point,
  state: "open",
  source: run.source,
  target: run.target,
  openedAt: run.startedAt,
  deadline,
  pointAt: null,
  completedAt: null,
  servers: [],
  opening: "",
  because: null,
});

const nothingOf = (run: Run, { select }: Resource) => {
  const tags = Object.entries(select.tags).map(([key, value]) => `${key}=${value}`);
  return `no instance in ${run.source} has the tags ${tags.join(", ")}`;
};
