/**
 * The copy queue of an application: all entries still to be copied, stored in chunks whose sort key begins with the
 * deadline, so that reading them in order is earliest deadline first. A chunk whose entries have all ended leaves it.
 */
export type QueueChunk = {
  application: string;
  resource: string;
  point: string;
  number: number;
  /** ISO 8601. */
  deadline: string;
  /** Latest StartTime of its source snapshots, ISO 8601: younger ones may not be visible yet. */
  takenAt: string;
  /** True once none of its sources was pending any more: they need not be listed again. */
  sourcesReady: boolean;
  entries: QueueEntry[];
};

/** One thing to copy: a volume of a set, or the image of an image-based server. */
export type QueueEntry = {
  server: string;
  /** "" for an image, as `device`. */
  volume: string;
  device: string;
  sizeGiB: number;
  /** Copy slots that it takes: 1, or as many as the image has volumes. */
  slots: number;
  /** Source snapshot, or source image. */
  from: string;
  /** StartTime of its source snapshots, ISO 8601; absent = as its chunk says. */
  takenAt?: string;
  /** Written before the copy is requested, ISO 8601: a lost reply leaves a trace. Null = not requested, or rejected. */
  askedAt: string | null;
  /** Id of the copy, once its reply came or it was found by its tags. */
  copy: string | null;
  /** No longer pending: its state is looked up when its point is settled. */
  ended: boolean;
  /** Its copies that ended in error. */
  tries: number;
};

export const entriesPerChunk = 50;

export const queueKey = ({ deadline, point, number }: Pick<QueueChunk, "deadline" | "point" | "number">) =>
  `queue#${deadline}#${point}#${String(number).padStart(4, "0")}`;
export const endedKey = ({ point, number }: Pick<QueueChunk, "point" | "number">) =>
  `queued#${point}#${String(number).padStart(4, "0")}`;
