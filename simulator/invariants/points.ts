import { launchedOf } from "../../functions/core/model/direction.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { retain } from "../../functions/core/points/calendar-classes.ts";
import type { RotateResult } from "../../functions/rotate.ts";
import { ec2Of } from "../ec2/state.ts";
import { tag } from "../ec2/tags.ts";
import { newestPoints, pinnedPoints } from "../world/state-of.ts";
import type { InvariantCheck } from "./invariant.ts";

/** Invariants about what is kept and what is launched from it: judged from the EC2 that the story left and the stored points. */
export const pointInvariants: Record<string, InvariantCheck> = {
  "4 the last good point is kept": ({ world, plan, points, manifests, executions, endedAt, losses }) => {
    const { snapshots, takenAway } = ec2Of(world, launchedOf(plan));
    // what a run that is long over had pinned may go like any other: that is judged when it goes
    const rotatedAt = Math.max(0, ...executions.flatMap((one) => (one.machine === "rotate" ? one.startedAt : [])));
    const held = executions.filter(({ endedAt }) => (endedAt ?? Number.POSITIVE_INFINITY) > rotatedAt);
    const pinned = held.flatMap(({ results }) => Object.values(pinnedPoints(results)));
    const newest = [...newestPoints(points, endedAt).values()];
    const kept = new Set([...pinned, ...newest.map(({ id }) => id)]);
    const lost = losses
      .filter(({ application }) => application === plan.application)
      .map(({ point, because }) => `${point} was deleted, although ${because}`);
    const lacking = [...kept].flatMap((id) => {
      const point = points.find((one) => one.id === id);
      if (point?.state !== "complete") return [`${id} must be kept, but is ${point?.state ?? "gone"}`];
      const stored = manifests.filter((one) => one.point === id);
      const bare = point.servers.filter((server) => !stored.some((one) => one.server === server && one.volumes.length));
      const bereft = stored.flatMap(({ volumes, name }) =>
        volumes
          .filter(
            ({ snapshot }) => snapshots.get(snapshot ?? "")?.state !== "completed" && !takenAway.has(snapshot ?? ""),
          )
          .map(({ device }) => `${id}: ${name} ${device} has no completed copy`),
      );
      return [...bare.map((server) => `${id}: ${server} has no manifest`), ...bereft];
    });
    return [...lost, ...lacking];
  },

  "4 rotation keeps what the plan says": ({ plan, points, executions }) => {
    const rotations = executions.filter(({ machine, results }) => machine === "rotate" && results.has("Rotate"));
    const last = rotations.at(-1);
    if (!last) return [];
    const isWhole = rotateResult(last.results)?.next === "done";
    const beganAt = new Date(last.startedAt).toISOString();
    const known = points.filter(
      ({ state, damaged, completedAt }) => state === "complete" && !damaged && (completedAt ?? "") <= beganAt,
    );
    const rotated = rotations.flatMap(({ results }) => rotateResult(results)?.tally.points ?? []);
    return plan.protect.flatMap(({ name, keep, lockSeconds }) => {
      const own = known.filter(({ resource }) => resource === name);
      const gone = rotated.filter(
        ({ id, pointAt }) => pointAt && id.startsWith(`${name}.`) && !own.some((one) => one.id === id),
      );
      const kept = retain(
        [...own, ...gone].map(({ id, pointAt }) => ({ id, atMs: Date.parse(pointAt ?? "") })),
        keep,
      );
      const surplus = own.filter(({ id, swept }) => isWhole && swept && lockSeconds === 0 && !kept.has(id));
      const lost = gone.filter(({ id }) => kept.has(id));
      return [
        ...surplus.map(({ id }) => `${id} still exists, although no retention class keeps it`),
        ...lost.map(({ id }) => `${id} was deleted, although the plan keeps it`),
      ];
    });
  },

  "5 nothing is launched twice": ({ world, plan }) => {
    const { instances } = ec2Of(world, launchedOf(plan));
    const live = [...instances.values()].filter(({ state }) => state !== "terminated" && state !== "shutting-down");
    // over all runs: what an earlier one launched is taken over or removed
    const launched = live.filter((one) => tag(one, tagKeys.run));
    const servers = launched.map((one) => `${tag(one, tagKeys.server)} of ${tag(one, tagKeys.application)}`);
    return repeated(servers).map((server) => `${server} was launched twice`);
  },

  "5 images are named once": ({ world, plan }) => {
    const images = [...ec2Of(world, launchedOf(plan)).images.values()];
    const servers = images.map((one) => `of ${tag(one, tagKeys.server)} in ${tag(one, tagKeys.point)}`);
    return repeated([...images.map(({ name }) => name), ...servers]).map((name) => `image ${name} exists twice`);
  },

  "5 every server comes from one consistent set": ({ world, plan, manifests }) => {
    const { instances, volumes } = ec2Of(world, launchedOf(plan));
    return [...instances.values()].flatMap((instance) => {
      const server = tag(instance, tagKeys.server);
      if (!server || instance.state === "terminated") return [];
      const emptied = plan.protect.find(({ name }) => name === tag(instance, tagKeys.resource))?.exclude;
      const isMeantEmpty = (device: string) => emptied?.replace === "empty" && emptied.volumes.includes(device);
      const sets = new Set(
        instance.volumes.flatMap(({ device, volume }) => {
          const content = volumes.get(volume)?.content;
          return !content && isMeantEmpty(device) ? [] : [content?.set];
        }),
      );
      const name = manifests.find((one) => one.server === server)?.name ?? server;
      const missing = [...sets].some((set) => !set);
      return sets.size === 1 && !missing ? [] : [`${name} has volumes of ${sets.size} snapshot sets`];
    });
  },

  "8 a point counts only when it is complete": ({ points, manifests, world, plan }) => {
    const { snapshots } = ec2Of(world, launchedOf(plan));
    return points
      .filter(({ state }) => state === "complete")
      .flatMap((point) => {
        const done = Date.parse(point.completedAt ?? "");
        return manifests
          .filter((one) => one.point === point.id)
          .flatMap(({ volumes, name }) => volumes.map((volume) => ({ ...volume, name })))
          .filter(({ snapshot }) => {
            const copy = snapshots.get(snapshot ?? "");
            // a copy that is gone is invariant 4's to tell, if the point is one to keep
            return snapshot === null || (copy && !(copy.completedAt !== null && copy.completedAt <= done));
          })
          .map(({ name, device }) => `${point.id} was marked complete before the copy of ${name} ${device} was`);
      });
  },
};

const rotateResult = (results: Map<string, unknown>) => results.get("Rotate") as RotateResult | undefined;

export const repeated = (values: string[]) => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index)),
];
