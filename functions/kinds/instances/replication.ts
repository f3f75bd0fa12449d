import { isSilence } from "../../aws/errors.ts";
import { listSnapshots } from "../../aws/snapshots.ts";
import { tagKeys } from "../../core/names.ts";
import type { Plan, Resource } from "../../core/plan.ts";
import type { Manifest, ManifestVolume, Point } from "../../core/point.ts";
import type { Run } from "../../core/run.ts";
import { isCopy, type SnapshotFact } from "../../core/snapshot-fact.ts";
import { type Listed, progressOf, type VolumeProgress } from "../../core/volume-progress.ts";
import type { Context } from "../../runtime/context.ts";

/** One point that is still looked after, with everything that both Regions show of it. */
export type Watched = { point: Point; manifests: Manifest[]; listed: Listed; volumes: VolumeProgress[] };

export type Replication = {
  /** Every known point of this direction, by resource. */
  points: Map<string, Point[]>;
  watched: Watched[];
  /** False when the source Region gave no answer: copies in progress are still followed, and points completed. */
  sourceAnswered: boolean;
};

/** Points of the resource in this run's direction, oldest first. */
export const pointsOf = async ({ store }: Context, run: Run, resource: Resource): Promise<Point[]> => {
  const all = await store.points(run.application, resource.name);
  return all.filter(({ source, target }) => source === run.source && target === run.target);
};

/** The servers of a point as they were listed. A manifest of a server that was left out since does not count. */
export const manifestsOf = async ({ store }: Context, point: Point): Promise<Manifest[]> => {
  const all = await store.manifests(point.application, point.id);
  return all.filter(({ server }) => point.servers.includes(server));
};

/**
 * Compares what should be with what is: one listing per Region, however many volumes there are. `open`: the points in
 * progress; the source Region is asked only while some volume of theirs has no copy. `unswept`: also settled points in
 * which no later pass has looked for surplus yet.
 */
export const readReplication = async (
  context: Context,
  run: Run,
  plan: Plan,
  scope: "open" | "unswept",
): Promise<Replication> => {
  const points = new Map<string, Point[]>();
  for (const resource of plan.protect) points.set(resource.name, await pointsOf(context, run, resource));
  const isWatched = ({ state, swept }: Point) => state === "open" || (scope === "unswept" && !swept);
  const looked = [...points.values()].flat().filter(isWatched);

  const ids = looked.map(({ id }) => id);
  const copies = await snapshotsOfPoints(context, run, run.target, ids);
  const wanted: Omit<Watched, "listed" | "volumes">[] = [];
  for (const point of looked) wanted.push({ point, manifests: await manifestsOf(context, point) });

  const live = new Set(
    copies.flatMap(({ state, tags }) => (state === "error" ? [] : (tags[tagKeys.sourceSnapshot] ?? []))),
  );
  const lacksCopy = ({ sourceSnapshot }: ManifestVolume) => !sourceSnapshot || !live.has(sourceSnapshot);
  const asksSource =
    scope === "unswept" || wanted.some(({ manifests }) => manifests.some((one) => one.volumes.some(lacksCopy)));
  const sources = asksSource ? await sourcesOfPoints(context, run, ids) : [];

  const watched = wanted.map(({ point, manifests }) => {
    const isOfPoint = ({ tags }: SnapshotFact) => tags[tagKeys.point] === point.id;
    const listed = { sources: sources?.filter(isOfPoint) ?? null, copies: copies.filter(isOfPoint) };
    return { point, manifests, listed, volumes: progressOf(point, manifests, listed, context.now()) };
  });
  return { points, watched, sourceAnswered: sources !== null };
};

/** Pending copies of the target Region: ours and anybody's, as all of them take slots. */
export const copiesInFlight = async ({ clients }: Context, run: Run): Promise<SnapshotFact[]> => {
  const pending = await listSnapshots(clients, run.target, [{ Name: "status", Values: ["pending"] }]);
  return pending.filter(isCopy);
};

const pointsPerCall = 200;

/** Snapshots of these points in one Region. Ids of points are unique within an application only, so both tags are asked. */
const snapshotsOfPoints = async (
  { clients }: Context,
  run: Run,
  region: string,
  ids: string[],
): Promise<SnapshotFact[]> => {
  const found: SnapshotFact[] = [];
  for (let from = 0; from < ids.length; from += pointsPerCall) {
    const filters = [
      { Name: `tag:${tagKeys.application}`, Values: [run.application] },
      { Name: `tag:${tagKeys.point}`, Values: ids.slice(from, from + pointsPerCall) },
    ];
    found.push(...(await listSnapshots(clients, region, filters)));
  }
  return found;
};

/** Source snapshots of these points, or null when the source Region gives no answer. */
export const sourcesOfPoints = (context: Context, run: Run, ids: string[]): Promise<SnapshotFact[] | null> =>
  unlessSilent(context, run, () => snapshotsOfPoints(context, run, run.source, ids));

/** Asks the source Region; null when it gives no answer, which is no failure of the pass. */
export const unlessSilent = async <T>({ log }: Context, run: Run, ask: () => Promise<T>): Promise<T | null> => {
  try {
    return await ask();
  } catch (error) {
    if (!isSilence(error)) throw error;
    log.warn(`${run.source} gave no answer`, { message: (error as Error).message });
    return null;
  }
};
