import { secondsSince } from "../clock/time.ts";
import { unseenSeconds } from "../clock/visibility.ts";
import type { Keep, Resource } from "../model/plan.ts";
import type { Point } from "../model/recovery-point.ts";
import { type KeepClass, retain } from "./calendar-classes.ts";

/**
 * The decision about a point. keep: it stays, `sourcesGo` perhaps without its source snapshots · rotate: it goes ·
 * finish: it was discarded before, and its remaining snapshots go.
 */
export type RetentionDecision = {
  point: Point;
  action: "keep" | "rotate" | "finish";
  code:
    | "Kept"
    | "Newest"
    | "Damaged"
    | "Pinned"
    | "Locked"
    | "Open"
    | "Unsettled"
    | "Undated"
    | "Settling"
    | "Rotated"
    | "Unfinished"
    | "GivenUp";
  because: string;
  classes: KeepClass[];
  sourcesGo: boolean;
};

/** After so long no snapshot of a discarded point can still appear: that of a lost reply is visible long before. */
const givenUpSeconds = 30 * unseenSeconds;
/** Copies are locked a while after their point is complete, for whole days from then on. */
const lockMarginSeconds = 3_600;

/**
 * The decision about every point of a resource, oldest first. A damaged point replaces no sound one.
 * These points stay: those that a calendar class keeps, the newest complete one, those that a run has pinned, locked ones,
 * and all in doubt: a point without a time, and one that may have duplicates of a lost reply.
 */
export const decideRetention = (
  resource: Resource,
  points: Point[],
  pinned: Set<string>,
  now: Date,
): RetentionDecision[] => {
  const dated = points.filter(isDated).map(({ id, pointAt }) => ({ id, atMs: Date.parse(pointAt ?? "") }));
  const damaged = new Set(points.flatMap((point) => (point.damaged ? point.id : [])));
  const sound = dated.filter(({ id }) => !damaged.has(id));
  const kept = retain(sound, resource.keep);
  const wouldBeKept = damaged.size > 0 ? retain(dated, resource.keep) : kept;
  const keptSources = resource.keepSource ? retain(sound, resource.keepSource) : kept;
  const [newest] = kept.keys();
  return [...points].sort(byOpening).map((point) => {
    const classes = kept.get(point.id) ?? [];
    const isSpared = damaged.has(point.id) && wouldBeKept.has(point.id);
    const judged = judge(point, { resource, classes: kept.get(point.id), newest, isSpared, pinned, now });
    const loses = mayLoseSources.includes(judged.code) && point.swept === true;
    const sourcesGo = loses && !point.sourcesGone && !keptSources.has(point.id);
    return { point, classes, sourcesGo, ...judged };
  });
};

const mayLoseSources: RetentionDecision["code"][] = ["Kept", "Locked"];
const isDated = ({ state, pointAt }: Point) => state === "complete" && !Number.isNaN(Date.parse(pointAt ?? ""));
const byOpening = (a: Point, b: Point) => a.openedAt.localeCompare(b.openedAt) || a.id.localeCompare(b.id);

type RetentionFacts = {
  resource: Resource;
  classes: KeepClass[] | undefined;
  newest: string | undefined;
  /** Damaged, and a class would keep it if it were sound: a person may bring its copies back. */
  isSpared: boolean;
  pinned: Set<string>;
  now: Date;
};

const judge = (
  point: Point,
  { resource, classes, newest, isSpared, pinned, now }: RetentionFacts,
): Pick<RetentionDecision, "action" | "code" | "because"> => {
  const keep = (code: RetentionDecision["code"], because: string) => ({ action: "keep" as const, code, because });
  if (pinned.has(point.id)) return keep("Pinned", "a run has pinned it");
  if (point.state === "open") return keep("Open", "it is not complete yet");
  if (point.state === "discarded") return judgeDiscarded(point, now);
  if (!isDated(point)) return keep("Undated", "its time is unknown");
  if (point.id === newest) return keep("Newest", "it is the newest complete point");
  if (isSpared) return keep("Damaged", `its copies may come back: ${point.damaged?.because}`);
  if (classes) return keep("Kept", `kept as ${classes.join(", ")}`);
  if (!point.swept) return keep("Unsettled", "replication has not checked it for duplicates yet");

  const lockedUntil = Date.parse(point.completedAt ?? "") + (resource.lockSeconds + lockMarginSeconds) * 1_000;
  if (resource.lockSeconds > 0 && !(lockedUntil <= now.getTime()))
    return keep("Locked", `its copies are locked until about ${new Date(lockedUntil || 0).toISOString()}`);
  return { action: "rotate", code: "Rotated", because: `no longer kept by ${keepText(resource.keep)}` };
};

const judgeDiscarded = ({ rotated, settledAt, openedAt, because }: Point, now: Date) => {
  const finish = { action: "finish" as const, because: because ?? "it was discarded" };
  if (rotated) return { ...finish, code: "Unfinished" as const };
  const ageSeconds = secondsSince(settledAt ?? openedAt, now);
  return ageSeconds > givenUpSeconds
    ? { ...finish, code: "GivenUp" as const }
    : { action: "keep" as const, code: "Settling" as const, because: "replication discarded it just now" };
};

/** As in "hourly 24, daily 7". */
const keepText = (keep: Keep) =>
  Object.entries(keep)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

/** Above this share of the complete points a person must approve first. */
const askedAbove = 0.2;

/** Why a rotation that a person started waits for an `approve`, or null. */
export const approvalReason = (removals: number, complete: number): string | null =>
  removals > complete * askedAbove
    ? `${removals} of ${complete} complete points would go, more than ${askedAbove * 100} % of them`
    : null;
