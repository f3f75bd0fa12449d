import { deregisterImage, listImages } from "../../../aws/ec2/images.ts";
import type { Budget } from "../../../core/budget.ts";
import type { Cursor } from "../../../core/instances/capture/cursor.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { visitManifests } from "../capture/manifest-pages.ts";
import { forEachServer } from "./for-each-server.ts";
import { registerOrFind } from "./image.ts";

/**
 * Registers the copies of each server of a complete point as an image, within the budget; then the point is
 * marked. An image-based server has one already. Safe to run twice.
 */
export const registerImages = async (
  context: Context,
  run: Run,
  point: Point,
  cursor: Cursor,
  budget: Budget,
  own: Record<string, string> = {},
): Promise<Cursor> => {
  const next = await forEachServer(context, point, cursor, async (manifest) => {
    if (manifest.image || manifest.sourceImage) return null;
    if (!budget.take()) return "stop";
    return { ...manifest, image: await registerOrFind(context, run, manifest, own) };
  });
  if (next.over && next.failed.count === 0) await context.store.markPoint(point, { imaged: true });
  return next;
};

/**
 * Deregisters the images of an older point, within the budget; their snapshots stay, and a launch from the
 * point makes new ones. The copied image of an image-based server stays. Safe to run twice.
 */
export const retireImages = async (
  context: Context,
  run: Run,
  point: Point,
  cursor: Cursor,
  budget: Budget,
): Promise<Cursor> => {
  const next = await forEachServer(context, point, cursor, async (manifest) => {
    if (!manifest.image || manifest.sourceImage) return null;
    if (!budget.take()) return "stop";
    await deregisterImage(context.clients, run.target, manifest.image);
    return { ...manifest, image: null };
  });
  if (!next.over || next.failed.count > 0) return next;
  if (point.imaged !== true && !(await retireStrays(context, run, point, budget)))
    return { ...next, over: false, after: point.servers.at(-1) ?? null };
  await context.store.markPoint(point, { imaged: false });
  return next;
};

/** A point that was never completely catalogued may have images of lost replies that no manifest references. True when none is left. */
const retireStrays = async (context: Context, run: Run, point: Point, budget: Budget): Promise<boolean> => {
  const kept = new Set<string | null>();
  await visitManifests(context, point, null, (page) => {
    for (const { image, sourceImage } of page) if (sourceImage) kept.add(image);
    return "more";
  });
  const listed = await listImages(context.clients, run.target, [
    { Name: `tag:${tagKeys.application}`, Values: [run.application] },
    { Name: `tag:${tagKeys.point}`, Values: [point.id] },
  ]);
  for (const { id } of listed.filter((image) => !kept.has(image.id))) {
    if (!budget.take()) return false;
    await deregisterImage(context.clients, run.target, id);
  }
  return true;
};
