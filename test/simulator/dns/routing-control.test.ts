import { describe, expect, it } from "vitest";
import { readStates, updateStates } from "../../../functions/aws/routing-control.ts";
import type { Plan } from "../../../functions/core/model/plan.ts";
import { expectedStates } from "../../../functions/core/traffic/routing-control.ts";
import { addSafetyRule } from "../../../simulator/dns/routing-control.ts";
import { answersNow, switchDurations } from "../../../simulator/network/traffic.ts";
import type { Fault } from "../../../simulator/scenario/fault.ts";
import { aPlan } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const name = "shop.example.com";
const regions = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"];
const endpoints = regions.map((region) => ({ region, url: `https://${region}.example.com/v1` }));
const controls = { primary: "arn:panel/control/p", recovery: "arn:panel/control/r" };
const plan: Plan = aPlan();
plan.traffic = {
  ...plan.traffic!,
  switch: "routing-control",
  cluster: { endpoints },
  records: plan.traffic!.records.map((record) => ({ ...record, routingControls: controls })),
};
const recovery = expectedStates(plan.traffic, "recovery");
const update = ({ clients }: Simulated, states = recovery, start = 0) =>
  updateStates(clients, endpoints, start, states).catch((error) => error);
const dark = (region: string): Fault => ({ fault: "region-down", region, from: 0, until: Number.POSITIVE_INFINITY });

describe("the simulated ARC cluster", () => {
  it("turns a pair in one call, and its checks turn the answers after their own times", async () => {
    const [before, states, after] = await simulated({ plan, traffic: true }, async (live) => {
      const known = answersNow(live.world, name);
      await update(live);
      const { value } = await readStates(live.clients, endpoints, 3, Object.values(controls));
      const { alarmSeconds, healthCheckSeconds, propagationSeconds } = switchDurations(live.world, plan);
      expect(alarmSeconds).toBe(0);
      await live.advance(healthCheckSeconds + propagationSeconds + 0.1);
      return [known, value, answersNow(live.world, name)];
    });
    expect(before).toEqual(["192.0.2.10"]);
    expect(states).toEqual(recovery);
    expect(after).toEqual(["198.51.100.10"]);
  });

  it("the simulated ARC cluster is turned through another endpoint while two Regions are dark, and not at all while three are", async () => {
    const outcome = (faults: Fault[]) =>
      simulated({ plan, traffic: true, faults }, async (live) => {
        const asked = await update(live);
        return asked.endpoint ?? asked.name;
      });
    expect(await outcome(["us-east-1", "us-west-2"].map(dark))).toBe("eu-west-1");
    expect(await outcome(["us-east-1", "us-west-2", "eu-west-1"].map(dark))).toBe("ClusterSilentError");
  });

  it("meets the faults of a scenario at single endpoints", async () => {
    const away: Fault = {
      fault: "api-error",
      operation: "Route53 Recovery Cluster.*",
      region: "us-east-1",
      error: "EndpointTemporarilyUnavailableException",
      from: 0,
      until: Number.POSITIVE_INFINITY,
    };
    const asked = await simulated({ plan, traffic: true, faults: [away] }, (live) => update(live));
    expect(asked).toMatchObject({ endpoint: "us-west-2", failed: [expect.stringContaining("us-east-1")] });
  });

  it("the simulated ARC cluster refuses what its safety rules forbid, and changes nothing", async () => {
    const [conflict, states, more] = await simulated({ plan, traffic: true }, async (live) => {
      const off = recovery.map(({ control }) => ({ control, state: "Off" as const }));
      const refused = await update(live, off);
      const { value } = await readStates(live.clients, endpoints, 0, Object.values(controls));
      addSafetyRule(live.world, { controls: [controls.primary], atLeast: 1 });
      return [refused.name, value, (await update(live)).name];
    });
    expect([conflict, more]).toEqual(["ConflictException", "ConflictException"]);
    expect(states.map(({ state }: { state: string }) => state)).toEqual(["On", "Off"]);
  });

  it("the simulated ARC cluster knows no other control, and has no endpoint elsewhere", async () => {
    const [unknown, elsewhere] = await simulated({ plan, traffic: true }, async (live) => [
      await update(live, [{ control: "arn:no", state: "On" }]),
      await updateStates(live.clients, [{ region: "eu-north-1", url: "https://x.example.com" }], 0, recovery).catch(
        (error) => error.message,
      ),
    ]);
    expect(unknown.name).toBe("ResourceNotFoundException");
    expect(elsewhere).toMatch(/has no endpoint in eu-north-1/);
  });
});
