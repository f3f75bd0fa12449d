import type { Manifest, Point } from "./point.ts";
import { entriesPerChunk, type QueueChunk, type QueueEntry } from "./queue.ts";

/** Something to copy, and when its source was taken (ISO 8601). */
export type Taken = { entry: QueueEntry; takenAt: string };

/** What is to be copied of a server whose set is taken: each of its volumes, or the image that it goes by. */
export const entriesOf = ({ server, volumes, takenAt, sourceImage }: Manifest): Taken[] => {
  const fresh = { server, slots: 1, askedAt: null, copy: null, ended: false, tries: 0 };
  const at = takenAt ?? "";
  if (sourceImage) {
    const sizeGiB = volumes.reduce((sum, one) => sum + one.sizeGiB, 0);
    const slots = Math.max(1, volumes.length);
    return [{ entry: { ...fresh, volume: "", device: "", sizeGiB, slots, from: sourceImage }, takenAt: at }];
  }
  return volumes.flatMap(({ volume, device, sizeGiB, sourceSnapshot }) =>
    sourceSnapshot ? [{ entry: { ...fresh, volume, device, sizeGiB, from: sourceSnapshot }, takenAt: at }] : [],
  );
};

/** The queue of one point: the largest first, as they take longest. The same entries give the same chunks. */
export const chunksOf = (point: Point, taken: Taken[]): QueueChunk[] => {
  const sorted = [...taken].sort((a, b) => b.entry.sizeGiB - a.entry.sizeGiB || (a.entry.from < b.entry.from ? -1 : 1));
  return Array.from({ length: Math.ceil(sorted.length / entriesPerChunk) }, (_, number) => {
    const part = sorted.slice(number * entriesPerChunk, (number + 1) * entriesPerChunk);
    return {
      application: point.application,
      resource: point.resource,
      point: point.id,
      number,
      deadline: point.deadline ?? point.openedAt,
      takenAt: part.reduce((latest, { takenAt }) => (takenAt > latest ? takenAt : latest), ""),
      sourcesReady: false,
      entries: part.map(({ entry }) => entry),
    };
  });
};
