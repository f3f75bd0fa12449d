import { beforeEach, describe, expect, it, vi } from "vitest";
import { route53Of } from "../../simulator/dns/zones.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import type { CallRecord, World } from "../../simulator/kernel.ts";
import { brokenIn } from "../support/judged-stories.ts";
import { pairPlan, playPair } from "../support/pair.ts";
import { tiersPlan, tiersWorld } from "../support/tiers.ts";

/** What is judged at the moment when it happens: at the end of these stories all looks well again. */
const spoiled = vi.hoisted(() => ({ as: "" }));
const is = (name: string) => spoiled.as === name;
beforeEach(() => {
  spoiled.as = "";
});

vi.mock(import("../../functions/core/points/retention.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    decideRetention: (resource, points, pinned, now) => {
      if (!is("a rotation that counts a point under way")) return real.decideRetention(resource, points, pinned, now);
      const open = new Set(points.filter(({ state }) => state === "open").map(({ id }) => id));
      const counted = points.map((point) => ({
        ...point,
        swept: true,
        ...(open.has(point.id) && { state: "complete" as const, pointAt: point.openedAt }),
      }));
      const isOpen = ({ point }: { point: { id: string } }) => open.has(point.id);
      return real
        .decideRetention(resource, counted, pinned, now)
        .map((decision) => (isOpen(decision) ? { ...decision, action: "keep", code: "Open" } : decision));
    },
  };
});
vi.mock(import("../../functions/aws/route-53.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    vpcRegionsOf: async (...given) =>
      is("a name that the source looks up, moved between the waves") ? [] : real.vpcRegionsOf(...given),
  };
});
vi.mock(import("../../functions/aws/ec2/instances.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    tryRun: async (...given) => {
      if (!is("a proof of rights that really launches")) return real.tryRun(...given);
      const [clients, region, input] = given;
      await real.runInstances(clients, region, { ...input, ClientToken: "proof" });
      return { action: "ec2:RunInstances", region, found: "allowed", because: "" };
    },
  };
});
vi.mock(import("../../functions/aws/store/lease.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    moveTo: async (...given) => {
      if (!is("a row that moves after the records")) return real.moveTo(...given);
      setTimeout(() => void real.moveTo(...given).catch(() => undefined), 8_000);
    },
  };
});

/** One point an hour is kept. The copies of a point take a quarter of an hour; a rotation comes meanwhile, and a later one. */
const slow = () => {
  const plan = pairPlan();
  const keep = { hourly: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  return {
    plan: { ...plan, protect: plan.protect.map((one) => ({ ...one, keep })) },
    scenario: {
      detect: "off",
      until: "103m",
      faults: [{ fault: "slow-copy", factor: 8, at: "20m", for: "30m" }],
      operations: ["38m", "98m"].map((at) => ({ at, do: "rotate", input: { approve: true } })),
    },
  };
};
/** A run that fails, and later a rotation that takes the point which it had pinned. */
const afterwards = () => ({
  plan: slow().plan,
  scenario: {
    detect: "off",
    until: "75m",
    faults: [],
    world: { servers: { server: mutes } },
    operations: [
      { at: "1m", do: "failover", input: { approve: true } },
      { at: "70m", do: "rotate", input: { approve: true } },
    ],
  },
});
const mutes = ["server-1", "server-2"].map((name) => ({ name, neverServes: true }));
/** Both tiers; with `shared` the primary's VPC sees the private zone, too. */
const tiers = ({ shared = false, scenario = {} } = {}): Parameters<typeof playPair>[0] => ({
  plan: tiersPlan(),
  scenario: { world: tiersWorld, faults: [{ fault: "region-down", region: "primary" }], ...scenario },
  began: ({ world }) => {
    for (const zone of route53Of(world).zones.values()) if (zone.private && shared) zone.regions.push("eu-west-1");
  },
});
const mute = tiersWorld.servers.app.map((server) => ({ ...server, neverServes: true }));
const halfWay = { world: { servers: { ...tiersWorld.servers, app: mute } } };

/** As detect starts it: nothing but the application and this. */
const dry = { approve: undefined, reason: undefined, proof: true };
const proof = () => ({ run: "failover" as const, input: dry, scenario: { faults: [] } });

type Case = [string, string, Parameters<typeof playPair>[0], RegExp];
const cases: Case[] = [
  [
    "a rotation that counts a point under way",
    "4 the last good point is kept",
    slow(),
    /^server\.\w+ was deleted, although no newer point was usable/,
  ],
  [
    "a name that the source looks up, moved between the waves",
    "2 row and traffic agree",
    tiers({ shared: true }),
    /^MoveNames moved db\.pair\.internal while the state record said eu-west-1$/,
  ],
  [
    "a row that moves after the records",
    "2 row and traffic agree",
    tiers(),
    /^Reroute moved pair\.example\.com while the state record said eu-west-1$/,
  ],
  [
    "a proof of rights that really launches",
    "7 a dry execution changes nothing of production",
    proof(),
    /^failover-by-hand: Launch did EC2 RunInstances in eu-central-1$/,
  ],
];

describe("an invariant tells of", () => {
  it.each(cases)("%s", async (as, invariant, options, says) => {
    spoiled.as = as;
    const broken = brokenIn(await playPair(options));
    expect(broken.find(({ name }) => name === invariant)?.detail).toMatch(says);
  });

  it("a private name that leads to the recovery Region, and that no run has moved", async () => {
    const story = await playPair({
      plan: tiersPlan(),
      scenario: { world: tiersWorld, faults: [], detect: "off", until: "10m" },
      began: ({ world }) => {
        const zone = [...route53Of(world).zones.values()].find((one) => one.private)!;
        const [sets] = zone.sets;
        const astray = sets!.value.map((set) => ({ ...set, ResourceRecords: [{ Value: "10.1.0.40" }] }));
        zone.sets.push({ since: world.now() + 1_000, value: astray });
      },
    });
    const [broken] = brokenIn(story);
    expect(broken?.detail).toBe("db.pair.internal A resolves to 10.1.0.40, although the state record says eu-west-1");
  });

  it("a copy that goes while a run has pinned its point, though it comes back", async () => {
    let world: World;
    const story = await playPair({
      began: (environment) => {
        world = environment.world;
      },
      onInvoking: (_, state) => {
        if (state !== "JudgeWave") return;
        const { snapshots } = ec2Of(world, "eu-central-1");
        const copy = [...snapshots.values()].findLast(({ copyOf, state }) => copyOf && state === "completed")!;
        const call = { operation: "DeleteSnapshot", region: "eu-central-1", input: {} } as CallRecord;
        world.change(call, () => snapshots.delete(copy.id));
        snapshots.set(copy.id, copy);
      },
    });
    const [broken] = brokenIn(story);
    expect(broken?.detail).toMatch(/server\.\w+ was deleted, although failover-pair-\w+ had pinned it$/);
  });
});
describe("no invariant tells of sound code", () => {
  it.each<[string, Parameters<typeof playPair>[0]]>([
    ["that rotates while a point is copied, and once more later", slow()],
    ["that moves a name which only the target sees", tiers()],
    ["whose run ended after it had moved that name, and before the row moved", tiers({ scenario: halfWay })],
    ["that proves its rights", proof()],
    ["that rotates away what a run had pinned which failed long ago", afterwards()],
    ["that leaves to Reroute a name which the source sees, too", tiers({ shared: true })],
  ])("%s", async (_, options) => {
    expect(brokenIn(await playPair(options))).toEqual([]);
  });
});
