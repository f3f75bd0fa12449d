import { expect, test } from "vitest";
import { imageName, tagKeys } from "../../functions/core/names.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { tag } from "../../simulator/ec2/tags.ts";
import { invariantsOf } from "../../simulator/invariants/invariants.ts";
import { stateOf } from "../../simulator/world/state-of.ts";
import { primary, recovery, windowsServers } from "../support/image-scene.ts";
import { dark, pairPlan, playPair } from "../support/pair.ts";

const world = { servers: { server: [...windowsServers("server-1"), { name: "server-2", address: "10.0.0.30" }] } };
const broken = (story: Parameters<typeof invariantsOf>[0]) => invariantsOf(story).filter(({ held }) => !held);

test("a Windows server fails over with the image that was copied, and is billed as before", async () => {
  const story = await playPair({ scenario: { world, faults: [dark] }, run: "failover" });

  const { manifests, row } = stateOf(story.world, recovery, "pair");
  const { instances, images } = ec2Of(story.world, recovery);
  const launched = [...instances.values()].filter((one) => tag(one, tagKeys.run));
  expect(row?.phase).toBe("failedOver");
  expect(launched.map(({ platform }) => platform).sort()).toEqual(["Linux/UNIX", "Windows"]);
  const windows = launched.find(({ platform }) => platform === "Windows")!;
  const manifest = manifests.find(({ byImage, image }) => byImage && image === windows.image)!;
  const { point, server } = manifest;
  expect(images.get(windows.image!)).toMatchObject({ name: imageName("pair", point, server), platform: "Windows" });
  const registered = story.world.journal.filter(({ operation }) => operation === "RegisterImage");
  expect(registered.some(({ input }) => String(input.Name).endsWith(server))).toBe(false);
  expect(broken(story)).toEqual([]);
});

test("a paravirtual server fails over with the image that was copied: none that is registered as hvm would boot from its disk", async () => {
  const old = { name: "server-1", type: "m3.large", virtualization: "paravirtual", ena: false };
  const given = { servers: { server: [old, { name: "server-2", address: "10.0.0.30" }] } };
  const story = await playPair({ scenario: { world: given, faults: [dark] }, run: "failover" });
  const launched = [...ec2Of(story.world, recovery).instances.values()].filter((one) => tag(one, tagKeys.run));
  expect(launched.map(({ virtualization, type }) => `${virtualization} ${type}`).sort()).toEqual([
    "hvm m5.xlarge",
    "paravirtual m3.large",
  ]);
  expect(broken(story)).toEqual([]);
});

test("rotation takes a point's images away in both Regions, then their snapshots, and keeps the newest", async () => {
  const keep = { hourly: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  const plan = { ...pairPlan(), protect: pairPlan().protect.map((one) => ({ ...one, keep })) };
  const scenario = { world, faults: [{ at: "-5h", for: "1m", fault: "witness", name: "page", state: "cannot-tell" }] };
  const story = await playPair({ plan, scenario, run: "rotate", input: { approve: true } });

  const { points, manifests } = stateOf(story.world, recovery, "pair");
  const calls = story.world.journal.filter(({ step, mutating }) => step === "Rotate" && mutating);
  const done = (region: string, operation: string) =>
    calls.filter((call) => call.region === region && call.operation === operation && call.outcome === "ok").length;
  for (const region of [primary, recovery]) {
    expect(done(region, "DeregisterImage")).toBeGreaterThan(2);
    expect(done(region, "DeleteSnapshot")).toBeGreaterThan(2 * done(region, "DeregisterImage"));
  }
  const live = new Set(points.map(({ id }) => id));
  for (const region of [primary, recovery]) {
    const { images, snapshots } = ec2Of(story.world, region);
    const left = [...images.values(), ...snapshots.values()].map((one) => tag(one, tagKeys.point) ?? "");
    expect(left.filter((point) => !live.has(point))).toEqual([]);
  }
  const kept = points.filter(({ state }) => state === "complete");
  for (const { byImage, image } of manifests.filter(({ point }) => kept.some(({ id }) => id === point)))
    if (byImage) expect(ec2Of(story.world, recovery).images.has(image!)).toBe(true);
  expect(kept.length).toBeGreaterThan(0);
  expect(broken(story)).toEqual([]);
});
