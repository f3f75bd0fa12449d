import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import { describe, expect, it } from "vitest";
import type { Plan, TrafficRecord } from "../../../functions/core/model/plan.ts";
import { choose } from "../../../simulator/dns/choose.ts";
import { distance, placeOf } from "../../../simulator/locations.ts";
import { answersNow } from "../../../simulator/network/traffic.ts";
import { aPlan } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const name = "shop.example.com";
const [one, other] = ["192.0.2.10", "198.51.100.10"];
const planOf = (policy: TrafficRecord["policy"], over: Partial<TrafficRecord> = {}): Plan => {
  const plan = aPlan();
  const [record] = plan.traffic!.records;
  return { ...plan, traffic: { ...plan.traffic!, switch: "records", records: [{ ...record!, policy, ...over }] } };
};
const resolve = async (live: Simulated, server: string | null) => {
  const answer = await live.context.net.resolve({ name, type: "A", server, timeoutSeconds: 2 });
  return "values" in answer ? answer.values : answer.error;
};

describe("what resolvers are answered", () => {
  it("by latency is the set of the nearest Region: here for Lifeboat, there for users", async () => {
    const answers = await simulated({ plan: planOf("latency"), traffic: true }, async (live) => [
      await resolve(live, null),
      await resolve(live, "1.1.1.1"),
      answersNow(live.world, name),
    ]);
    expect(answers).toEqual([[other], [one], [one, other]]);
  });

  it("by place is the set of the asker's country, else the default", async () => {
    const answers = await simulated({ plan: planOf("geolocation"), traffic: true }, async (live) => [
      await resolve(live, null),
      await resolve(live, "1.1.1.1"),
    ]);
    expect(answers).toEqual([[other], [one]]);
  });

  it("the answer for a multivalue name is every value", async () => {
    const plan = planOf("multivalue");
    expect(await simulated({ plan, traffic: true }, (live) => resolve(live, null))).toEqual([one, other]);
  });

  it("the answer for a weighted name is the set that has all the weight", async () => {
    expect(await simulated({ plan: planOf("weighted"), traffic: true }, (live) => resolve(live, null))).toEqual([one]);
  });

  it("the answer for a private zone is only told inside the VPC", async () => {
    const plan = planOf("simple", { private: true });
    const answers = await simulated({ plan, traffic: true }, async (live) => [
      await resolve(live, "vpc"),
      await resolve(live, null),
      await resolve(live, "1.1.1.1"),
    ]);
    expect(answers).toEqual([[one], "ENOTFOUND", "ENOTFOUND"]);
  });
});

const set = (id: string, over: Partial<ResourceRecordSet>): ResourceRecordSet => ({
  Name: "x.",
  Type: "A",
  SetIdentifier: id,
  ...over,
});
const ids = (sets: ResourceRecordSet[]) => sets.map(({ SetIdentifier }) => SetIdentifier);
const turn = (nth: number, region = "eu-central-1") => ({ region, turn: `turn ${nth}` });
const unhealthy =
  (...bad: string[]) =>
  ({ SetIdentifier = "" }: ResourceRecordSet) =>
    !bad.includes(SetIdentifier);
const healthy = unhealthy();

describe("the choice among weighted sets", () => {
  const sets = [set("a", { Weight: 90 }), set("b", { Weight: 10 }), set("idle", { Weight: 0 })];
  const share = (id: string, isHealthy = healthy, of = sets) =>
    Array.from({ length: 1_000 }, (_, nth) => choose(of, isHealthy, turn(nth))[0]?.SetIdentifier).filter(
      (chosen) => chosen === id,
    ).length / 1_000;

  it("the choice among weighted sets is drawn by weight, the same for the same turn", () => {
    expect(share("b")).toBeGreaterThan(0.07);
    expect(share("b")).toBeLessThan(0.13);
    expect(share("idle")).toBe(0);
    expect(choose(sets, healthy, turn(7))).toEqual(choose(sets, healthy, turn(7)));
  });

  it("falls to weight 0 only when every other set is unhealthy", () => {
    expect(share("b", unhealthy("a"))).toBe(1);
    expect(share("idle", unhealthy("a", "b"))).toBe(1);
  });

  it("the choice among weighted sets takes all for healthy when none is", () => {
    expect(share("idle", () => false)).toBe(0);
    expect(share("a", () => false)).toBeGreaterThan(0.8);
  });

  it("the choice among weighted sets is even where all weights are 0", () => {
    const idle = [set("a", { Weight: 0 }), set("b", { Weight: 0 })];
    expect(share("a", healthy, idle)).toBeGreaterThan(0.4);
    expect(share("a", healthy, idle)).toBeLessThan(0.6);
  });

  it("the choice among weighted sets is all that may be drawn, for anybody", () => {
    expect(ids(choose(sets, healthy, null))).toEqual(["a", "b"]);
  });
});

describe("the choice among other sets", () => {
  it("by latency leaves out the unhealthy", () => {
    const sets = [set("far", { Region: "us-west-2" }), set("near", { Region: "eu-west-1" })];
    expect(ids(choose(sets, healthy, turn(1)))).toEqual(["near"]);
    expect(ids(choose(sets, unhealthy("near"), turn(1)))).toEqual(["far"]);
    expect(ids(choose(sets, unhealthy("near", "far"), turn(1)))).toEqual(["near"]);
  });

  it("by place goes from the country to the continent to the default, and to nobody's place not at all", () => {
    const sets = [
      set("default", { GeoLocation: { CountryCode: "*" } }),
      set("continent", { GeoLocation: { ContinentCode: "EU" } }),
      set("country", { GeoLocation: { CountryCode: "DE" } }),
      set("state", { GeoLocation: { CountryCode: "DE", SubdivisionCode: "BY" } }),
    ];
    expect(ids(choose(sets, healthy, turn(1)))).toEqual(["country"]);
    expect(ids(choose(sets, unhealthy("country"), turn(1)))).toEqual(["continent"]);
    expect(ids(choose(sets, healthy, turn(1, "eu-west-1")))).toEqual(["continent"]);
    expect(ids(choose(sets, healthy, turn(1, "us-east-1")))).toEqual(["default"]);
    expect(ids(choose(sets.slice(1), healthy, turn(1, "us-east-1")))).toEqual([]);
    expect(choose(sets, healthy, null)).toHaveLength(4);
  });

  it("the choice among other sets of multivalue sets is at most eight healthy ones", () => {
    const sets = Array.from({ length: 12 }, (_, nth) => set(`s${nth}`, { MultiValueAnswer: true }));
    expect(choose(sets, healthy, turn(1))).toHaveLength(8);
    expect(choose(sets, healthy, turn(1))).not.toEqual(choose(sets, healthy, turn(2)));
    expect(choose(sets, unhealthy(...sets.slice(3).map((one) => one.SetIdentifier!)), turn(1))).toHaveLength(3);
    expect(choose(sets, () => false, null)).toHaveLength(12);
  });

  it("the choice among other sets of geoproximity sets is the first: that choice is not simulated", () => {
    const sets = [set("a", { GeoProximityLocation: { Bias: 1 } }), set("b", { GeoProximityLocation: { Bias: 2 } })];
    expect(ids(choose(sets, healthy, turn(1)))).toEqual(["a"]);
    expect(choose([], healthy, turn(1))).toEqual([]);
  });

  it("the choice among other sets of half a failover pair is that half", () => {
    expect(ids(choose([set("s", { Failover: "SECONDARY" })], healthy, turn(1)))).toEqual(["s"]);
  });
});

describe("the places", () => {
  it("the places are nearer on the same continent", () => {
    expect(distance("eu-west-1", "eu-west-1")).toBe(0);
    expect(distance("eu-west-1", "eu-central-1")).toBeLessThan(distance("eu-west-1", "us-east-1"));
  });
  it("the places of an unknown Region are not simulated", () => {
    expect(() => placeOf("xx-west-9")).toThrow("the location of xx-west-9 is not simulated");
  });
});
