import { secondsBetween } from "../../clock/time.ts";
import { limits } from "../../limits.ts";
import type { Resource } from "../../model/plan.ts";
import type { Point } from "../../model/recovery-point.ts";

/** The copies that each point of one resource needs. */
export type Load = {
  resource: string;
  volumes: number;
  everySeconds: number;
  timeBased: boolean;
  /** Time of one copy; `measured` is false until a round was measured. */
  copySeconds: number;
  measured: boolean;
};

/** `because` begins with "not attainable:"; each of the options would do alone. */
export type Attainability = { ok: true; because: string } | { ok: false; because: string; options: string[] };

/** Assumed until a round was measured: the shortest time that AWS sells for a copy. [EBS:time-based-copies] */
const assumedCopySeconds = 900;

/** The load of a resource; one copy takes the time of its newest complete point, divided by its number of batches. */
export const loadOf = (
  resource: Resource,
  volumes: number,
  newest: Pick<Point, "openedAt" | "completedAt"> | null,
  slots: number = limits.copySlotsShared,
): Load => {
  const { name, everySeconds, timeBased } = resource;
  const roundSeconds = newest?.completedAt ? secondsBetween(newest.openedAt, newest.completedAt) : Number.NaN;
  const measured = roundSeconds > 0;
  const copySeconds = measured ? roundSeconds / roundsOf(volumes, slots) : assumedCopySeconds;
  return { resource: name, volumes, everySeconds, timeBased, copySeconds, measured };
};

/**
 * Can copies keep pace? Slots times time against `every` (the slots are free again before the next round is due) and
 * against the rpo (the point before is not older when the round ends). Copies with the earliest deadline go first, as
 * the queue has it, so a resource waits only for those that are due before it.
 */
export const attainable = (
  loads: Load[],
  rpoSeconds: number,
  slots: number = limits.copySlotsShared,
): Attainability => {
  const busy = loads.filter(({ volumes }) => volumes > 0);
  const usedShare = busy.reduce((sum, load) => sum + (load.volumes * load.copySeconds) / slots / load.everySeconds, 0);
  const slow = busy.find((load) => roundSecondsOf([load], slots) > load.everySeconds);
  const late = busy.find((load) => isLate(deadlineOf(load, rpoSeconds), busy, rpoSeconds, slots));
  const because =
    (slow && `${slow.resource} is due every ${span(slow.everySeconds)}`) ??
    (usedShare > 1 ? usedText(usedShare, busy) : undefined) ??
    (late &&
      `with a point every ${span(late.everySeconds)} ${late.resource} gets older than the rpo of ${span(rpoSeconds)}`);
  const need = needText(busy, slots);
  return because
    ? { ok: false, because: `not attainable: ${need}, and ${because}`, options: optionsFor(busy, rpoSeconds, slots) }
    : { ok: true, because: `${need}: ${Math.ceil(usedShare * 100)} % of the copy slots` };
};

/** The finding as one sentence for a report or a preflight; empty when copies keep pace. */
export const attainableWarnings = (loads: Load[], rpoSeconds: number, slots?: number): string[] => {
  const found = attainable(loads, rpoSeconds, slots);
  return found.ok ? [] : [`${found.because}. Options: ${found.options.join("; ")}`];
};

/** `times`: rounds of each load. */
const roundSecondsOf = (loads: Load[], slots: number, times = loads.map(() => 1)) => {
  const copies = loads.reduce((sum, { volumes }, index) => sum + times[index]! * volumes, 0);
  const seconds = loads.reduce((sum, load, index) => sum + times[index]! * load.volumes * load.copySeconds, 0);
  return copies === 0 ? 0 : roundsOf(copies, slots) * (seconds / copies);
};
const roundsOf = (copies: number, slots: number) => Math.max(1, Math.ceil(copies / slots));

/** Seconds from the snapshots of a round to the moment when the point before gets older than the rpo. */
const deadlineOf = ({ everySeconds }: Load, rpoSeconds: number) => rpoSeconds - everySeconds;

/** Is there more to copy than fits until the deadline `seconds`, when every resource is due at once? */
const isLate = (seconds: number, loads: Load[], rpoSeconds: number, slots: number) => {
  const roundsBy = (load: Load) => Math.floor((seconds - deadlineOf(load, rpoSeconds)) / load.everySeconds) + 1;
  return (
    roundSecondsOf(
      loads,
      slots,
      loads.map((load) => Math.max(0, roundsBy(load))),
    ) > seconds
  );
};

const needText = (loads: Load[], slots: number) => {
  const volumes = total(loads);
  const seconds = roundSecondsOf(loads, slots);
  const how = loads.every(({ measured }) => measured) ? "as measured" : "as assumed until a round was measured";
  const times = `${slots} at a time, ${Math.round(seconds / roundsOf(volumes, slots))} s each, ${how}`;
  return `${volumes} ${volumes === 1 ? "volume needs" : "volumes need"} ${hours(seconds)} a round (${times})`;
};

const usedText = (share: number, loads: Load[]) =>
  `${loads.map(({ resource, everySeconds }) => `${resource} every ${span(everySeconds)}`).join(", ")} would need the slots ${share.toFixed(1)} times over`;

const optionsFor = (loads: Load[], rpoSeconds: number, slots: number) => {
  const round = roundSecondsOf(loads, slots);
  const every = Math.min(...loads.map(({ everySeconds }) => everySeconds));
  const batches = Math.floor(Math.min(every, rpoSeconds - every) / Math.max(...loads.map((load) => load.copySeconds)));
  const quota = batches > 0 ? Math.ceil(total(loads) / batches) + limits.copySlots - limits.copySlotsShared : 0;
  return [
    round * 2 <= rpoSeconds
      ? `an every from ${span(round, "up")} to ${span(rpoSeconds - round)}`
      : `an every of ${span(round, "up")} or more, with an rpo of ${span(2 * round, "up")} or more`,
    ...(quota > limits.copySlots
      ? [`a quota of ${quota} concurrent copies in place of ${limits.copySlots}, from AWS Support`]
      : []),
    ...(batches > 0 && batches * slots < total(loads) ? [`at most ${batches * slots} volumes under this plan`] : []),
    ...(loads.some(({ timeBased }) => !timeBased) ? ["timeBased: true, for copies that would come too late"] : []),
    "a part of the servers in a plan with another recovery Region: each Region has its own slots",
  ];
};

const total = (loads: Load[]) => loads.reduce((sum, { volumes }) => sum + volumes, 0);
const hours = (seconds: number) => `${(seconds / 3_600).toFixed(1)} h`;

/** 5400 -> "1.5 h", 1800 -> "30 min". */
const span = (seconds: number, round: "up" | "down" = "down") => {
  const step = seconds < 5_400 ? 60 : 360;
  const whole = (round === "up" ? Math.ceil(seconds / step) : Math.floor(seconds / step)) * step;
  return whole < 5_400 && whole % 3_600 !== 0 ? `${whole / 60} min` : `${whole / 3_600} h`;
};
