import { homeOf, launchedOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { ec2Of } from "../ec2/state.ts";
import { tag } from "../ec2/tags.ts";
import type { World } from "../kernel.ts";
import { stateOf } from "../world/state-of.ts";

/**
 * A cleaner of unused images and snapshots takes the newest complete points of each resource in the recovery Region: it
 * deregisters their images and deletes their copies, but for what is locked. [EBS:ebs-snapshot-lock]
 */
export const deleteCopies = (world: World, { application, regions, protect }: Plan, newest: number) => {
  const { points } = stateOf(world, homeOf({ regions }), application);
  const complete = points.filter(({ state, pointAt }) => state === "complete" && pointAt);
  const gone = new Set(
    protect.flatMap(({ name }) =>
      complete
        .filter(({ resource }) => resource === name)
        .sort((a, b) => (a.pointAt! < b.pointAt! ? 1 : -1))
        .slice(0, newest)
        .map(({ id }) => id),
    ),
  );
  const { images, snapshots, takenAway } = ec2Of(world, launchedOf({ regions }));
  const deletable = new Set(
    [...snapshots.values()].filter(({ lockedUntil }) => (lockedUntil ?? 0) <= world.now()).map(({ id }) => id),
  );
  const take = (id: string) => {
    if (deletable.has(id) && snapshots.delete(id)) takenAway.add(id);
  };
  for (const image of [...images.values()].filter((one) => gone.has(tag(one, tagKeys.point) ?? ""))) {
    images.delete(image.id);
    for (const { snapshot } of image.devices) take(snapshot ?? "");
  }
  for (const snapshot of [...snapshots.values()].filter((one) => gone.has(tag(one, tagKeys.point) ?? "")))
    take(snapshot.id);
};

/** Somebody deletes the plan's security groups in the recovery Region; one in use cannot be. [SDK EC2: DeleteSecurityGroup] */
export const deleteGroups = (world: World, { regions, protect }: Plan) => {
  const { securityGroups, networkInterfaces } = ec2Of(world, launchedOf({ regions }));
  const inUse = new Set([...networkInterfaces.values()].flatMap((one) => one.securityGroups));
  for (const id of protect.flatMap(({ launch }) => launch.securityGroups))
    if (!inUse.has(id)) securityGroups.delete(id);
};
