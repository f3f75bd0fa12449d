/** Bounds of CompletionDurationMinutes, and the fixed throughput of one copy. [EBS:time-based-copies] */
const stepMinutes = 15;
const minutesMax = 2_880;
const mibPerSecond = 500;

/** A normal copy of which nothing is known: a start-up, then a full copy. Estimate; AWS gives no figure. */
const unknownSeconds = (sizeGiB: number) => 400 + 1.6 * sizeGiB;

export type TimedCopy = {
  sizeGiB: number;
  /** When the objective is missed without it, ISO 8601. */
  deadline: string;
  /** Usual time of a normal copy in this run, seconds; null = not known yet. */
  usualSeconds: number | null;
  now: Date;
};

/**
 * Minutes that a time-based copy should take, or null when a normal one will do: the cheapest duration that still ends
 * before the deadline, else the shortest that EBS offers for its size.
 */
export const completionMinutes = ({ sizeGiB, deadline, usualSeconds, now }: TimedCopy): number | null => {
  const leftSeconds = (Date.parse(deadline) - now.getTime()) / 1_000;
  const normalSeconds = usualSeconds ?? unknownSeconds(sizeGiB);
  if (normalSeconds <= leftSeconds) return null;
  const shortest = Math.max(stepMinutes, upTo(Math.ceil((sizeGiB * 1_024) / mibPerSecond / 60)));
  const fitting = Math.floor(leftSeconds / 60 / stepMinutes) * stepMinutes;
  const minutes = Math.min(minutesMax, Math.max(shortest, fitting));
  return minutes * 60 < normalSeconds ? minutes : null;
};

const upTo = (minutes: number) => Math.ceil(minutes / stepMinutes) * stepMinutes;
