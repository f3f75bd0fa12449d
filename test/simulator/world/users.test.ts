import { describe, expect, it } from "vitest";
import { resultOf } from "../../../simulator/story/result.ts";
import { outageOf } from "../../../simulator/world/users.ts";
import { dark, pairPlan, playPair } from "../../support/pair.ts";

const [home, away] = ["eu-west-1", "eu-central-1"];

describe("an outage", () => {
  it("an outage is the time without service, from its first moment to its last", () => {
    const seen = [
      { at: 0, region: home },
      { at: 10_000, region: null },
      { at: 30_000, region: home },
      { at: 60_000, region: null },
      { at: 90_000, region: away },
    ];
    expect(outageOf(seen, 200_000)).toEqual({ seconds: 50, from: 10_000, until: 90_000 });
    expect(outageOf(seen.slice(0, 4), 200_000)).toEqual({ seconds: 160, from: 10_000, until: null });
    expect(outageOf(seen.slice(0, 1), 200_000)).toBeNull();
  });
});

describe("what a rehearsal knows of its users", () => {
  it("a rehearsal knows how long they were without service, who serves them now, and what stands of the old servers", async () => {
    const { rtoSeconds, rtoFromFaultSeconds, outageSeconds, served, ...figures } = resultOf(await playPair({}));
    expect(figures).toMatchObject({ outcome: "succeeded", servedBy: away, fence: "unreachable" });
    // the first look of a minute comes after the fault; users look each five seconds
    expect(rtoFromFaultSeconds! - rtoSeconds!).toBeGreaterThan(0);
    expect(rtoFromFaultSeconds! - rtoSeconds!).toBeLessThan(65);
    expect(Math.abs(outageSeconds! - rtoFromFaultSeconds!)).toBeLessThan(6);
    expect(Date.parse(served!) - Date.parse(figures.zeroAt)).toBe(outageSeconds! * 1_000);
  });

  it("a rehearsal counts the blindness of a controller that could not look for half an hour", async () => {
    const blind = { at: "-1m", for: "31m", fault: "brown-out", services: ["DynamoDB"], region: "recovery" };
    const result = resultOf(await playPair({ scenario: { faults: [dark, blind] } }));
    expect(result).toMatchObject({ outcome: "succeeded", servedBy: away });
    expect(result.rtoSeconds).toBeLessThan(600);
    expect(result.rtoFromFaultSeconds).toBeGreaterThan(1_800);
  });

  it("a rehearsal shows an outage alone where no run moves them", async () => {
    const scenario = { faults: [{ ...dark, for: "2m" }] };
    const result = resultOf(await playPair({ scenario }));
    expect(result).toMatchObject({ outcome: "none", rtoFromFaultSeconds: null, servedBy: home, fence: "none" });
    expect(Math.abs(result.outageSeconds! - 120)).toBeLessThan(6);
  });

  it("a rehearsal knows nothing of users where the plan has no name that users know", async () => {
    const result = resultOf(await playPair({ plan: { ...pairPlan(), traffic: null } }));
    expect(result).toMatchObject({ outageSeconds: null, served: null, servedBy: null });
  });
});
