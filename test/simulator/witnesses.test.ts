import { describe, expect, it } from "vitest";
import { alarmStates } from "../../functions/aws/alarms.ts";
import type { Plan } from "../../functions/core/plan.ts";
import { instancesOf } from "../../simulator/ec2/serves.ts";
import type { Fault } from "../../simulator/faults.ts";
import { aPlan } from "../support/builders.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const watched = (region: string): Plan => {
  const plan = aPlan();
  plan.detect.witnesses.push({ name: "errors", kind: "alarm", alarm: "shop-5xx", region });
  return plan;
};
const stateOf = async ({ clients }: Simulated, region: string) =>
  (await alarmStates(clients, region, ["shop-5xx"]))["shop-5xx"]?.state;

describe("a witness alarm", () => {
  it("is OK while users are served, and ALARM soon after the servers stop", async () => {
    const states = await simulated({ plan: watched("eu-west-1"), traffic: true }, async (live) => {
      await live.advance(180);
      const before = await stateOf(live, "eu-west-1");
      for (const instance of instancesOf(live.world, "eu-west-1", "web")) instance.state = "stopped";
      await live.advance(150);
      return [before, await stateOf(live, "eu-west-1")];
    });
    expect(states).toEqual(["OK", "ALARM"]);
  });

  it("in another Region sees the primary go dark", async () => {
    const faults: Fault[] = [{ fault: "region-down", region: "eu-west-1", from: 180_000, until: 900_000 }];
    const states = await simulated({ plan: watched("us-east-1"), traffic: true, faults }, async (live) => {
      await live.advance(180);
      const before = await stateOf(live, "us-east-1");
      await live.advance(150);
      return [before, await stateOf(live, "us-east-1")];
    });
    expect(states).toEqual(["OK", "ALARM"]);
  });

  it("in the dark Region says nothing, and tells no event bus", async () => {
    const faults: Fault[] = [{ fault: "region-down", region: "eu-west-1", from: 180_000, until: 900_000 }];
    const events = await simulated({ plan: watched("eu-west-1"), traffic: true, faults }, async (live) => {
      await live.advance(180);
      const seen: unknown[] = [];
      live.world.onEvent((event) => seen.push(event));
      await live.advance(600);
      return seen;
    });
    expect(events).toEqual([]);
  });

  it.each([
    ["unhealthy", "ALARM"],
    ["healthy", "OK"],
    ["cannot-tell", "INSUFFICIENT_DATA"],
  ] as const)("that a scenario makes %s is %s", async (state, expected) => {
    const faults: Fault[] = [{ fault: "witness", name: "errors", state, from: 0, until: 900_000 }];
    const seen = await simulated({ plan: watched("eu-west-1"), traffic: true, faults }, async (live) => {
      await live.advance(240);
      return stateOf(live, "eu-west-1");
    });
    expect(seen).toBe(expected);
  });
});
