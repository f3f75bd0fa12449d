import type { CaptureProgress } from "../../../core/instances/capture/capture-progress.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { counted } from "../../../core/tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { discover } from "./discover.ts";

/** whole: all servers are described · more: the next invocation continues · silent: no response · refused: nothing to protect. */
export type DescribeResult =
  | { action: "whole"; point: Point; progress: CaptureProgress }
  | { action: "more"; progress: CaptureProgress }
  | { action: "silent" }
  | { action: "refused"; because: string };

/**
 * Records the servers of a point, a slice in each invocation: the point first, so that the next invocation knows that it
 * was begun, then the manifests, then the point again. Safe to run twice.
 */
export const describePoint = async (
  context: Context,
  run: Run,
  resource: Resource,
  progress: CaptureProgress,
): Promise<DescribeResult> => {
  const { store } = context;
  const known = await store.point(run.application, progress.point);
  if (known && known.opening === undefined) return { action: "whole", point: known, progress };

  const earlier = progress.earlier ? await store.point(run.application, progress.earlier) : null;
  const found = await discover(context, run, resource, {
    point: progress.point,
    after: known?.opening ?? "",
    earlier,
  });
  if (found.action === "silent") return found;
  const next = { ...progress, leftOut: found.leftOut.reduce(counted, progress.leftOut) };
  const servers = [...(known?.servers ?? []), ...found.manifests.map(({ server }) => server)];
  if (servers.length === 0 && found.last === null)
    return { action: "refused", because: next.leftOut.first.join("; ") || nothingOf(run, resource) };

  const point = known ?? opened(run, progress);
  if (!known) await store.savePoint(point);
  await store.saveManifests(found.manifests);
  const { opening: _opening, ...rest } = point;
  const described: Point = { ...rest, servers, ...(found.last !== null && { opening: found.last }) };
  await store.savePoint(described);
  if (found.last !== null) return { action: "more", progress: next };
  context.log.info("recovery point opened", { point: described.id, servers: servers.length });
  return { action: "whole", point: described, progress: next };
};

const opened = (run: Run, { resource, point, deadline }: CaptureProgress): Point => ({
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
