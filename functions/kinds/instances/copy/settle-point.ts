import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { withImage } from "../../../core/instances/capture/image-capture.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import { bySource, judgeEnded, judgeImage } from "../../../core/instances/copy/judge-copy.ts";
import type { QueueChunk } from "../../../core/instances/copy/queue.ts";
import { isImage } from "../../../core/instances/copy/schedule.ts";
import type { Manifest, Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { discardPoint } from "../capture/discard.ts";
import { manifestsOf } from "../capture/replication.ts";
import { type ImageCopyState, imageCopyStates } from "./copy-images.ts";

/** requeued: some copies are to be asked for again, or are pending after all. */
export type Settled = {
  outcome: "complete" | "discarded" | "requeued";
  point: Point;
  because: string;
  /** Copies that were found in error. */
  failed: number;
  /** Entries that went back into the queue. */
  requeued: number;
};

/**
 * Settles an open point all of whose entries have ended, by one listing of its copies: complete when all of them are
 * completed (law 8); what failed goes back into the queue, and the point is given up when that is of no use.
 */
export const settlePoint = async (context: Context, run: Run, id: string): Promise<Settled | null> => {
  const { store, now } = context;
  const point = await store.point(run.application, id);
  if (point?.state !== "open") return null;
  const [chunks, manifests] = await Promise.all([store.endedQueue(run.application, id), manifestsOf(context, point)]);
  const copies = bySource(await copiesOfPoint(context, run, id));
  const images = await imagesOf(context, run, chunks);
  const judged = chunks.map((chunk) => ({
    chunk,
    verdicts: chunk.entries.map((entry) =>
      isImage(entry)
        ? judgeImage(entry, images.get(entry.copy ?? ""), now())
        : judgeEnded(entry, copies.get(entry.from) ?? [], now()),
    ),
  }));
  const verdicts = judged.flatMap((one) => one.verdicts);
  const failed = verdicts.filter(({ outcome }) => outcome === "again" || outcome === "failed").length;
  const settled = { point, failed, requeued: 0 };

  const lost = verdicts.find(({ outcome }) => outcome === "failed");
  if (lost) return { ...settled, outcome: "discarded", ...(await giveUp(context, point, lost.because)) };
  const open = verdicts.filter(({ outcome }) => outcome !== "copied");
  if (open.length > 0) {
    await store.saveQueue(judged.map((one) => ({ ...one.chunk, entries: one.verdicts.map(({ entry }) => entry) })));
    const requeued = open.filter(({ entry }) => !entry.ended).length;
    return { ...settled, outcome: "requeued", because: open[0]!.because, requeued };
  }

  const copyOf = new Map(verdicts.map(({ entry }) => [isImage(entry) ? entry.server : entry.from, entry.copy]));
  const completed = new Set([...copies.values()].flat().flatMap(({ id, state }) => (state === "completed" ? id : [])));
  const whole = manifests.map((manifest) => withCopies(manifest, copyOf, images, completed));
  const missing = whole.find(({ volumes }) => volumes.some(({ snapshot }) => snapshot === null));
  if (missing) {
    const because = `${missing.server} has a volume that was never queued`;
    return { ...settled, outcome: "discarded", ...(await giveUp(context, point, because)) };
  }
  return { ...settled, outcome: "complete", ...(await complete(context, point, whole)) };
};

/**
 * Writes which copy each volume is restored from, then the point itself: it counts only once its manifests are whole.
 * Its time is the earliest StartTime of its source snapshots. Safe to run twice.
 */
const complete = async ({ store, now, log }: Context, point: Point, manifests: Manifest[]) => {
  await store.saveManifests(manifests);
  const [pointAt] = manifests.flatMap(({ takenAt }) => takenAt ?? []).sort();
  const at = now().toISOString();
  const settled: Point = { ...point, state: "complete", pointAt: pointAt ?? null, completedAt: at, settledAt: at };
  await store.savePoint(settled);
  await store.dropQueue(settled);
  log.info("recovery point complete", { point: point.id, pointAt });
  return { point: settled, because: `${manifests.length} servers` };
};

const withCopies = (
  manifest: Manifest,
  copyOf: Map<string, string | null>,
  images: Map<string, ImageCopyState>,
  completed: ReadonlySet<string>,
): Manifest => {
  const image = copyOf.get(manifest.server);
  if (image) return withImage(manifest, { id: image, devices: images.get(image)?.snapshots ?? [] });
  // an image that was registered while other copies ran needs the very copies that it was made of
  if (manifest.image && manifest.volumes.every(({ snapshot }) => completed.has(snapshot ?? ""))) return manifest;
  const volumes = manifest.volumes.map((volume) => ({
    ...volume,
    snapshot: copyOf.get(volume.sourceSnapshot ?? "") ?? null,
  }));
  return { ...manifest, volumes, image: null };
};

const giveUp = async (context: Context, point: Point, because: string) => ({
  point: await discardPoint(context, point, because),
  because,
});

/** Copies of images that are in the queue. */
const imagesOf = async (context: Context, run: Run, chunks: QueueChunk[]): Promise<Map<string, ImageCopyState>> => {
  const ids = chunks.flatMap(({ entries }) => entries.filter(isImage).flatMap(({ copy }) => copy ?? []));
  return ids.length ? imageCopyStates(context, run.target, ids) : new Map();
};

const copiesOfPoint = ({ clients }: Context, run: Run, id: string): Promise<SnapshotFact[]> =>
  listSnapshots(clients, run.target, [
    { Name: `tag:${tagKeys.application}`, Values: [run.application] },
    { Name: `tag:${tagKeys.point}`, Values: [id] },
  ]);
