import { limits } from "./limits.ts";
import type { SnapshotFact } from "./snapshot-fact.ts";
import type { VolumeProgress } from "./volume-progress.ts";

/** Copies to start now, and how many must wait for a slot. */
export type Queue = { start: VolumeProgress[]; waiting: number };

/**
 * Newest point first: it is what a failover would use. Within a point the largest volumes first, as they take longest.
 * `inFlight`: every pending copy of the target Region, ours or not. `refused`: resources whose copies AWS refuses.
 */
export const nextCopies = (volumes: VolumeProgress[], inFlight: number, refused: ReadonlySet<string>): Queue => {
  const ready = volumes.filter(({ state, point }) => state === "ready" && !refused.has(point.resource)).sort(byUrgency);
  const free = Math.max(0, Math.min(limits.copySlots - inFlight, limits.mutatingCallsPerPass));
  return { start: ready.slice(0, free), waiting: Math.max(0, ready.length - free) };
};

const byUrgency = (a: VolumeProgress, b: VolumeProgress) =>
  b.point.openedAt.localeCompare(a.point.openedAt) ||
  b.volume.sizeGiB - a.volume.sizeGiB ||
  a.volume.volume.localeCompare(b.volume.volume);

const waitSecondsMin = 15;
const waitSecondsMax = limits.pollSecondsMax;
/** Remaining time of something too young to be judged by its progress. */
const unknownSeconds = 30;

/**
 * Seconds until the next look, 15 to 60: when something waits for a slot or a source, the first of `pending` to end
 * matters; else the last one. `unseen`: started, but not in any listing yet. 1 when there is nothing to wait for.
 */
export const copyWaitSeconds = (pending: SnapshotFact[], moreToStart: boolean, unseen: number, now: Date): number => {
  const remaining = [
    ...pending.map((snapshot) => remainingSeconds(snapshot, now)),
    ...Array<number>(unseen).fill(unknownSeconds),
  ];
  if (remaining.length === 0) return moreToStart ? unknownSeconds : 1;
  const wanted = moreToStart ? Math.min(...remaining) : Math.max(...remaining);
  return Math.round(Math.min(waitSecondsMax, Math.max(waitSecondsMin, wanted)));
};

/** From progress and age, taking both as even; AWS publishes no estimate. */
const remainingSeconds = ({ progress, startedAt }: SnapshotFact, now: Date) => {
  const ageSeconds = (now.getTime() - Date.parse(startedAt)) / 1_000;
  if (progress <= 0 || progress >= 100 || ageSeconds <= 0) return unknownSeconds;
  return (ageSeconds * (100 - progress)) / progress;
};
