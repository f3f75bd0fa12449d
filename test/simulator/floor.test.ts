import { describe, expect, it } from "vitest";
import { bootOfServer } from "../../simulator/ec2/boot.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { resultOf } from "../../simulator/result.ts";
import { switchDurations } from "../../simulator/traffic.ts";
import { dark, pairPlan, playPair } from "../support/pair.ts";

type Options = Parameters<typeof playPair>[0];
const floorOf = async (options: Options) => resultOf(await playPair(options)).rtoFloorSeconds!;

describe("the floor of the RTO", () => {
  it("is the verdict, a tick, the slowest server, and the way of the traffic", async () => {
    const story = await playPair();
    const { world, plan } = story;
    const servers = [...ec2Of(world, "eu-west-1").instances.keys()].map((id) => bootOfServer(world, id));
    const slowest = Math.max(...servers.map(({ pendingSeconds, bootSeconds }) => pendingSeconds + bootSeconds));
    const { alarmSeconds, healthCheckSeconds, propagationSeconds, ttlSeconds } = switchDurations(world, plan);
    const traffic = alarmSeconds + healthCheckSeconds + propagationSeconds + ttlSeconds;
    expect(traffic).toBeGreaterThan(30);
    expect(resultOf(story).rtoFloorSeconds).toBeCloseTo(180 + 60 + slowest + traffic, 2);
  });

  it("has no verdict and no tick in a run that a person starts", async () => {
    const [detected, byHand] = [await floorOf({}), await floorOf({ run: "failover" })];
    expect(detected - byHand).toBeCloseTo(240, 2);
  });

  it("comes from the world alone: a run that is troubled has the same", async () => {
    const troubled = { faults: [{ at: "-10m", for: "2h", fault: "throttle", rate: 0.3 }, dark] };
    const [calm, slow] = [resultOf(await playPair({})), resultOf(await playPair({ scenario: troubled }))];
    expect(slow.rtoFloorSeconds).toBe(calm.rtoFloorSeconds);
    expect(slow.rtoSeconds).not.toBe(calm.rtoSeconds);
  });

  it("differs from world to world", async () => {
    expect(await floorOf({ seed: 2 })).not.toBe(await floorOf({ seed: 1 }));
  });

  it("has no way of the traffic where the plan moves none", async () => {
    const { plan, world } = await playPair({ run: "failover" });
    const { alarmSeconds, healthCheckSeconds, propagationSeconds, ttlSeconds } = switchDurations(world, plan);
    const without = await floorOf({ run: "failover", plan: { ...pairPlan(), traffic: null } });
    const traffic = alarmSeconds + healthCheckSeconds + propagationSeconds + ttlSeconds;
    expect((await floorOf({ run: "failover" })) - without).toBeCloseTo(traffic, 2);
  });

  it.each([1, 2, 3])("is nearly reached by a calm run (seed %i)", async (seed) => {
    const { rtoSeconds, rtoFloorSeconds } = resultOf(await playPair({ seed }));
    expect(rtoSeconds).toBeLessThanOrEqual(1.15 * rtoFloorSeconds!);
  });
});
