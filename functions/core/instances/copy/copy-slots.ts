import { secondsSince } from "../../clock/time.ts";
import { limits } from "../../limits.ts";
import { tagKeys } from "../../names.ts";
import type { SnapshotFact } from "../capture/snapshot.ts";
import { type Claim, fairShares } from "./fair-share.ts";
import type { QueueEntry } from "./queue.ts";

/** Demand of an application for the copy slots that all applications of a Region share. Times are ISO 8601. */
export type Demand = {
  /** Region of the copies; absent in a record of an older controller. */
  target?: string;
  application: string;
  waiting: number;
  deadline: string | null;
  at: string;
};

/** The other applications ignore an older demand. */
const freshSeconds = 600;
/** So it is published again after so long. */
const republishSeconds = 300;

const isFresh = ({ at }: Demand, now: Date) => secondsSince(at, now) <= freshSeconds;

export type Slots = {
  application: string;
  /** Pending copies of the Region, of all owners. */
  pending: SnapshotFact[];
  /** Slots of copies of ours that no listing shows yet. */
  unseen: number;
  /** Copies at once that the Region accepts, as far as this run knows. */
  limit: number;
  /** Entries of ours that wait. */
  waiting: number;
  deadline: string | null;
  demands: Demand[];
  now: Date;
};

/**
 * Copies that this application may start now. Pending copies of every owner take slots, also those of AWS Backup and of
 * images; the free slots are shared max-min fairly among the applications that wait. Two stay free while others copy or
 * wait.
 */
export const freeSlots = ({ application, pending, unseen, limit, waiting, deadline, demands, now }: Slots): number => {
  const owners = Map.groupBy(pending, ({ tags }) => tags[tagKeys.application] ?? "");
  const ofApplication = (name: string) => owners.get(name)?.length ?? 0;
  const mine = ofApplication(application) + unseen;

  const isRival = (demand: Demand) => demand.application !== application && demand.waiting > 0 && isFresh(demand, now);
  const rivals: Claim[] = demands.filter(isRival).map((demand) => ({
    name: demand.application,
    wanted: ofApplication(demand.application) + demand.waiting,
    deadline: demand.deadline,
  }));
  const claims: Claim[] = [{ name: application, wanted: mine + waiting, deadline }, ...rivals];
  const isShared = rivals.length > 0 || pending.length > ofApplication(application);
  const usable = Math.min(limit, isShared ? limits.copySlotsShared : limits.copySlots);
  const free = usable - pending.length - unseen;
  const outside = pending.length - claims.reduce((sum, { name }) => sum + ofApplication(name), 0);
  const share = fairShares(Math.max(0, usable - outside), claims).get(application) ?? 0;
  return Math.max(0, Math.min(free, share - mine));
};

/** The limit for the next pass: half of what was in flight when the Region rejected a copy, else one more than before. */
export const adaptLimit = (limit: number, refusedAt: number | null): number =>
  refusedAt === null ? Math.min(limits.copySlots, limit + 1) : Math.max(1, Math.floor(refusedAt / 2));

/** True when the others must learn how many entries wait here: the waiting has begun or ended, or their record gets old. */
export const mustPublish = (last: Pick<Demand, "waiting" | "at"> | null, waiting: number, now: Date): boolean => {
  const hasChanged = (last?.waiting ?? 0) > 0 !== waiting > 0;
  const ageSeconds = last ? secondsSince(last.at, now) : Number.POSITIVE_INFINITY;
  return hasChanged || (waiting > 0 && ageSeconds > republishSeconds);
};

type Slotted = { entry: QueueEntry };

/**
 * As many starts as there are slots for, in order. One that fits only when nothing of ours is in flight blocks those
 * behind it; one that does not fit even then (an image with more volumes than our slots) lets them pass, and runs alone.
 */
export const fitting = <T extends Slotted>(starts: T[], free: number, inFlight: QueueEntry[]): T[] => {
  const placementsOf = ({ slots }: QueueEntry) => Math.min(slots, limits.copySlots);
  const ours = free + inFlight.reduce((sum, entry) => sum + placementsOf(entry), 0);
  const fits: T[] = [];
  let left = free;
  for (const start of starts) {
    const slots = placementsOf(start.entry);
    if (slots > ours) continue;
    if (slots > left || fits.length === limits.mutatingCallsPerPass) break;
    fits.push(start);
    left -= slots;
  }
  const isIdle = fits.length + inFlight.length === 0 && free > 0;
  return isIdle ? starts.slice(0, 1) : fits;
};
