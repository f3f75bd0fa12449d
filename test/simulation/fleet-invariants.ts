import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Keep, Plan, Resource } from "../../functions/core/model/plan.ts";
import type { Manifest, Point } from "../../functions/core/model/recovery-point.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { ec2Of, type Snapshot } from "../../simulator/ec2/state.ts";
import { tag } from "../../simulator/ec2/tags.ts";
import type { CallRecord } from "../../simulator/kernel.ts";
import type { Execution } from "../../simulator/machines/executions.ts";
import { itemsFrom } from "../../simulator/services/dynamodb.ts";
import type { Environment } from "../../simulator/world/environment.ts";
import { keptOf } from "./fleet-oracle.ts";

export type Completed = { id: string; resource: string; pointAt: string; seenAt: number };

/** Broken invariants told of one story at most: the first ones say what is wrong. */
const listedMax = 12;

/**
 * Invariants about points that hold at every moment of a story: judged where a point becomes complete, where a snapshot of the
 * target is deleted or made, and where a rotation ends.
 */
export const createPointInvariants = (plan: Plan) => {
  const { primary, recovery } = plan.regions;
  const broken: string[] = [];
  /** Every point that was ever complete. */
  const completed = new Map<string, Completed>();
  /** Copies of the newest complete point of each resource -> that point. */
  const guarded = new Map<string, string>();
  const keys = new Map<string, string | null>();
  const sweptAt = new Map<string, number>();
  const parsed = new WeakMap<object, Point | Manifest>();
  let environment: Environment;
  let dirty = true;
  let rotations = 0;

  const tell = (sentence: string) => {
    const line = `${new Date().toISOString()} ${sentence}`;
    if (broken.length < listedMax) broken.push(line);
  };

  const stored = <T extends Point | Manifest>(prefix: string): T[] =>
    itemsFrom(environment.world, recovery, "lifeboat", plan.application, prefix).map((item) => {
      const known = parsed.get(item) ?? (unmarshall(item) as T);
      parsed.set(item, known);
      return known as T;
    });

  /** What is newest and complete now; a point that has just become so must be whole. */
  const look = () => {
    if (!dirty) return;
    dirty = false;
    const known = stored<Point>("point#");
    for (const { id, swept } of known) if (swept && !sweptAt.has(id)) sweptAt.set(id, Date.now());
    const points = known.filter(({ state }) => state === "complete");
    const fresh = points.filter(({ id }) => !completed.has(id));
    if (fresh.length === 0) return;
    const newest = plan.protect.flatMap(
      ({ name }) => newestOf(points.filter(({ resource }) => resource === name)) ?? [],
    );
    // a server that was left out of a point may have a manifest, which counts for nothing
    const manifestsOf = ({ id, servers }: Point) =>
      stored<Manifest>(`manifest#${id}#`).filter(({ server }) => servers.includes(server));
    const manifests = new Map([...fresh, ...newest].map((point) => [point.id, manifestsOf(point)]));
    for (const point of fresh) {
      const { id, resource, pointAt } = point;
      completed.set(id, { id, resource, pointAt: pointAt ?? "", seenAt: Date.now() });
      for (const sentence of missing(point, manifests.get(id) ?? [])) tell(`${id} is called complete: ${sentence}`);
    }
    guarded.clear();
    for (const { id } of newest)
      for (const { volumes } of manifests.get(id) ?? [])
        for (const { snapshot } of volumes) if (snapshot) guarded.set(snapshot, id);
  };

  const missing = ({ servers }: Point, manifests: Manifest[]) => {
    const { snapshots } = ec2Of(environment.world, recovery);
    const bare = servers.filter((server) => !manifests.some((one) => one.server === server && one.volumes.length > 0));
    const lost = manifests.flatMap(({ name, volumes }) =>
      volumes
        .filter(({ snapshot }) => snapshots.get(snapshot ?? "")?.state !== "completed")
        .map(({ device }) => `${name} ${device} has no completed copy`),
    );
    return [...bare.map((server) => `${server} has no manifest`), ...lost];
  };

  const made = (copy: Snapshot, all: Iterable<Snapshot>) => {
    if (!copy.copyOf) return;
    const before = keys.get(copy.lineage);
    if (before !== undefined && before !== copy.key) tell(`${copy.id} of ${copy.lineage} is under another key`);
    keys.set(copy.lineage, copy.key);
    for (const { id, lineage, state } of all)
      if (lineage === copy.lineage && state === "pending" && id !== copy.id)
        tell(`${copy.id} of ${copy.lineage} was asked for while ${id} is pending`);
  };

  /** Replication may go on meanwhile: a rotation is right by what was complete and swept at one moment of its time. */
  const afterRotation = ({ name, results, startedAt }: Execution) => {
    if (!results.has("Rotate")) return;
    dirty = true;
    look();
    rotations += 1;
    // what a Region did not answer, or refused, stays until the next rotation, and the report says so
    const isWhole = (results.get("Report") as { outcome?: string } | undefined)?.outcome !== "partial";
    const changes = [...[...completed.values()].map(({ seenAt }) => seenAt), ...sweptAt.values()];
    const moments = new Set([Date.now(), startedAt, ...changes.filter((at) => at > startedAt)]);
    const wrong = [...moments].map((at) => rotatedWrongly(at, isWhole));
    if (wrong.every((one) => one.length > 0)) for (const sentence of wrong[0]!) tell(`${name} ${sentence}`);
  };

  const rotatedWrongly = (at: number, isWhole: boolean): string[] => {
    const history = [...completed.values()].filter(({ seenAt }) => seenAt <= at);
    // until replication has looked through a point for duplicates, rotation leaves it alone
    const isSettled = (id: string) => (sweptAt.get(id) ?? Number.POSITIVE_INFINITY) <= at;
    const keptBy = (which: (resource: Resource) => Keep) =>
      plan.protect.flatMap((resource) => [
        ...keptOf(
          history.filter((point) => point.resource === resource.name),
          which(resource),
        ),
      ]);
    const kept = keptBy(({ keep }) => keep);
    const keptSources = keptBy(({ keep, keepSource }) => keepSource ?? keep);
    const complete = stored<Point>("point#").filter(({ state }) => state === "complete");
    const known = complete.map(({ id }) => id).filter((id) => history.some((point) => point.id === id));
    const [surplus, lost] = [without(known, kept).filter(isSettled), without(kept, known)];

    const last = lastOfVolumes(environment);
    const copies = pointsOf(recovery, ({ id }) => !last.has(id));
    const sources = pointsOf(primary, () => true);
    const gone = history.map(({ id }) => id).filter((id) => !known.includes(id) && copies.has(id));
    const left = known.filter((id) => isSettled(id) && sources.has(id) && !keptSources.includes(id));
    const missed = keptSources.filter((id) => !sources.has(id));
    return [
      ...(surplus.length + lost.length > 0 ? [`kept ${told(surplus)} too much, ${told(lost)} too little`] : []),
      ...(isWhole && gone.length > 0 ? [`left copies of ${told(gone)} behind`] : []),
      ...(isWhole && left.length > 0 ? [`left sources of ${told(left)} behind`] : []),
      ...(missed.length > 0 ? [`deleted the sources of ${told(missed)}`] : []),
    ];
  };

  const pointsOf = (region: string, when: (snapshot: Snapshot) => boolean) => {
    const all = [...ec2Of(environment.world, region).snapshots.values()].filter(when);
    return new Set(all.flatMap((one) => tag(one, tagKeys.point) ?? []));
  };

  return {
    broken,
    completed,
    rotations: () => rotations,

    began(of: Environment) {
      environment = of;
      const { snapshots } = ec2Of(environment.world, recovery);
      const [remove, add] = [snapshots.delete.bind(snapshots), snapshots.set.bind(snapshots)];
      snapshots.delete = (id) => {
        look();
        const point = guarded.get(id);
        if (point) tell(`${id} was deleted: a copy of ${point}, the newest complete point`);
        return remove(id);
      };
      snapshots.set = (id, snapshot) => {
        made(snapshot, snapshots.values());
        return add(id, snapshot);
      };
    },

    called(calls: CallRecord[]) {
      dirty ||= calls.some(({ service, mutating }) => service === "DynamoDB" && mutating);
      look();
    },

    ended(execution: Execution) {
      if (execution.machine === "rotate" && execution.status === "SUCCEEDED") afterRotation(execution);
    },
  };
};

const newestOf = (points: Point[]) =>
  points.reduce<Point | null>((best, one) => (!best || (one.pointAt ?? "") > (best.pointAt ?? "") ? one : best), null);

const told = (ids: string[]) => ids.join(" ") || "nothing";

const without = (values: string[], taken: string[]) => {
  const known = new Set(taken);
  return values.filter((value) => !known.has(value));
};

/** The newest completed copy of each volume that still exists: it stays, so that the next copy is not a full one. */
export const lastOfVolumes = ({ world, plan }: Environment): Set<string> => {
  const { volumes } = ec2Of(world, plan.regions.primary);
  const last = new Map<string, Snapshot>();
  for (const copy of ec2Of(world, plan.regions.recovery).snapshots.values()) {
    if (!copy.copyOf || copy.state !== "completed" || !volumes.has(copy.lineage)) continue;
    const known = last.get(copy.lineage);
    if (!known || (copy.content?.set ?? "") > (known.content?.set ?? "")) last.set(copy.lineage, copy);
  }
  return new Set([...last.values()].map(({ id }) => id));
};
