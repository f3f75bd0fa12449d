import { listImages } from "../../../aws/ec2/images.ts";
import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { readRow } from "../../../aws/store/lease.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import type { Plan } from "../../../core/model/plan.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import { approvalReason, decideRetention, type RetentionDecision } from "../../../core/points/retention.ts";
import type { Context } from "../../../runtime/context.ts";
import { pointsOf, unlessSilent } from "../capture/replication.ts";
import { withNewestRechecked } from "../catalog/recheck-points.ts";
import { newestOfLineages } from "./lineage.ts";

/** A point that goes, or (`sources`) whose source snapshots go. Ids of images and snapshots, images first. */
export type PointRemoval = {
  point: Point;
  action: "rotate" | "finish" | "sources";
  because: string;
  target: string[];
  /** Null when the source Region did not respond: the snapshots there stay for now. */
  source: string[] | null;
  /** Its copies that stay: the newest of their volumes. */
  lineage: number;
};

export type RotationPlan = {
  /** Complete points before, and how many of them stay. */
  complete: number;
  kept: number;
  /** Oldest first within each action. */
  going: PointRemoval[];
  /** Points that go, but were not listed this time: a further round of the rotation lists them. */
  left: number;
  /** Points that no class keeps, and that stay for now. */
  waiting: { point: string; because: string }[];
  sourceAnswered: boolean;
  /** Why a person must approve first, or null. */
  asks: string | null;
  /** Snapshots with our tag that belong to no known point: they are left alone. Listed when a person starts the rotation. */
  strays: string[];
};

/** Points, servers and ids that one round of a rotation lists. */
const pointsPerCall = 200;
const serversPerCall = 2_500;
const idsPerRound = 20_000;
const roundSeconds = 20;
const straysMax = 20;

/** The deletions of a rotation that would start now, every listing read to its end. Reads only. Throws when the target Region does not respond. */
export const planRotation = async (context: Context, run: Run, plan: Plan): Promise<RotationPlan> => {
  const startedAt = context.now().getTime();
  const { run: moving } = await readRow(context, run.application);
  const pinned = new Set(Object.values(moving?.points ?? {}));
  const decisions: RetentionDecision[] = [];
  for (const resource of plan.protect) {
    const points = await pointsOf(context, run, resource);
    const judge = (of: Point[]) => decideRetention(resource, of, pinned, context.now());
    const first = judge(points);
    const goes = first.some(({ action }) => action === "rotate");
    decisions.push(...(goes ? judge(await withNewestRechecked(context, run, points)) : first));
  }

  const goes = inOrder(decisions);
  const going: PointRemoval[] = [];
  let silent = false;
  let ids = 0;
  for (const group of groupsOf(goes)) {
    const isLate = context.now().getTime() - startedAt > roundSeconds * 1_000;
    if (going.length > 0 && (ids >= idsPerRound || isLate)) break;
    const found = await listRemovals(context, run, group, newestOf(decisions), silent);
    silent ||= found.some(({ source }) => source === null);
    ids += found.reduce((sum, { target, source }) => sum + target.length + (source?.length ?? 0), 0);
    going.push(...found);
  }
  const complete = decisions.filter(({ point }) => point.state === "complete").length;
  const rotated = decisions.filter(({ action }) => action === "rotate").length;
  return {
    complete,
    kept: complete - rotated,
    going,
    left: goes.length - going.length,
    waiting: decisions.filter(isWaiting).map(({ point, because }) => ({ point: point.id, because })),
    sourceAnswered: !silent,
    asks: approvalReason(rotated, complete),
    strays: run.request.by === "person" ? await straysOf(context, run, decisions) : [],
  };
};

type PointToRemove = Pick<PointRemoval, "point" | "action" | "because">;

/** Points of an unfinished deletion first, then points that go now, then the sources of those that stay. */
const inOrder = (decisions: RetentionDecision[]): PointToRemove[] => [
  ...decisions
    .filter(({ action }) => action === "finish")
    .map((decision) => ({ ...decision, action: "finish" as const })),
  ...decisions
    .filter(({ action }) => action === "rotate")
    .map((decision) => ({ ...decision, action: "rotate" as const })),
  ...decisions
    .filter(({ sourcesGo }) => sourcesGo)
    .map(({ point }) => ({ point, action: "sources" as const, because: "no longer kept in the source Region" })),
];

const isWaiting = ({ action, code, classes }: RetentionDecision) =>
  action === "keep" && classes.length === 0 && ["Pinned", "Locked", "Unsettled", "Undated"].includes(code);

const newestOf = (decisions: RetentionDecision[]) =>
  decisions.filter(({ code }) => code === "Newest").map(({ point }) => point);

/** Points whose snapshots one listing shows: a bounded number of them, and of their servers. */
const groupsOf = (goes: PointToRemove[]): PointToRemove[][] => {
  const groups: PointToRemove[][] = [];
  let servers = Number.POSITIVE_INFINITY;
  for (const one of goes) {
    servers += one.point.servers.length;
    if (servers > serversPerCall || groups.at(-1)?.length === pointsPerCall) {
      groups.push([]);
      servers = one.point.servers.length;
    }
    groups.at(-1)?.push(one);
  }
  return groups;
};

/** All snapshots and images of these points in both Regions, over all pages. */
const listRemovals = async (
  context: Context,
  run: Run,
  group: PointToRemove[],
  newest: Point[],
  silent: boolean,
): Promise<PointRemoval[]> => {
  const whole = group.filter(({ action }) => action !== "sources");
  const copies = await snapshotsOf(context, run, run.target, whole);
  const images = await imagesOf(context, run, run.target, whole);
  const sources = silent
    ? null
    : await unlessSilent(context, run, async () => ({
        snapshots: await snapshotsOf(context, run, run.source, group),
        images: await imagesOf(context, run, run.source, group),
      }));
  const kept = await newestOfLineages(context, run, copies, newest);
  return group.map(({ point, action, because }) => {
    const isOf = ({ tags }: { tags: Record<string, string> }) => tags[tagKeys.point] === point.id;
    const idsOf = (...found: { id: string; tags: Record<string, string> }[][]) =>
      found.flatMap((listed) => listed.filter(isOf).map(({ id }) => id));
    const own = copies.filter(isOf);
    const target = idsOf(
      images,
      own.filter(({ id }) => !kept.has(id)),
    );
    const source = sources && idsOf(sources.images, sources.snapshots);
    return { point, action, because, target, source, lineage: own.filter(({ id }) => kept.has(id)).length };
  });
};

const filtersOf = (run: Run, group: PointToRemove[]) => [
  { Name: `tag:${tagKeys.application}`, Values: [run.application] },
  { Name: `tag:${tagKeys.point}`, Values: group.map(({ point }) => point.id) },
];

const snapshotsOf = async (
  { clients }: Context,
  run: Run,
  region: string,
  group: PointToRemove[],
): Promise<SnapshotFact[]> => (group.length > 0 ? listSnapshots(clients, region, filtersOf(run, group)) : []);

const imagesOf = async ({ clients }: Context, run: Run, region: string, group: PointToRemove[]) =>
  group.length > 0 ? listImages(clients, region, filtersOf(run, group)) : [];

/** Some of the snapshots in both Regions that carry our tag and belong to no point on record. */
const straysOf = async (context: Context, run: Run, decisions: RetentionDecision[]): Promise<string[]> => {
  const known = new Set(decisions.map(({ point }) => point.id));
  const where = ({ tags }: SnapshotFact) => !known.has(tags[tagKeys.point] ?? "");
  const filters = [{ Name: `tag:${tagKeys.application}`, Values: [run.application] }];
  const list = (region: string) => listSnapshots(context.clients, region, filters, { where, limit: straysMax });
  const found = [...(await list(run.target)), ...((await unlessSilent(context, run, () => list(run.source))) ?? [])];
  return found.map(({ id }) => id).slice(0, straysMax);
};
