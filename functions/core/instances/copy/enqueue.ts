import type { Manifest, Point } from "../../model/recovery-point.ts";
import { entriesPerChunk, type QueueChunk, type QueueEntry } from "./queue.ts";

/** The copies that a server whose set is taken needs: one for each of its volumes, or one of its image. */
export const entriesOf = ({ server, volumes, takenAt, sourceImage }: Manifest): QueueEntry[] => {
  const fresh = { server, takenAt: takenAt ?? "", askedAt: null, copy: null, ended: false, tries: 0 };
  if (sourceImage) {
    const sizeGiB = volumes.reduce((sum, one) => sum + one.sizeGiB, 0);
    const slots = Math.max(1, volumes.length);
    return [{ ...fresh, volume: "", device: "", sizeGiB, slots, from: sourceImage }];
  }
  return volumes.flatMap(({ volume, device, sizeGiB, sourceSnapshot }) =>
    sourceSnapshot ? [{ ...fresh, volume, device, sizeGiB, slots: 1, from: sourceSnapshot }] : [],
  );
};

/**
 * The queue of one point, the largest first, as they take longest. More than one chunk is cut server by server, those
 * with the largest volume first: a server whose chunk has ended can have its image. The same entries give the same chunks.
 */
export const chunksOf = (point: Point, entries: QueueEntry[]): QueueChunk[] => {
  const sorted = [...entries].sort((a, b) => b.sizeGiB - a.sizeGiB || (a.from < b.from ? -1 : 1));
  return partsOf(sorted).map((part, number) => ({
    application: point.application,
    resource: point.resource,
    point: point.id,
    number,
    deadline: point.deadline ?? point.openedAt,
    takenAt: part.reduce((latest, { takenAt = "" }) => (takenAt > latest ? takenAt : latest), ""),
    sourcesReady: false,
    entries: part,
  }));
};

/** Chunks of complete servers; one that has more volumes than a chunk takes several. */
const partsOf = (sorted: QueueEntry[]): QueueEntry[][] => {
  if (sorted.length <= entriesPerChunk) return sorted.length > 0 ? [sorted] : [];
  const parts: QueueEntry[][] = [[]];
  for (const own of Map.groupBy(sorted, ({ server }) => server).values()) {
    if (parts.at(-1)!.length + own.length > entriesPerChunk) parts.push([]);
    for (const entry of own) {
      if (parts.at(-1)!.length >= entriesPerChunk) parts.push([]);
      parts.at(-1)!.push(entry);
    }
  }
  return parts.filter((part) => part.length > 0);
};
