import { copySnapshot, createSnapshots } from "../../functions/aws/ec2/snapshots.ts";
import { acquireProtect, releaseProtect } from "../../functions/aws/store/lease.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Manifest, Point } from "../../functions/core/model/recovery-point.ts";
import type { Run } from "../../functions/core/model/run.ts";
import { pointId, tagKeys } from "../../functions/core/names.ts";
import { type RotateResult, rotate } from "../../functions/rotate.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import type { World } from "../../simulator/kernel.ts";
import { aManifest, aPlan, aPoint, aResource } from "./builders.ts";
import { aPass, aVolume } from "./replication.ts";
import type { Simulated } from "./simulated.ts";

/** What the tests of rotation share: complete points on the simulated AWS, and whole rotations. */
export const [primary, recovery] = ["eu-west-1", "eu-central-1"];
export const none = { hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
/** Keeps the newest point of each of the latest two hours. */
export const hourly = (over: Parameters<typeof aResource>[0] = {}): Plan =>
  aPlan({ protect: [aResource({ keep: { ...none, hourly: 2 }, ...over })] });

export const aRotation = (over: Partial<Run> = {}) => aPass({ machine: "rotate", ...over });
export const byHand = (over: Partial<Run["request"]> = {}) => ({
  request: { by: "person" as const, reason: null, recoveryPoint: "latest", approve: false, force: false, ...over },
});

/** A complete point of all servers, or of all but the first `without`, which replication has no more to do with. */
export const aPointOf = async (
  { world, context, clients, advance }: Simulated,
  { without = 0, ...over }: Partial<Point> & { without?: number } = {},
): Promise<Point> => {
  const openedAt = context.now();
  const point = aPoint({
    id: pointId("web", openedAt),
    openedAt: openedAt.toISOString(),
    pointAt: openedAt.toISOString(),
    servers: [],
    swept: true,
    imaged: false,
    ...over,
  });
  const tags = (server: string) => ({
    [tagKeys.application]: "shop",
    [tagKeys.resource]: "web",
    [tagKeys.point]: point.id,
    [tagKeys.server]: server,
  });
  const manifests: Manifest[] = [];
  for (const { id } of [...ec2Of(world, primary).instances.values()].slice(without)) {
    const set = await createSnapshots(clients, primary, id, undefined, tags(id));
    const volumes = set.map((one) => aVolume({ volume: one.volume, sourceSnapshot: one.id }));
    manifests.push(aManifest({ server: id, point: point.id, volumes, takenAt: set[0]!.startedAt, image: null }));
  }
  await advance(600);
  for (const { server, volumes, takenAt } of manifests)
    for (const volume of volumes) {
      const own = {
        [tagKeys.volume]: volume.volume,
        [tagKeys.sourceSnapshot]: volume.sourceSnapshot!,
        [tagKeys.sourceStartTime]: takenAt!,
      };
      const source = { region: primary, snapshot: volume.sourceSnapshot! };
      volume.snapshot = await copySnapshot(clients, recovery, source, null, { ...tags(server), ...own });
    }
  await advance(2_400);
  const completedAt = context.now().toISOString();
  const whole = { ...point, servers: manifests.map(({ server }) => server), completedAt, settledAt: completedAt };
  await context.store.saveManifests(manifests);
  await context.store.savePoint(whole);
  return whole;
};

/** So many complete points, an hour apart. */
export const pointsOf = async (live: Simulated, count: number): Promise<Point[]> => {
  const points: Point[] = [];
  while (points.length < count) {
    points.push(await aPointOf(live));
    await live.advance(600);
  }
  return points;
};

/** One rotation in the order of its machine. `onPass` is called before each pass. */
export const playRotation = async (
  { context, advance }: Simulated,
  plan: Plan,
  over: Partial<Run> = {},
  onPass: (passes: number) => Promise<void> | void = () => undefined,
): Promise<RotateResult> => {
  const startedAt = context.now().toISOString();
  const planVersion = await context.store.savePlan(plan);
  const run = aRotation({ startedAt, planVersion, id: `arn:${startedAt}`, name: `rotate-${startedAt}`, ...over });
  const { because } = await acquireProtect(context, run);
  if (because) throw new Error(because);
  let result: RotateResult | undefined;
  do {
    await onPass(result?.passes ?? 0);
    const input = { run, lease: { value: { generation: 1 } }, ...(result && { rotate: { value: result } }) };
    result = await rotate(structuredClone(input), context);
    if (!result.done) await advance(result.waitSeconds);
  } while (!result.done);
  await releaseProtect(context, run.application, run.id, "rotate");
  return result;
};

/** Ids of our snapshots in a Region, by point. */
export const snapshotsIn = (world: World, region: string, point: string): string[] =>
  [...ec2Of(world, region).snapshots.values()]
    .filter(({ tags }) => tags.some(({ Key, Value }) => Key === tagKeys.point && Value === point))
    .map(({ id }) => id);

export const isWholeIn = (world: World, region: string, { id }: Point) => snapshotsIn(world, region, id).length > 0;

export const calls = (world: World, operation: string) => world.journal.filter((call) => call.operation === operation);
