/** Part of invariant 4, checked at each call: the newest usable points and the pinned points stay. */

import { unmarshall } from "@aws-sdk/util-dynamodb";
import { homeOf, launchedOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Manifest, Point } from "../../functions/core/model/recovery-point.ts";
import { ec2Of } from "../ec2/state.ts";
import type { CallRecord, World } from "../kernel.ts";
import { itemsFrom } from "../services/dynamodb.ts";
import { newestPoints, stateOf } from "../world/state-of.ts";

/** A point that could be recovered from until a call of ours, although a run had pinned it or none younger could. */
export type Loss = { application: string; point: string; because: string };

/** Judges what takes points away in a recovery Region at its instant (invariant 4): what a rotation says of itself proves nothing. */
export const createLosses = (world: World, plans: Plan[]): Loss[] => {
  const losses: Loss[] = [];
  world.onChange((call) => {
    const hurt = plans.filter(({ regions }) => homeOf({ regions }) === call.region && mayTake(call));
    const before = hurt.map((plan) => ({ plan, best: bestOf(world, plan), pinned: pinnedOf(world, plan) }));
    return () => {
      for (const { plan, best, pinned } of before) {
        const { application } = plan;
        const stayed = bestOf(world, plan);
        for (const [resource, { id, pointAt }] of best)
          if ((stayed.get(resource)?.pointAt ?? "") < (pointAt ?? ""))
            losses.push({ application, point: id, because: "no newer point was usable" });
        const left = pinnedOf(world, plan).points;
        for (const point of pinned.points)
          if (!left.includes(point)) losses.push({ application, point, because: `${pinned.run} had pinned it` });
      }
    };
  });
  return losses;
};

const mayTake = ({ service, operation, step }: CallRecord) =>
  operation === "DeleteSnapshot" || operation === "DeregisterImage" || (service === "DynamoDB" && step === "Rotate");

const stored = <T>(world: World, { application, regions }: Plan, prefix: string) =>
  itemsFrom(world, homeOf({ regions }), "lifeboat", application, prefix).map((item) => unmarshall(item) as T);

/** Resource -> the newest point that it can be recovered from now. */
const bestOf = (world: World, plan: Plan): Map<string, Point> => {
  const whole = stored<Point>(world, plan, "point#");
  for (;;) {
    const newest = newestPoints(whole, world.now());
    const lacking = [...newest.values()].filter((point) => !isWhole(world, plan, point));
    if (lacking.length === 0) return newest;
    for (const point of lacking) whole.splice(whole.indexOf(point), 1);
  }
};

/** Points that a run has pinned, and that are whole now. */
const pinnedOf = (world: World, plan: Plan) => {
  const { row } = stateOf(world, homeOf(plan), plan.application);
  const pinned = new Set(Object.values(row?.run?.points ?? {}));
  const points = pinned.size > 0 ? stored<Point>(world, plan, "point#").filter(({ id }) => pinned.has(id)) : [];
  return { run: row?.run?.name, points: points.filter((one) => isWhole(world, plan, one)).map(({ id }) => id) };
};

const isWhole = (world: World, plan: Plan, { id, servers }: Point): boolean => {
  const { snapshots, images, archived } = ec2Of(world, launchedOf(plan));
  const own = stored<Manifest>(world, plan, `manifest#${id}#`).filter(({ server }) => servers.includes(server));
  const wanted = own.flatMap(({ volumes }) => volumes.flatMap(({ snapshot }) => snapshot ?? []));
  // one with a licence cannot be registered again
  const licensed = own.flatMap(({ byImage, image }) => (byImage && image ? image : []));
  const isThere = (one: string) => snapshots.get(one)?.state === "completed" && !archived.has(one);
  const isComplete = own.length === servers.length && wanted.length > 0;
  return isComplete && wanted.every(isThere) && licensed.every((one) => images.has(one));
};
