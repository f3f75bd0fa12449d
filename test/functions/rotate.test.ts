import { describe, expect, it } from "vitest";
import { registerImage } from "../../functions/aws/ec2/images.ts";
import { RefusedError, StaleLeaseError } from "../../functions/core/errors.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import type { Fault } from "../../simulator/scenario/fault.ts";
import {
  aPointOf,
  byHand,
  calls,
  hourly,
  isWholeIn,
  none,
  playRotation,
  pointsOf,
  primary,
  recovery,
  snapshotsIn,
} from "../support/rotation-scene.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const play = (body: (live: Simulated) => Promise<void>, plan: Plan = hourly(), faults: Fault[] = []) =>
  simulated({ plan, faults }, async (live) => {
    await live.context.store.savePlan(plan);
    await body(live);
  });
const idsIn = async ({ context }: Simulated) => (await context.store.points("shop", "web")).map(({ id }) => id);
const mutating = ({ world }: Simulated) => world.journal.filter((call) => call.mutating && call.service === "EC2");

describe("a rotation", () => {
  it("a rotation takes whole points in both Regions, with images, manifests and records, and leaves the rest alone", () =>
    play(async (live) => {
      const points = await pointsOf(live, 4);
      const [first] = await live.context.store.manifests("shop", points[0]!.id);
      const tags = { [tagKeys.application]: "shop", [tagKeys.point]: points[0]!.id };
      await registerImage(live.clients, recovery, "an-old-image", first!, tags);
      await live.advance(600);

      const { tally } = await playRotation(live, hourly());

      expect(await idsIn(live)).toEqual([points[2]!.id, points[3]!.id]);
      for (const region of [primary, recovery])
        expect(points.map((point) => isWholeIn(live.world, region, point))).toEqual([false, false, true, true]);
      expect(ec2Of(live.world, recovery).images.size).toBe(0);
      expect(await live.context.store.manifests("shop", points[0]!.id)).toEqual([]);
      expect(tally).toMatchObject({ complete: 4, kept: 2, rotated: 2, images: 1, refused: { count: 0 }, left: 0 });
      expect(tally.points.map(({ id, because }) => [id, because])).toEqual([
        [points[0]!.id, "no longer kept by hourly 2"],
        [points[1]!.id, "no longer kept by hourly 2"],
      ]);
    }));

  it("a rotation ends early, and reads only the record, when every point is kept", () =>
    play(async (live) => {
      await pointsOf(live, 2);
      const before = live.world.journal.length;
      const result = await playRotation(live, hourly());
      expect(result).toMatchObject({ done: true, rest: true, passes: 1 });
      expect(live.world.journal.slice(before).filter(({ service }) => service !== "DynamoDB")).toEqual([]);
    }));

  it("a rotation keeps the newest complete point whatever the plan says, and deletes nothing of an open one", () =>
    play(async (live) => {
      const [old, newest] = await pointsOf(live, 2);
      const open = await aPointOf(live, { state: "open", pointAt: null });
      await playRotation(live, hourly({ keep: none }));
      expect(await idsIn(live)).toEqual([newest!.id, open.id]);
      expect([old!, newest!, open].map((point) => isWholeIn(live.world, recovery, point))).toEqual([false, true, true]);
    }));

  it("a rotation keeps source snapshots shorter where the plan says so, and looks for them once", () =>
    play(
      async (live) => {
        const plan = hourly({ keepSource: { ...none, hourly: 1 } });
        const points = await pointsOf(live, 3);
        const { tally } = await playRotation(live, plan);
        const wholeIn = (region: string) => points.map((point) => isWholeIn(live.world, region, point));
        expect(wholeIn(recovery)).toEqual([false, true, true]);
        expect(wholeIn(primary)).toEqual([false, false, true]);
        expect(tally).toMatchObject({ rotated: 1, sourceless: 1, kept: 2 });
        expect((await live.context.store.point("shop", points[1]!.id))?.sourcesGone).toBe(true);
        expect(await playRotation(live, plan)).toMatchObject({ rest: true });
      },
      hourly({ keepSource: { ...none, hourly: 1 } }),
    ));

  it("a rotation leaves what is not ours, or of a point that nobody knows, and names it to a person", () =>
    play(async (live) => {
      const points = await pointsOf(live, 3);
      const stray = ec2Of(live.world, recovery).snapshots.get(snapshotsIn(live.world, recovery, points[0]!.id)[0]!)!;
      stray.tags = stray.tags.map((tag) => (tag.Key === tagKeys.point ? { ...tag, Value: "web.unknown" } : tag));
      const foreign = ec2Of(live.world, recovery).snapshots.get(snapshotsIn(live.world, recovery, points[0]!.id)[1]!)!;
      foreign.tags = foreign.tags.filter(({ Key }) => Key !== tagKeys.application);
      const { tally } = await playRotation(live, hourly(), byHand({ approve: true }));
      expect(tally.strays).toEqual([stray.id]);
      expect([stray, foreign].map(({ id }) => ec2Of(live.world, recovery).snapshots.has(id))).toEqual([true, true]);
    }));

  it("a rotation keeps the newest copy of a volume that is in no newer point, as long as the volume exists", () =>
    play(async (live) => {
      const whole = await aPointOf(live);
      await live.advance(600);
      const fewer = [await aPointOf(live, { without: 1 })];
      await live.advance(600);
      fewer.push(await aPointOf(live, { without: 1 }));
      const [first] = ec2Of(live.world, primary).instances.values();
      const volumes = first!.volumes.map(({ volume }) => volume);
      const { tally } = await playRotation(live, hourly());

      expect(tally).toMatchObject({ rotated: 1, lineage: volumes.length });
      expect(snapshotsIn(live.world, recovery, whole.id)).toHaveLength(volumes.length);
      expect(snapshotsIn(live.world, primary, whole.id)).toEqual([]);
      expect(await live.context.store.point("shop", whole.id)).toMatchObject({ state: "discarded", rotated: true });

      for (const volume of volumes) ec2Of(live.world, primary).volumes.delete(volume);
      await playRotation(live, hourly());
      expect(snapshotsIn(live.world, recovery, whole.id)).toEqual([]);
      expect(await idsIn(live)).toEqual(fewer.map(({ id }) => id));
    }));

  it("a rotation says what AWS refuses to delete, goes on with the rest, and tries again the next time", () =>
    play(async (live) => {
      const [old] = await pointsOf(live, 3);
      const [manifest] = await live.context.store.manifests("shop", old!.id);
      const image = await registerImage(live.clients, recovery, "of-somebody", manifest!, { Owner: "somebody" });
      await live.advance(600);
      const used = manifest!.volumes.map(({ snapshot }) => snapshot!);
      const { tally } = await playRotation(live, hourly(), { name: "rotate-1" });

      expect(tally.refused.count).toBe(used.length);
      expect(tally.refused.first[0]).toContain("InvalidSnapshot.InUse");
      expect(snapshotsIn(live.world, recovery, old!.id).sort()).toEqual(used.sort());
      const [entry] = await live.context.store.ledger("shop", "rotate-1");
      expect(entry).toMatchObject({
        outcome: "Partial",
        detail: { failed: [expect.stringMatching(/^\d+ not deleted: /)] },
      });

      ec2Of(live.world, recovery).images.delete(image);
      await playRotation(live, hourly());
      expect(await idsIn(live)).not.toContain(old!.id);
    }));

  it("a rotation keeps locked points until their lock is over", () =>
    play(
      async (live) => {
        const plan = hourly({ lockSeconds: 86_400 });
        await pointsOf(live, 3);
        const { tally } = await playRotation(live, plan, byHand({ approve: true }));
        expect(tally).toMatchObject({
          rotated: 0,
          waiting: [{ because: expect.stringContaining("locked until about") }],
        });
        await live.advance(86_400 + 7_200);
        expect((await playRotation(live, plan)).tally).toMatchObject({ rotated: 1 });
      },
      hourly({ lockSeconds: 86_400 }),
    ));
});

describe("a large rotation", () => {
  const crowd = Array.from({ length: 2_600 }, (_, index) => `i-crowd-${index}`);
  it("a large rotation handles some of the points in a round, and continues with the others by itself", () =>
    play(async (live) => {
      const points = await pointsOf(live, 4);
      for (const point of points)
        await live.context.store.savePoint({ ...point, servers: [...point.servers, ...crowd] });
      let asked = 0;
      const slow = () => new Date(live.world.now() + 15_000 * asked++);
      const { tally } = await playRotation({ ...live, context: { ...live.context, now: slow } }, hourly());
      const rounds = calls(live.world, "DescribeImages").filter(({ region }) => region === recovery);
      expect(rounds).toHaveLength(2);
      expect(tally).toMatchObject({ complete: 4, kept: 2, rotated: 2, left: 0 });
      expect(await idsIn(live)).toEqual([points[2]!.id, points[3]!.id]);
    }));
});

describe("a person", () => {
  it("a rotation by hand asks for approval before it deletes more than a fifth of the points, and has changed nothing by then", () =>
    play(async (live) => {
      await pointsOf(live, 3);
      const before = mutating(live).length;
      const asked = playRotation(live, hourly(), byHand());
      await expect(asked).rejects.toThrow(RefusedError);
      await expect(asked).rejects.toThrow("1 of 3 complete points would go, more than 20 % of them");
      expect(mutating(live)).toHaveLength(before);
      expect(await idsIn(live)).toHaveLength(3);
    }));
  it("a rotation with `approve` deletes them", () =>
    play(async (live) => {
      await pointsOf(live, 3);
      expect((await playRotation(live, hourly(), byHand({ approve: true }))).tally.rotated).toBe(1);
    }));
});

describe("a run that moves the application", () => {
  const pin = (live: Simulated, points: Record<string, string>) =>
    live.context.table.update(
      { pk: "shop", sk: "row" },
      { set: { run: { id: "arn:failover", name: "failover-1", machine: "failover", points } } },
      { absent: "run" },
    );
  it("a failover stops a rotation before anything is deleted", () =>
    play(async (live) => {
      const points = await pointsOf(live, 3);
      const rotation = playRotation(live, hourly(), {}, async (passes) => {
        if (passes === 1) await pin(live, { web: points[2]!.id });
      });
      await expect(rotation).rejects.toThrow(StaleLeaseError);
      expect(calls(live.world, "DeleteSnapshot")).toEqual([]);
    }));
  it("a failover keeps the point that it pins in the moment in which rotation marks it", () =>
    play(async (live) => {
      const points = await pointsOf(live, 3);
      const { table } = live.context;
      const context = {
        ...live.context,
        table: {
          ...table,
          write: async (...[puts, removes]: Parameters<typeof table.write>) => {
            await pin(live, { web: points[0]!.id });
            await table.write(puts, removes);
          },
        },
      };
      const { tally } = await playRotation({ ...live, context }, hourly());
      expect(tally).toMatchObject({ rotated: 0, kept: 3 });
      expect(calls(live.world, "DeleteSnapshot")).toEqual([]);
      expect(await live.context.store.point("shop", points[0]!.id)).toEqual(points[0]);
    }));
});

describe("faults", () => {
  const during = (fault: Record<string, unknown>) =>
    ({ from: 3 * 3_600_000, until: 6 * 3_600_000, ...fault }) as unknown as Fault;
  it("a rotation deletes only what is in the target Region while the source is dark, and the rest later", () =>
    play(
      async (live) => {
        const [old] = await pointsOf(live, 3);
        const { tally } = await playRotation(live, hourly());
        expect(tally.unanswered).toMatchObject({ count: 1, first: [expect.stringContaining("did not respond")] });
        expect([primary, recovery].map((region) => isWholeIn(live.world, region, old!))).toEqual([true, false]);
        expect(await live.context.store.point("shop", old!.id)).toMatchObject({ state: "discarded" });

        await live.advance(4 * 3_600);
        await playRotation(live, hourly());
        expect(isWholeIn(live.world, primary, old!)).toBe(false);
        expect(await idsIn(live)).not.toContain(old!.id);
      },
      hourly(),
      [during({ fault: "region-down", region: primary })],
    ));

  it("a rotation leaves the source to the next one when the Region goes down in the middle", () =>
    play(async (live) => {
      const [old] = await pointsOf(live, 3);
      const [from, until] = [live.world.now() + 5_000, live.world.now() + 3_600_000];
      (live.world.faults.list as unknown[]).push({ fault: "region-down", region: primary, from, until });
      const { tally } = await playRotation(live, hourly());
      expect(tally.unanswered.count).toBe(snapshotsIn(live.world, primary, old!.id).length);
      expect(tally.unanswered.first).toEqual(["eu-west-1 did not respond"]);
      expect(await live.context.store.point("shop", old!.id)).toMatchObject({ state: "discarded", rotated: true });

      await live.advance(3_600);
      await playRotation(live, hourly());
      expect(await idsIn(live)).not.toContain(old!.id);
    }));

  it.each([
    ["calls are throttled", { fault: "throttle", operation: "EC2.*", rate: 0.3 }],
    ["replies are lost", { fault: "lost-response", operation: "EC2.Delete*", rate: 0.5 }],
  ])("%s: after two further rotations nothing of the points is left", (_, fault) =>
    play(
      async (live) => {
        const [old] = await pointsOf(live, 3);
        for (const _again of [1, 2, 3]) {
          await playRotation(live, hourly());
          await live.advance(2 * 3_600);
        }
        expect([primary, recovery].map((region) => isWholeIn(live.world, region, old!))).toEqual([false, false]);
        expect(await idsIn(live)).not.toContain(old!.id);
      },
      hourly(),
      [during(fault)],
    ),
  );
});
