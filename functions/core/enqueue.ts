import type { Manifest, Point } from "./point.ts";
import { entriesPerChunk, type QueueChunk, type QueueEntry } from "./queue.ts";

/** What is to be copied of a server whose set is taken: each of its volumes, or the image that it goes by. */
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

/** The queue of one point: the largest first, as they take longest. The same entries give the same chunks. */
export const chunksOf = (point: Point, entries: QueueEntry[]): QueueChunk[] => {
  const sorted = [...entries].sort((a, b) => b.sizeGiB - a.sizeGiB || (a.from < b.from ? -1 : 1));
  return Array.from({ length: Math.ceil(sorted.length / entriesPerChunk) }, (_, number) => {
    const part = sorted.slice(number * entriesPerChunk, (number + 1) * entriesPerChunk);
    return {
      application: point.application,
      resource: point.resource,
      point: point.id,
      number,
      deadline: point.deadline ?? point.openedAt,
      takenAt: part.reduce((latest, { takenAt = "" }) => (takenAt > latest ? takenAt : latest), ""),
      sourcesReady: false,
      entries: part,
    };
  });
};
