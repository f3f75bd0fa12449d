import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { type Budget, createBudget } from "../../../core/budget.ts";
import { secondsSince } from "../../../core/clock/time.ts";
import type { CaptureProgress } from "../../../core/instances/capture/capture-progress.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import { limits } from "../../../core/limits.ts";
import type { Manifest, Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import { counted } from "../../../core/tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { visitManifests } from "./manifest-pages.ts";
import { unlessSilent } from "./replication.ts";
import { takeImage } from "./take-image.ts";
import { takeSet } from "./take-set.ts";

/** A server may delay its snapshots for so long; then the point continues without it. */
const patienceSeconds = 300;
/** Manifests that are saved in one call. */
const savedAtOnce = 25;

/** The next servers of a point that lack their set. `end`: no further server follows; `tags`: the plan's, for the sets. */
export type Slice = {
  progress: CaptureProgress;
  point: Point;
  lacking: Manifest[];
  end: boolean;
  tags?: Record<string, string> | undefined;
};

/** whole: every server has its set · again: the next invocation continues · refused: none can have one. */
export type SliceResult = {
  action: "whole" | "again" | "refused";
  progress: CaptureProgress;
  point: Point;
  started: number;
  /** Manifests that have their set now, saved. */
  changed: Manifest[];
  /** Servers whose image was requested: its snapshots may still begin. */
  making: string[];
  /** AWS throttles, or a reply was lost. */
  stopped: boolean;
  because: string;
};

/** The next `limit` servers of the point that have no set on record, or that `wanted` selects. */
export const nextSlice = async (
  context: Context,
  progress: CaptureProgress,
  point: Point,
  limit: number,
  wanted: (manifest: Manifest) => boolean = ({ takenAt }) => !takenAt,
): Promise<Slice> => {
  const lacking: Manifest[] = [];
  const visit = (page: Manifest[]) => {
    lacking.push(...page.filter(wanted));
    return lacking.length > limit ? "enough" : "more";
  };
  const end = await visitManifests(context, point, progress.after, visit, limit + 1);
  return { progress, point, lacking: lacking.slice(0, limit), end: end && lacking.length <= limit };
};

export const createSetsBudget = (context: Context): Budget =>
  createBudget(limits.createSnapshotsPerPass, limits.startingSeconds, context.now);

/** Snapshots of these servers in the source Region, by `<point> <server>`; null when it does not respond. */
export const findSets = async (
  context: Context,
  run: Run,
  slices: Slice[],
): Promise<Map<string, SnapshotFact[]> | null> => {
  const servers = [...new Set(slices.flatMap(({ lacking }) => lacking.map(({ server }) => server)))];
  const points = slices.filter(({ lacking }) => lacking.length > 0).map(({ point }) => point.id);
  const filters = [
    { Name: `tag:${tagKeys.application}`, Values: [run.application] },
    { Name: `tag:${tagKeys.point}`, Values: points },
    { Name: `tag:${tagKeys.server}`, Values: servers },
  ];
  const found = await unlessSilent(context, run, () => listSnapshots(context.clients, run.source, filters));
  return found && Map.groupBy(found, ({ tags }) => `${tags[tagKeys.point]} ${tags[tagKeys.server]}`);
};

/**
 * Takes one set of snapshots of each server of the slice, crash-consistent per instance. A set that a lost reply or a
 * dead invocation left unrecorded is found by its tags. A server that cannot be snapshotted is left out.
 */
export const takeSlice = async (
  context: Context,
  run: Run,
  slice: Slice,
  sets: Map<string, SnapshotFact[]>,
  budget: Budget,
): Promise<SliceResult> => {
  const out = new Set<string>();
  const unsaved: Manifest[] = [];
  const result: SliceResult = {
    action: "again",
    ...slice,
    started: 0,
    changed: [],
    making: [],
    stopped: false,
    because: "",
  };
  let progress = slice.progress;
  const save = async () => context.store.saveManifests(unsaved.splice(0));

  for (const manifest of slice.lacking) {
    const { server } = manifest;
    const take = manifest.byImage ? takeImage : takeSet;
    const taken = await take(
      context,
      run,
      manifest,
      sets.get(`${slice.point.id} ${server}`) ?? [],
      budget.take,
      slice.tags,
    );
    if (manifest.byImage && (taken.outcome === "wait" || taken.outcome === "stop")) result.making.push(server);
    if (taken.outcome === "refused") return { ...result, action: "refused", progress, because: taken.because };
    if (taken.outcome === "stop") {
      result.stopped = true;
      break;
    }
    progress = { ...progress, after: server };
    if (taken.outcome === "out" || (taken.outcome === "wait" && isLate(progress, context.now()))) {
      out.add(server);
      progress = { ...progress, leftOut: counted(progress.leftOut, taken.because) };
      context.log.warn("server left out of its recovery point", { point: slice.point.id, because: taken.because });
    } else if (taken.outcome === "wait") progress = { ...progress, waiting: progress.waiting + 1 };
    else if (taken.outcome === "found" || taken.outcome === "started") {
      if (taken.outcome === "started") result.started += 1;
      progress = { ...progress, lostVolumes: taken.lost.reduce(counted, progress.lostVolumes) };
      unsaved.push(taken.manifest);
      result.changed.push(taken.manifest);
      if (unsaved.length >= savedAtOnce) await save();
    }
  }
  await save();
  const point = out.size > 0 ? await leaveOut(context, slice.point, out) : slice.point;
  const whole = slice.end && !result.stopped && progress.waiting === 0;
  const next = slice.end && !result.stopped ? fromTheStart(progress, context.now()) : progress;
  return { ...result, action: whole ? "whole" : "again", progress: next, point };
};

const isLate = ({ waitingSince }: CaptureProgress, now: Date) =>
  waitingSince !== null && secondsSince(waitingSince, now) > patienceSeconds;

/** Servers that had to wait are polled again. */
const fromTheStart = (progress: CaptureProgress, now: Date): CaptureProgress => ({
  ...progress,
  after: null,
  waiting: 0,
  waitingSince: progress.waitingSince ?? (progress.waiting > 0 ? now.toISOString() : null),
});

/** The point continues without these servers. */
const leaveOut = async ({ store }: Context, point: Point, out: Set<string>): Promise<Point> => {
  const left = { ...point, servers: point.servers.filter((server) => !out.has(server)) };
  await store.savePoint(left);
  return left;
};
