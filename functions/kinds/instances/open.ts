import { due, newestOf } from "../../core/due.ts";
import { pointId } from "../../core/names.ts";
import type { Resource } from "../../core/plan.ts";
import type { Manifest, Point } from "../../core/point.ts";
import type { Run } from "../../core/run.ts";
import type { Context } from "../../runtime/context.ts";
import { discover } from "./discover.ts";
import { manifestsOf, pointsOf } from "./replication.ts";

/** An open point whose servers may still lack their snapshots. */
export type Taking = { resource: Resource; point: Point; manifests: Manifest[] };

type Opening =
  | { action: "take"; taking: Taking }
  | { action: "none" | "again" | "silent" }
  | { action: "refuse"; because: string };

export type Opened = {
  taking: Taking[];
  /** True when a further invocation must go on opening. */
  again: boolean;
  /** Resource -> why this pass gives it no recovery point. */
  problems: Record<string, string>;
};

/** Opens what is due of these resources; one that cannot be opened leaves the others as they are. */
export const openPoints = async (context: Context, run: Run, resources: Resource[]): Promise<Opened> => {
  const opened: Opened = { taking: [], again: false, problems: {} };
  let silent = false;
  for (const resource of resources) {
    const opening = await openIfDue(context, run, resource, silent);
    if (opening.action === "take") opened.taking.push(opening.taking);
    if (opening.action === "again") opened.again = true;
    if (opening.action === "refuse") opened.problems[resource.name] = opening.because;
    if (opening.action === "silent") {
      silent = true;
      opened.problems[resource.name] = `${run.source} gave no answer`;
    }
  }
  return opened;
};

/**
 * The point that this pass takes snapshots for: a new one when one is due, else the newest if it is still open. It is
 * written ahead, manifests first, so that whoever comes next knows what was wanted. Safe to run twice.
 */
const openIfDue = async (context: Context, run: Run, resource: Resource, silent: boolean): Promise<Opening> => {
  const points = await pointsOf(context, run, resource);
  if (due(resource, points, run).action === "open") return silent ? { action: "silent" } : open(context, run, resource);

  const newest = newestOf(points.filter(({ state }) => state !== "discarded"));
  if (newest?.state !== "open") return { action: "none" };
  return { action: "take", taking: { resource, point: newest, manifests: await manifestsOf(context, newest) } };
};

const open = async (context: Context, run: Run, resource: Resource): Promise<Opening> => {
  const { store, now } = context;
  const id = pointId(resource.name, new Date(run.startedAt));
  const found = await discover(context, run, resource, id);
  if (found.action !== "found") return found;

  const { manifests, leftOut } = found;
  if (manifests.length === 0) {
    const tags = Object.entries(resource.select.tags).map(([key, value]) => `${key}=${value}`);
    const because =
      leftOut.join("; ") || `no running or stopped instance in ${run.source} has the tags ${tags.join(", ")}`;
    return { action: "refuse", because };
  }
  await Promise.all(manifests.map((manifest) => store.saveManifest(manifest)));
  const point: Point = {
    application: run.application,
    resource: resource.name,
    id,
    state: "open",
    source: run.source,
    target: run.target,
    openedAt: run.startedAt,
    pointAt: null,
    completedAt: null,
    servers: manifests.map(({ server }) => server),
    because: leftOut.join("; ") || null,
  };
  await store.savePoint(point);
  context.log.info("recovery point opened", { point: id, servers: point.servers.length, at: now().toISOString() });
  return { action: "take", taking: { resource, point, manifests } };
};
