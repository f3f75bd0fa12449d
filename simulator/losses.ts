import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Plan } from "../functions/core/plan.ts";
import type { Manifest, Point } from "../functions/core/point.ts";
import { itemsFrom } from "./dynamodb.ts";
import { ec2Of } from "./ec2/state.ts";
import type { CallRecord, World } from "./kernel.ts";
import { stateOf } from "./state-of.ts";

/** A point that was whole until a call of ours took a part of it, although a run had pinned it or none younger was whole. */
export type Loss = { application: string; point: string; because: string };

const takes = new Set(["DeleteSnapshot", "DeregisterImage"]);

/** Judges each deletion in a recovery Region at its instant (law 4): what a rotation says of itself proves nothing. */
export const createLosses = (world: World, plans: Plan[]): Loss[] => {
  const losses: Loss[] = [];
  world.onDone(({ service, operation, region, input }: CallRecord) => {
    if (service !== "EC2" || !takes.has(operation)) return;
    const id = String(input.SnapshotId ?? input.ImageId);
    for (const plan of plans) if (plan.regions.recovery === region) losses.push(...lossesOf(world, plan, id));
  });
  return losses;
};

const lossesOf = (world: World, { application, regions }: Plan, id: string): Loss[] => {
  const region = regions.recovery;
  const stored = <T>(prefix: string) =>
    itemsFrom(world, region, "lifeboat", application, prefix).map((item) => unmarshall(item) as T);
  const partsOf = (point: Point) => parts(point, stored<Manifest>(`manifest#${point.id}#`));
  const points = stored<Point>("point#");
  const hurt = points.find((point) => point.completedAt !== null && partsOf(point)?.includes(id));
  if (!hurt || !isWhole(world, region, partsOf(hurt), id)) return [];

  const { run } = stateOf(world, region, application).row ?? {};
  const pinned = Object.values(run?.points ?? {}).includes(hurt.id);
  if (pinned) return [{ application, point: hurt.id, because: `${run?.name} had pinned it` }];
  const isYounger = ({ resource, state, damaged, pointAt }: Point) =>
    resource === hurt.resource && state === "complete" && !damaged && (pointAt ?? "") > (hurt.pointAt ?? "");
  if (points.some((point) => isYounger(point) && isWhole(world, region, partsOf(point)))) return [];
  return [{ application, point: hurt.id, because: "no younger one was whole" }];
};

/** Ids of all that a point is made of in the recovery Region; null when it lacks some. */
const parts = ({ servers }: Point, manifests: Manifest[]): string[] | null => {
  const own = manifests.filter(({ server }) => servers.includes(server));
  const wanted = own.flatMap(({ volumes, byImage, image }) => [
    ...volumes.flatMap(({ snapshot }) => snapshot ?? []),
    // one with a licence cannot be registered again
    ...(byImage && image ? [image] : []),
  ]);
  return own.length === servers.length && wanted.length > 0 ? wanted : null;
};

/** `gone`: the one that was there until now. */
const isWhole = (world: World, region: string, wanted: string[] | null, gone?: string) => {
  const { snapshots, images, archived } = ec2Of(world, region);
  const isThere = (id: string) =>
    id === gone || images.has(id) || (snapshots.get(id)?.state === "completed" && !archived.has(id));
  return wanted?.every(isThere) ?? false;
};
