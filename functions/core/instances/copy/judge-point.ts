import type { Manifest } from "../../model/recovery-point.ts";
import { withImage } from "../capture/image-capture.ts";
import type { SnapshotFact } from "../capture/snapshot.ts";
import { bySource, type ImageCopy, judgeEnded, judgeImage } from "./judge-copy.ts";
import type { QueueChunk } from "./queue.ts";
import { isImageEntry } from "./startable.ts";

/** An open point all of whose entries have ended, and its copies as the target Region shows them. */
export type PointFacts = {
  chunks: QueueChunk[];
  manifests: Manifest[];
  copies: SnapshotFact[];
  /** By the id of the copied image. */
  images: ReadonlyMap<string, ImageCopy>;
};

/**
 * The verdict on a point. complete: with these manifests · discarded: it can never be complete · requeued: these
 * chunks go back into the queue, with `requeued` entries to be copied again or still pending. `failed`: copies in error.
 */
export type PointVerdict = { failed: number; requeued: number; because: string } & (
  | { outcome: "complete"; manifests: Manifest[]; pointAt: string | null }
  | { outcome: "discarded" }
  | { outcome: "requeued"; chunks: QueueChunk[] }
);

/** Complete when all of its copies are completed (invariant 8); discarded when a copy failed too often or was never queued. */
export const judgePoint = ({ chunks, manifests, copies, images }: PointFacts, now: Date): PointVerdict => {
  const bySnapshot = bySource(copies);
  const judged = chunks.map((chunk) => ({
    chunk,
    verdicts: chunk.entries.map((entry) =>
      isImageEntry(entry)
        ? judgeImage(entry, images.get(entry.copy ?? ""), now)
        : judgeEnded(entry, bySnapshot.get(entry.from) ?? [], now),
    ),
  }));
  const verdicts = judged.flatMap((one) => one.verdicts);
  const failed = verdicts.filter(({ outcome }) => outcome === "again" || outcome === "failed").length;
  const facts = { failed, requeued: 0 };

  const lost = verdicts.find(({ outcome }) => outcome === "failed");
  if (lost) return { ...facts, outcome: "discarded", because: lost.because };
  const open = verdicts.filter(({ outcome }) => outcome !== "copied");
  const [first] = open;
  if (first) {
    const again = judged.map((one) => ({ ...one.chunk, entries: one.verdicts.map(({ entry }) => entry) }));
    const requeued = open.filter(({ entry }) => !entry.ended).length;
    return { failed, requeued, outcome: "requeued", because: first.because, chunks: again };
  }

  const copyOf = new Map(verdicts.map(({ entry }) => [isImageEntry(entry) ? entry.server : entry.from, entry.copy]));
  const completed = new Set(copies.flatMap(({ id, state }) => (state === "completed" ? id : [])));
  const whole = manifests.map((manifest) => withCopies(manifest, copyOf, images, completed));
  const missing = whole.find(({ volumes }) => volumes.some(({ snapshot }) => snapshot === null));
  if (missing)
    return { ...facts, outcome: "discarded", because: `${missing.server} has a volume that was never queued` };
  const [pointAt = null] = whole.flatMap(({ takenAt }) => takenAt ?? []).sort();
  return { ...facts, outcome: "complete", because: `${whole.length} servers`, manifests: whole, pointAt };
};

const withCopies = (
  manifest: Manifest,
  copyOf: Map<string, string | null>,
  images: PointFacts["images"],
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
