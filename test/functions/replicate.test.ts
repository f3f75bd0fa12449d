import { describe, expect, it } from "vitest";
import { ec2Of, type Snapshot } from "../../simulator/ec2/state.ts";
import type { World } from "../../simulator/kernel.ts";
import type { Fault } from "../../simulator/scenario/fault.ts";
import { moveAlias } from "../../simulator/services/kms.ts";
import { aPlan, aResource } from "../support/builders.ts";
import { playPass } from "../support/pass.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"];
const minutes = 60_000;
const plan = aPlan({ protect: [aResource({ encryptKey: "alias/lifeboat" })] });

const snapshotsIn = (world: World, region: string) => [...ec2Of(world, region).snapshots.values()];
const tagOf = ({ tags }: Snapshot, key: string) => tags.find(({ Key }) => Key === `lifeboat:${key}`)?.Value ?? "";
const calls = (world: World, operation: string) => world.journal.filter((call) => call.operation === operation).length;
const pointsIn = ({ context }: Simulated) => context.store.points("shop", "web");

/** What stands there twice, or belongs to no point that counts: empty after two further passes, whatever happened. */
const leftovers = async (live: Simulated) => {
  const complete = (await pointsIn(live)).filter(({ state }) => state === "complete");
  const wanted = new Set<string>();
  for (const { id } of complete)
    for (const { volumes, image } of await live.context.store.manifests("shop", id)) {
      for (const { sourceSnapshot, snapshot } of volumes) wanted.add(sourceSnapshot!).add(snapshot!);
      if (image) wanted.add(image);
    }
  const images = [...ec2Of(live.world, recovery).images.keys()];
  const all = [...snapshotsIn(live.world, primary), ...snapshotsIn(live.world, recovery)].map(({ id }) => id);
  return [...all, ...images].filter((id) => !wanted.has(id));
};

const play = (faults: Fault[], body: (live: Simulated) => Promise<void>) => simulated({ plan, faults }, body);

describe("a pass of replication", () => {
  it("a replication pass makes a complete point: one set a server, one encrypted copy a volume, one image a server", () =>
    play([], async (live) => {
      const { world, context } = live;
      const result = await playPass(live, plan);

      const [point] = await pointsIn(live);
      expect(point).toMatchObject({ state: "complete", servers: expect.arrayContaining([expect.any(String)]) });
      expect(result.catalog).toMatchObject({ done: true, complete: [point!.id], discarded: [], problems: {} });

      const manifests = await context.store.manifests("shop", point!.id);
      const volumes = manifests.flatMap((manifest) => manifest.volumes);
      expect(calls(world, "CreateSnapshots")).toBe(manifests.length);
      expect(calls(world, "CopySnapshot")).toBe(volumes.length);
      expect(calls(world, "RegisterImage")).toBe(manifests.length);
      for (const copy of snapshotsIn(world, recovery)) {
        expect(copy).toMatchObject({ state: "completed", key: expect.stringContaining(`:kms:${recovery}:`) });
        const source = ec2Of(world, primary).snapshots.get(tagOf(copy, "source-snapshot"))!;
        expect(tagOf(copy, "volume")).toBe(source.volume);
        expect(Date.parse(tagOf(copy, "source-start-time"))).toBe(source.startedAt);
      }
      for (const { server, takenAt } of manifests) {
        const set = snapshotsIn(world, primary).filter((snapshot) => tagOf(snapshot, "server") === server);
        expect(new Set(set.map(({ startedAt }) => new Date(startedAt).toISOString()))).toEqual(new Set([takenAt]));
      }
      expect(await leftovers(live)).toEqual([]);
    }));

  it("a replication pass keeps the images of the newest point only, and every snapshot of both", () =>
    play([], async (live) => {
      await playPass(live, plan);
      await live.advance(1_800);
      await playPass(live, plan);
      const points = await pointsIn(live);
      expect(points.map(({ state }) => state)).toEqual(["complete", "complete"]);
      const [old, young] = await Promise.all(points.map(({ id }) => live.context.store.manifests("shop", id)));
      expect(old?.every(({ image }) => image === null)).toBe(true);
      expect(ec2Of(live.world, recovery).images.size).toBe(young?.length);
      expect(points[0]?.swept).toBe(true);
      expect(await leftovers(live)).toEqual([]);
    }));

  it("a replication pass does nothing when the newest point is fresh", () =>
    play([], async (live) => {
      await playPass(live, plan);
      const before = live.world.journal.filter(({ mutating, service }) => mutating && service === "EC2").length;
      const { snapshot } = await playPass(live, plan);
      expect(snapshot).toMatchObject({ done: true, started: 0, points: [] });
      expect(live.world.journal.filter(({ mutating, service }) => mutating && service === "EC2")).toHaveLength(before);
    }));
});

describe("a pass that died", () => {
  it.each(["Snapshot", "Copy"] as const)("after %s is finished by the next: nothing is made again", (until) =>
    play([], async (live) => {
      await playPass(live, plan, { until });
      await live.advance(120);
      await playPass(live, plan);
      const points = await pointsIn(live);
      expect(points.map(({ state }) => state)).toEqual(["complete"]);
      const manifests = await live.context.store.manifests("shop", points[0]!.id);
      expect(calls(live.world, "CreateSnapshots")).toBe(manifests.length);
      expect(calls(live.world, "CopySnapshot")).toBe(manifests.flatMap(({ volumes }) => volumes).length);
      expect(await leftovers(live)).toEqual([]);
    }),
  );
});

describe("faults", () => {
  const during = (fault: Record<string, unknown>) => ({ from: 0, until: 20 * minutes, ...fault }) as unknown as Fault;
  it.each([
    ["replies of CreateSnapshots are lost", { fault: "lost-response", operation: "CreateSnapshots", rate: 0.6 }],
    ["replies of CopySnapshot are lost", { fault: "lost-response", operation: "CopySnapshot", rate: 0.6 }],
    ["replies of RegisterImage are lost", { fault: "lost-response", operation: "RegisterImage", rate: 0.6 }],
    ["calls are throttled", { fault: "throttle", operation: "EC2.*", rate: 0.3 }],
    ["copies end in error", { fault: "copy-error", rate: 0.4 }],
    ["others have all but one copy slot", { fault: "copy-quota", limit: 1 }],
    ["the source Region is dark for a while", { fault: "region-down", region: primary, from: 60_000 }],
  ])("%s: two passes later nothing is left over, and the newest point is complete", (_, fault) =>
    play([during(fault)], async (live) => {
      await playPass(live, plan);
      for (const _pass of [1, 2]) {
        await live.advance(1_800);
        await playPass(live, plan);
      }
      expect((await pointsIn(live)).at(-1)?.state).toBe("complete");
      expect(await leftovers(live)).toEqual([]);
    }),
  );

  it("a missing key is found before a copy is requested", () =>
    play([], async (live) => {
      const wrong = aPlan({ protect: [aResource({ encryptKey: "alias/nobody" })] });
      const refused = await playPass(live, wrong);
      expect(refused.catalog.problems.web).toContain("key alias/nobody");
      expect(calls(live.world, "CopySnapshot")).toBe(0);
      expect((await pointsIn(live)).map(({ state }) => state)).toEqual(["open"]);
    }));
});

describe("keys", () => {
  const [start, forGood] = [0, Number.POSITIVE_INFINITY];
  const two = aPlan({
    protect: [
      aResource({ encryptKey: "alias/denied" }),
      aResource({ name: "db", encryptKey: "alias/lifeboat", select: { tags: { App: "shop", Tier: "db" } } }),
    ],
    recover: { ...aPlan().recover, waves: [["web", "db"]] },
  });

  it("a key that turns out to be unusable ends the point, named and counted; other points are unaffected", () =>
    simulated(
      {
        plan: two,
        faults: [{ fault: "key-denied", region: recovery, key: "alias/denied", from: start, until: forGood }],
      },
      async (live) => {
        const { copy, catalog } = await playPass(live, two);
        const [web] = await pointsIn(live);
        expect(web).toMatchObject({ state: "discarded", because: expect.stringContaining("ended in error") });
        expect(copy).toMatchObject({ done: true, left: 0, discarded: [web!.id] });
        expect(copy.failed).toBeGreaterThanOrEqual(2);
        expect(catalog.problems.web).toContain(`${web!.id} was discarded`);
        expect(await live.context.store.points("shop", "db")).toMatchObject([{ state: "complete" }]);
      },
    ));

  it("a key whose alias moves is pinned: the copies continue under the first key, and the run reports that", () =>
    play([], async (live) => {
      await playPass(live, plan);
      await live.advance(2_400);
      moveAlias(live.world, recovery, "alias/lifeboat");
      const { copy } = await playPass(live, plan);
      expect(copy.problems.web).toContain("lifeboat rekey shows what changing costs");
      expect((await pointsIn(live)).map(({ state }) => state)).toEqual(["complete", "complete"]);
      expect(new Set(snapshotsIn(live.world, recovery).map(({ key }) => key)).size).toBe(1);
    }));

  it("a key that is disabled between two passes is refused, and used again once it is enabled", () =>
    play([{ fault: "key-disabled", region: recovery, from: 40 * minutes, until: 75 * minutes }], async (live) => {
      await playPass(live, plan);
      await live.advance(40 * 60);
      const { catalog } = await playPass(live, plan);
      expect(catalog.problems.web).toContain("is Disabled, not Enabled");
      await live.advance(45 * 60);
      await playPass(live, plan);
      expect((await pointsIn(live)).filter(({ state }) => state === "open")).toEqual([]);
      expect((await pointsIn(live)).at(-1)?.state).toBe("complete");
    }));
});
