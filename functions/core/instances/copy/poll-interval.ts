import { secondsSince } from "../../clock/time.ts";
import { visibleSeconds } from "../../clock/visibility.ts";
import { limits } from "../../limits.ts";
import type { SnapshotFact } from "../capture/snapshot.ts";

/** Refill of the EC2 token bucket of mutating calls in a second: no faster in the long run. [EC2dev:ec2-api-throttling] */
const startsPerSecond = 5;

export type Waiting = {
  /** Our pending copies. */
  copies: SnapshotFact[];
  /** Mean time of the copies that have ended in this run, seconds; null = none has. */
  usualSeconds: number | null;
  /** True while entries wait for a slot: then lost slot time counts, else only the end of the last copy. */
  isQueued: boolean;
  /** Started just now, or in doubt: no listing shows them yet. */
  unseen: number;
  /** Source snapshots are pending since, ISO 8601; null = none is. */
  sourcesSince: string | null;
  /** Copies that this pass started. */
  started: number;
  now: Date;
};

/**
 * Whole seconds until the next poll, 3 to 60, so that at most a tenth of the slots' time is lost: a tenth of the usual
 * time of a copy once one is known, before that a part of the age of the oldest; while nothing is queued, a quarter. Events
 * end the wait early.
 */
export const copyWaitSeconds = (waiting: Waiting): number => {
  const { copies, usualSeconds, isQueued, unseen, sourcesSince, started, now } = waiting;
  const age = (at: string) => Math.max(0, secondsSince(at, now));
  const ages = copies.map(({ startedAt }) => age(startedAt));
  const usual = usualSeconds ?? fromProgress(copies, age);
  const polls: number[] = [];
  if (ages.length > 0) {
    const oldest = Math.max(...ages);
    const first = usual === null ? oldest / 5 : Math.max(usual / 10, 0.7 * usual - oldest);
    const last = usual === null ? first : Math.max(usual / 4, usual - Math.min(...ages));
    polls.push(isQueued ? first : Math.min(last, Math.max(first, usual === null ? 0 : usual / 4)));
  }
  if (unseen > 0) polls.push(usual === null ? visibleSeconds : Math.max(usual / 10, 0.7 * usual));
  if (sourcesSince !== null) polls.push(Math.max(sourcesSecondsMin, age(sourcesSince) / 5));
  const wanted = polls.length ? Math.min(...polls) : idleSeconds;
  const refilled = Math.ceil(started / startsPerSecond);
  return Math.ceil(Math.min(limits.pollSecondsMax, Math.max(limits.pollSecondsMin, refilled, wanted)));
};

/** An event reports the end of a source earlier. */
const sourcesSecondsMin = 30;

/** Others use all slots, or EC2 throttles. */
const idleSeconds = 10;

/** Whole time of the copies by their progress, the median; AWS publishes no estimate. */
const fromProgress = (copies: SnapshotFact[], age: (at: string) => number): number | null => {
  const whole = copies
    .filter(({ progress }) => progress > 0 && progress < 100)
    .map(({ progress, startedAt }) => (age(startedAt) * 100) / progress)
    .sort((a, b) => a - b);
  return whole[Math.floor(whole.length / 2)] ?? null;
};
