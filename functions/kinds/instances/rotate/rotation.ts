import { listImages } from "../../../aws/ec2/images.ts";
import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { readRow } from "../../../aws/store/lease.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import type { Plan } from "../../../core/model/plan.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import { asksFirst, type Fate, fatesOf } from "../../../core/points/rotation.ts";
import type { Context } from "../../../runtime/context.ts";
import { pointsOf, unlessSilent } from "../capture/replication.ts";
import { withNewestLookedAt } from "../catalog/look-again.ts";
import { newestOfLineages } from "./lineage.ts";

/** A point that goes, or (`sources`) whose source snapshots go. Ids of images and snapshots, images first. */
export type Going = {
  point: Point;
  action: "rotate" | "finish" | "sources";
  because: string;
  target: string[];
  /** Null when the source Region gave no answer: what the point has there stays for now. */
  source: string[] | null;
  /** Copies of it that stay: the newest of their volumes. */
  lineage: number;
};

export type RotationPlan = {
  /** Complete points before, and how many of them stay. */
  complete: number;
  kept: number;
  /** Oldest first within each action. */
  going: Going[];
  /** Points that go, but were not looked at this time: a bounded rotation comes to them later. */
  left: number;
  /** Points that no class keeps, and that stay for now. */
  waiting: { point: string; because: string }[];
  sourceAnswered: boolean;
  /** Why a person is asked first, or null. */
  asks: string | null;
  /** Snapshots that carry our tag but belong to no known point: nothing is done with them. Looked for when a person asks. */
  strays: string[];
};

/** Points, servers and ids that one round of a rotation looks at. */
const pointsPerCall = 200;
const serversPerCall = 2_500;
const idsPerRound = 20_000;
const roundSeconds = 20;
const straysMax = 20;

/** What a rotation would do now, every listing read to its end. Reads only. Throws when the target Region gives no answer. */
export const planRotation = async (context: Context, run: Run, plan: Plan): Promise<RotationPlan> => {
  const startedAt = context.now().getTime();
  const { run: moving } = await readRow(context, run.application);
  const pinned = new Set(Object.values(moving?.points ?? {}));
  const fates: Fate[] = [];
  for (const resource of plan.protect) {
    const points = await pointsOf(context, run, resource);
    const judge = (of: Point[]) => fatesOf(resource, of, pinned, context.now());
    const first = judge(points);
    const goes = first.some(({ action }) => action === "rotate");
    fates.push(...(goes ? judge(await withNewestLookedAt(context, run, points)) : first));
  }

  const goes = inOrder(fates);
  const going: Going[] = [];
  let silent = false;
  let ids = 0;
  for (const group of groupsOf(goes)) {
    const isLate = context.now().getTime() - startedAt > roundSeconds * 1_000;
    if (going.length > 0 && (ids >= idsPerRound || isLate)) break;
    const found = await look(context, run, group, newestOf(fates), silent);
    silent ||= found.some(({ source }) => source === null);
    ids += found.reduce((sum, { target, source }) => sum + target.length + (source?.length ?? 0), 0);
    going.push(...found);
  }
  const complete = fates.filter(({ point }) => point.state === "complete").length;
  const rotated = fates.filter(({ action }) => action === "rotate").length;
  return {
    complete,
    kept: complete - rotated,
    going,
    left: goes.length - going.length,
    waiting: fates.filter(isWaiting).map(({ point, because }) => ({ point: point.id, because })),
    sourceAnswered: !silent,
    asks: asksFirst(rotated, complete),
    strays: run.request.by === "person" ? await straysOf(context, run, fates) : [],
  };
};

type Gone = Pick<Going, "point" | "action" | "because">;

/** What was begun before comes first, then what goes now, then the sources of what stays. */
const inOrder = (fates: Fate[]): Gone[] => [
  ...fates.filter(({ action }) => action === "finish").map((fate) => ({ ...fate, action: "finish" as const })),
  ...fates.filter(({ action }) => action === "rotate").map((fate) => ({ ...fate, action: "rotate" as const })),
  ...fates
    .filter(({ sourcesGo }) => sourcesGo)
    .map(({ point }) => ({ point, action: "sources" as const, because: "no longer kept in the source Region" })),
];

const isWaiting = ({ action, code, classes }: Fate) =>
  action === "keep" && classes.length === 0 && ["Pinned", "Locked", "Unsettled", "Undated"].includes(code);

const newestOf = (fates: Fate[]) => fates.filter(({ code }) => code === "Newest").map(({ point }) => point);

/** Points whose snapshots one listing shows: a bounded number of them, and of their servers. */
const groupsOf = (goes: Gone[]): Gone[][] => {
  const groups: Gone[][] = [];
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

/** Everything that both Regions show of these points, over all pages. */
const look = async (context: Context, run: Run, group: Gone[], newest: Point[], silent: boolean): Promise<Going[]> => {
  const whole = group.filter(({ action }) => action !== "sources");
  const copies = await snapshotsOf(context, run, run.target, whole);
  const images = await imagesOf(context, run, run.target, whole);
  const sources = silent
    ? null
    : await unlessSilent(context, run, async () => ({
        snapshots: await snapshotsOf(context, run, run.source, group),
        images: await imagesOf(context, run, run.source, group),
      }));
  const held = await newestOfLineages(context, run, copies, newest);
  return group.map(({ point, action, because }) => {
    const isOf = ({ tags }: { tags: Record<string, string> }) => tags[tagKeys.point] === point.id;
    const idsOf = (...found: { id: string; tags: Record<string, string> }[][]) =>
      found.flatMap((listed) => listed.filter(isOf).map(({ id }) => id));
    const own = copies.filter(isOf);
    const target = idsOf(
      images,
      own.filter(({ id }) => !held.has(id)),
    );
    const source = sources && idsOf(sources.images, sources.snapshots);
    return { point, action, because, target, source, lineage: own.filter(({ id }) => held.has(id)).length };
  });
};

const filtersOf = (run: Run, group: Gone[]) => [
  { Name: `tag:${tagKeys.application}`, Values: [run.application] },
  { Name: `tag:${tagKeys.point}`, Values: group.map(({ point }) => point.id) },
];

const snapshotsOf = async ({ clients }: Context, run: Run, region: string, group: Gone[]): Promise<SnapshotFact[]> =>
  group.length > 0 ? listSnapshots(clients, region, filtersOf(run, group)) : [];

const imagesOf = async ({ clients }: Context, run: Run, region: string, group: Gone[]) =>
  group.length > 0 ? listImages(clients, region, filtersOf(run, group)) : [];

/** Some of the snapshots in both Regions that carry our tag and belong to no point on record. */
const straysOf = async (context: Context, run: Run, fates: Fate[]): Promise<string[]> => {
  const known = new Set(fates.map(({ point }) => point.id));
  const where = ({ tags }: SnapshotFact) => !known.has(tags[tagKeys.point] ?? "");
  const filters = [{ Name: `tag:${tagKeys.application}`, Values: [run.application] }];
  const list = (region: string) => listSnapshots(context.clients, region, filters, { where, limit: straysMax });
  const found = [...(await list(run.target)), ...((await unlessSilent(context, run, () => list(run.source))) ?? [])];
  return found.map(({ id }) => id).slice(0, straysMax);
};
