import { expect, test } from "vitest";
import { imageName, tagKeys } from "../../functions/core/names.ts";
import { discardPoint } from "../../functions/kinds/instances/capture/discard.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { addVolume } from "../../simulator/ec2/storage/volumes.ts";
import { tag } from "../../simulator/ec2/tags.ts";
import type { World } from "../../simulator/kernel.ts";
import { stateOf } from "../../simulator/world/state-of.ts";
import { aPlan } from "../support/builders.ts";
import { primary, recovery, windowsServers } from "../support/image-scene.ts";
import { playPass } from "../support/pass.ts";
import { simulated } from "../support/simulated.ts";

/** One server whose licence stands in its image beside one that is registered from its copies. */
const inventory = { servers: { web: [...windowsServers("web-1"), { name: "web-2", address: "10.0.0.30" }] } };

test("a server with a licence is copied as an image, another one volume by volume, and both make one point", () =>
  simulated({ plan: aPlan(), inventory }, async (live) => {
    const { world } = live;
    const pass = await playPass(live, aPlan());

    const { points, manifests } = stateOf(world, recovery, "shop");
    expect(pass.catalog.problems).toEqual({});
    expect(points).toMatchObject([{ state: "complete" }]);
    const [windows, linux] = ["web-1", "web-2"].map((name) => manifests.find((one) => one.name === name)!);
    const image = ec2Of(world, recovery).images.get(windows!.image!)!;
    expect(image).toMatchObject({ name: imageName("shop", points[0]!.id, windows!.server), platform: "Windows" });
    expect(windows).toMatchObject({ byImage: true, volumes: [{ device: "/dev/xvda" }, { device: "/dev/sdf" }] });
    expect(windows!.volumes.map(({ snapshot }) => snapshot)).toEqual(image.devices.map(({ snapshot }) => snapshot));
    expect(linux!.byImage).toBeUndefined();
    const registered = world.journal.filter(({ operation }) => operation === "RegisterImage");
    expect(registered.map(({ input }) => input.Name)).toEqual([imageName("shop", points[0]!.id, linux!.server)]);
    const takenAt = [...ec2Of(world, primary).snapshots.values()].map(({ startedAt }) => startedAt);
    expect(Date.parse(points[0]!.pointAt!)).toBe(Math.min(...takenAt));
    expect([...ec2Of(world, recovery).snapshots.values()].every((one) => tag(one, tagKeys.point))).toBe(true);
  }));

test.each([
  ["lost replies", { fault: "lost-response" as const, rate: 0.2, operation: "EC2.*" }],
  ["throttles", { fault: "throttle" as const, rate: 0.2 }],
  ["copies that fail", { fault: "copy-error" as const, rate: 0.3 }],
  ["a quota of two copies", { fault: "copy-quota" as const, limit: 2 }],
])("%s leave no second image and no half point behind", (_, fault) =>
  simulated(
    { plan: aPlan(), inventory, seed: 7, faults: [{ from: 0, until: 3 * 3_600_000, ...fault }] },
    async (live) => {
      const { world } = live;
      await playPass(live, aPlan());
      await live.advance(3 * 3_600);
      for (let pass = 0; pass < 2; pass += 1) {
        await playPass(live, aPlan());
        await live.advance(1_900);
      }

      const { points, manifests } = stateOf(world, recovery, "shop");
      const complete = points.filter(({ state }) => state === "complete");
      expect(complete.length).toBeGreaterThanOrEqual(2);
      expect(points.filter(({ state }) => state === "open")).toEqual([]);
      const { images, snapshots } = ec2Of(world, recovery);
      const names = [...images.values()].map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { id } of complete)
        for (const { image, byImage, volumes } of manifests.filter(({ point }) => point === id)) {
          if (byImage) expect(images.get(image!)).toMatchObject({ state: "available", platform: "Windows" });
          for (const { snapshot } of volumes) expect(snapshots.get(snapshot!)?.state).toBe("completed");
        }
    },
  ),
);

test("a volume that was attached after its server had been described is in the image, and stays", () =>
  simulated({ plan: aPlan(), inventory }, async (live) => {
    const { world } = live;
    world.after(0.1, attachInTime(world));
    await playPass(live, aPlan());
    await live.advance(1_900);
    await playPass(live, aPlan());
    await live.advance(60);
    await playPass(live, aPlan());

    const { points, manifests } = stateOf(world, recovery, "shop");
    const [first] = points.filter(({ state }) => state === "complete");
    const image = manifests.find(({ point, byImage }) => point === first!.id && byImage)!.image!;
    const { images, snapshots } = ec2Of(world, recovery);
    expect(images.get(image)!.devices.map(({ device }) => device)).toEqual(["/dev/xvda", "/dev/sdf", "/dev/sdg"]);
    expect(images.get(image)!.devices.every(({ snapshot }) => snapshots.get(snapshot!)?.state === "completed")).toBe(
      true,
    );
    expect(first).toMatchObject({ swept: true });
  }));

/** Attaches a volume in the moment in which the first image is asked for. */
const attachInTime = (world: World) => {
  const attach = () => {
    const asked = world.journal.some(({ operation }) => operation === "CreateImage");
    if (!asked) return world.after(0.02, attach);
    const server = [...ec2Of(world, primary).instances.values()].find(({ platform }) => platform === "Windows")!;
    const device = {
      device: "/dev/sdg",
      snapshot: null,
      sizeGiB: 10,
      type: "gp3",
      iops: null,
      throughput: null,
    };
    const { id } = addVolume(world, primary, {
      device: { ...device, encrypted: null, key: null, deleteOnTermination: true },
      zone: `${primary}a`,
      instance: server.id,
      content: null,
      tags: [],
    });
    server.volumes.push({ device: "/dev/sdg", volume: id, deleteOnTermination: true });
  };
  return attach;
};

test("what a point leaves that was given up is taken away, images first", () =>
  simulated({ plan: aPlan(), inventory }, async (live) => {
    const { world, context } = live;
    await playPass(live, aPlan(), { until: "Copy" });
    await live.advance(900);
    const [point] = stateOf(world, recovery, "shop").points;
    await discardPoint(context, point!, "a test");
    for (let pass = 0; pass < 3; pass += 1) {
      await live.advance(1_900);
      await playPass(live, aPlan());
    }

    const left = [primary, recovery].flatMap((region) => {
      const { images, snapshots } = ec2Of(world, region);
      return [...images.values(), ...snapshots.values()].filter((one) => tag(one, tagKeys.point) === point!.id);
    });
    expect(left).toEqual([]);
  }));
