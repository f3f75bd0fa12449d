import { unmarshall } from "@aws-sdk/util-dynamodb";
import { tagKeys } from "../../functions/core/names.ts";
import type { Plan } from "../../functions/core/plan.ts";
import type { Manifest, Point } from "../../functions/core/point.ts";
import { itemsFrom } from "../../simulator/dynamodb.ts";
import { ec2Of, type Snapshot } from "../../simulator/ec2/state.ts";
import type { Execution } from "../../simulator/executions.ts";
import type { CallRecord } from "../../simulator/kernel.ts";
import type { Stage } from "../../simulator/stage.ts";
import { tag } from "../../simulator/world-inventory.ts";
import { keptOf } from "./fleet-oracle.ts";

export type Completed = { id: string; resource: string; pointAt: string; seenAt: number };

/** Broken laws told of one story at most: the first ones say what is wrong. */
const toldMax = 12;

/**
 * Laws about points that hold at every moment of a story: judged where a point becomes complete, where a snapshot of the
 * target is deleted or made, and where a rotation ends.
 */
export const createPointLaws = (plan: Plan) => {
  const { primary, recovery } = plan.regions;
  const broken: string[] = [];
  /** Every point that was ever complete. */
  const completed = new Map<string, Completed>();
  /** Copies of the newest complete point of each resource -> that point. */
  const guarded = new Map<string, string>();
  const keys = new Map<string, string | null>();
  const parsed = new WeakMap<object, Point | Manifest>();
  let stage: Stage;
  let dirty = true;
  let rotations = 0;

  const tell = (sentence: string) => {
    const line = `${new Date().toISOString()} ${sentence}`;
    if (broken.length < toldMax) broken.push(line);
  };

  const stored = <T extends Point | Manifest>(prefix: string): T[] =>
    itemsFrom(stage.world, recovery, "lifeboat", plan.application, prefix).map((item) => {
      const known = parsed.get(item) ?? (unmarshall(item) as T);
      parsed.set(item, known);
      return known as T;
    });

  /** What is newest and complete now; a point that has just become so must be whole. */
  const look = () => {
    if (!dirty) return;
    dirty = false;
    const points = stored<Point>("point#").filter(({ state }) => state === "complete");
    const fresh = points.filter(({ id }) => !completed.has(id));
    if (fresh.length === 0) return;
    const newest = plan.protect.flatMap(
      ({ name }) => newestOf(points.filter(({ resource }) => resource === name)) ?? [],
    );
    const manifests = new Map([...fresh, ...newest].map(({ id }) => [id, stored<Manifest>(`manifest#${id}#`)]));
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
    const { snapshots } = ec2Of(stage.world, recovery);
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

  const afterRotation = ({ name, results }: Execution) => {
    const result = results.get("Rotate") as object | undefined;
    if (!result) return;
    dirty = true;
    look();
    rotations += 1;
    const points = stored<Point>("point#");
    const complete = points.filter(({ state }) => state === "complete").map(({ id }) => id);
    const history = Map.groupBy(completed.values(), ({ resource }) => resource);
    const expected = plan.protect.flatMap((resource) => [...keptOf(history.get(resource.name) ?? [], resource.keep)]);
    const [surplus, lost] = [without(complete, expected), without(expected, complete)];
    if (surplus.length + lost.length > 0)
      tell(`${name} kept ${surplus.join(" ") || "nothing"} too much, ${lost.join(" ") || "nothing"} too little`);

    const target = pointsIn(stage, recovery);
    const gone = [...completed.keys()].filter((id) => !expected.includes(id) && target.has(id));
    if (gone.length > 0) tell(`${name} left copies of ${gone.join(" ")} behind`);
    const source = pointsIn(stage, primary);
    const wanted = plan.protect.flatMap(({ name: resource, keep, keepSource }) => [
      ...keptOf(history.get(resource) ?? [], keepSource ?? keep),
    ]);
    const [left, missed] = [
      without(
        [...source].filter((id) => completed.has(id)),
        wanted,
      ),
      wanted.filter((id) => !source.has(id)),
    ];
    if (left.length > 0) tell(`${name} left sources of ${left.join(" ")} behind`);
    if (missed.length > 0) tell(`${name} deleted the sources of ${missed.join(" ")}`);
  };

  return {
    broken,
    completed,
    rotations: () => rotations,

    began(of: Stage) {
      stage = of;
      const { snapshots } = ec2Of(stage.world, recovery);
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

const without = (values: string[], taken: string[]) => {
  const known = new Set(taken);
  return values.filter((value) => !known.has(value));
};

/** Points that snapshots of a Region belong to; one in deletion is gone for its users. */
const pointsIn = (stage: Stage, region: string) =>
  new Set([...ec2Of(stage.world, region).snapshots.values()].flatMap((one) => tag(one, tagKeys.point) ?? []));
