import { codeOf, isPassing } from "../../aws/errors.ts";
import { deregisterImage, type ImageFact, listImages } from "../../aws/images.ts";
import { readRow } from "../../aws/lease.ts";
import type { Budget } from "../../core/budget.ts";
import { TransientError } from "../../core/errors.ts";
import { imageName, tagKeys } from "../../core/names.ts";
import type { Point } from "../../core/point.ts";
import type { Run } from "../../core/run.ts";
import type { Context } from "../../runtime/context.ts";
import { ensureAmong } from "./image.ts";
import { manifestsOf } from "./replication.ts";

export type Imaged = {
  /** Images that a further invocation must see to. */
  left: number;
  /** Resource -> why an image cannot be made. */
  problems: Record<string, string>;
};

/**
 * Sees that every server of these points, the newest complete one of each resource, has its image, and then takes away
 * the images of older points that no run has pinned. Their snapshots stay. Safe to run twice.
 */
export const keepImages = async (context: Context, run: Run, newest: Point[], budget: Budget): Promise<Imaged> => {
  const imaged: Imaged = { left: 0, problems: {} };
  const listed = await listImages(context.clients, run.target, [
    { Name: `tag:${tagKeys.application}`, Values: [run.application] },
  ]);
  const byName = new Map(listed.map((image) => [image.name, image]));
  const whole: Point[] = [];
  for (const point of newest) {
    const left = await registerPoint(context, run, point, byName, budget, imaged.problems);
    imaged.left += left;
    if (left === 0 && !(point.resource in imaged.problems)) whole.push(point);
  }
  imaged.left += await retire(context, run, whole, listed, budget);
  return imaged;
};

const registerPoint = async (
  context: Context,
  run: Run,
  point: Point,
  byName: Map<string, ImageFact>,
  budget: Budget,
  problems: Record<string, string>,
): Promise<number> => {
  let left = 0;
  for (const manifest of await manifestsOf(context, point)) {
    const found = byName.get(imageName(run.application, point.id, manifest.server));
    if (found?.id === manifest.image && found.state === "available") continue;
    if (!budget.take()) {
      left += 1;
      continue;
    }
    try {
      await ensureAmong(context, run, manifest, found);
    } catch (error) {
      const { message } = error as Error;
      context.log.warn("image not registered", { server: manifest.server, code: codeOf(error), message });
      if (isPassing(error) || error instanceof TransientError) left += 1;
      else problems[point.resource] = message;
    }
  }
  return left;
};

/** The manifest forgets an image before it goes: a launch then asks for it by name, and gets a new one. */
const retire = async (
  context: Context,
  run: Run,
  newest: Point[],
  listed: ImageFact[],
  budget: Budget,
): Promise<number> => {
  const current = new Map(newest.map(({ resource, id }) => [resource, id]));
  const isOld = ({ tags }: ImageFact) => {
    const kept = current.get(tags[tagKeys.resource] ?? "");
    return kept !== undefined && (tags[tagKeys.point] ?? kept) < kept;
  };
  const old = listed.filter(isOld);
  if (old.length === 0) return 0;
  const { run: moving } = await readRow(context, run.application);
  const pinned = new Set(Object.values(moving?.points ?? {}));

  let left = 0;
  for (const { id, tags } of old) {
    const [point = "", server = ""] = [tags[tagKeys.point], tags[tagKeys.server]];
    if (pinned.has(point)) continue;
    if (!budget.take()) {
      left += 1;
      continue;
    }
    const manifest = await context.store.manifest(run.application, point, server);
    if (manifest?.image) await context.store.saveManifest({ ...manifest, image: null });
    try {
      await deregisterImage(context.clients, run.target, id);
    } catch (error) {
      context.log.warn("image not deregistered", { image: id, code: codeOf(error), message: (error as Error).message });
      if (isPassing(error)) left += 1;
    }
  }
  return left;
};
