import { expect, it } from "vitest";
import type { Point } from "../../../../functions/core/model/recovery-point.ts";
import { pointId, tagKeys } from "../../../../functions/core/names.ts";
import { ec2Of, kept } from "../../../../simulator/ec2/state.ts";
import type { World } from "../../../../simulator/kernel.ts";
import { aManifest, aPoint } from "../../../support/builders.ts";
import { aVolume } from "../../../support/replication.ts";
import {
  aPointOf,
  calls,
  hourly,
  none,
  playRotation,
  pointsOf,
  primary,
  recovery,
  snapshotsIn,
} from "../../../support/rotation-scene.ts";
import { type Simulated, simulated } from "../../../support/simulated.ts";

const perServer = 4;

/** A snapshot that was made long ago, put into the world without a call. */
const place = (world: World, region: string, tags: Record<string, string>): string => {
  const snapshot = {
    ...kept(
      world,
      region,
      "snap",
      Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    ),
    state: "completed" as const,
    stateMessage: null,
    volume: "vol-ffffffff",
    sizeGiB: 8,
    key: null,
    description: "",
    startedAt: world.now(),
    endsAt: world.now(),
    completedAt: world.now(),
    content: null,
    lineage: tags[tagKeys.volume]!,
    copyOf: null,
    minutes: null,
    lockedUntil: null,
  };
  ec2Of(world, region).snapshots.set(snapshot.id, snapshot);
  return snapshot.id;
};

/** A complete point of so many volumes, on a quarter as many servers. */
const aLargePoint = async ({ world, context }: Simulated, volumes: number): Promise<Point> => {
  const openedAt = context.now();
  const id = pointId("web", openedAt);
  const servers = Array.from({ length: volumes / perServer }, (_, index) => `i-${String(index).padStart(5, "0")}`);
  const manifests = servers.map((server) => ({
    ...aManifest({ server, point: id, image: null }),
    volumes: Array.from({ length: perServer }, (_, index) => {
      const volume = `vol-${server}-${index}`;
      const tags = { [tagKeys.application]: "shop", [tagKeys.point]: id, [tagKeys.volume]: volume };
      return aVolume({ volume, sourceSnapshot: place(world, primary, tags), snapshot: place(world, recovery, tags) });
    }),
  }));
  await context.store.saveManifests(manifests);
  const time = openedAt.toISOString();
  const point = aPoint({ id, openedAt: time, pointAt: time, completedAt: time, settledAt: time, servers, swept: true });
  await context.store.savePoint(point);
  return point;
};

it.each([
  [1_000, 60],
  [1_200, 72],
])("one point of %d volumes costs a call for each snapshot, and at most %d others", (volumes, others) =>
  simulated({ plan: hourly() }, async (live) => {
    const points: Point[] = [];
    for (const _hour of [1, 2]) {
      points.push(await aLargePoint(live, volumes));
      await live.advance(3_600);
    }
    const { world } = live;
    const before = world.journal.length;
    const result = await playRotation(live, hourly({ keep: { ...none, hourly: 1 } }));

    expect(result.tally).toMatchObject({ rotated: 1, copies: volumes, sources: volumes, kept: 1 });
    expect(calls(world, "DeleteSnapshot")).toHaveLength(2 * volumes);
    for (const region of [primary, recovery]) expect(ec2Of(world, region).snapshots.size).toBe(volumes);
    // EC2 gives a page of up to 1,000, or the 200 that a call may name; the simulated one gives 50
    const pages = world.journal.slice(before).filter(({ operation }) => operation === "DescribeSnapshots").length;
    const asOnAws = pages - 3 * (volumes / 50) + 2 * (volumes / 1_000) + volumes / 200;
    const rest = world.journal.slice(before).length - pages - 2 * volumes + asOnAws;
    expect(rest).toBeLessThanOrEqual(others);
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(32_768);
    expect(await live.context.table.query("shop", "pending#")).toEqual([]);
  }),
);

it("of 203 points takes them all: EC2 allows 200 filter values a call, and the application's name is one", () =>
  simulated({ plan: hourly() }, async (live) => {
    const oldest = await aPointOf(live);
    await live.advance(600);
    for (let minute = 1; minute < 203; minute++) {
      const at = new Date(Date.parse(oldest.openedAt) + minute * 1_000);
      const times = { openedAt: at.toISOString(), pointAt: at.toISOString(), completedAt: at.toISOString() };
      await live.context.store.savePoint({ ...oldest, ...times, id: pointId("web", at), servers: [] });
    }
    const kept = await pointsOf(live, 2);

    const { tally } = await playRotation(live, hourly());

    expect(tally).toMatchObject({ complete: 205, kept: 2, rotated: 203, left: 0 });
    const left = await live.context.store.points("shop", "web");
    expect(left.map(({ id }) => id)).toEqual(kept.map(({ id }) => id));
    expect(snapshotsIn(live.world, recovery, oldest.id)).toEqual([]);
  }));
