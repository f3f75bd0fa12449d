import { describe, expect, it } from "vitest";
import { limits } from "../../../functions/core/limits.ts";
import type { Probe, TrafficRecord } from "../../../functions/core/model/plan.ts";
import {
  canaryWaitSeconds,
  cannotRollBack,
  isGoodAnswer,
  judgeCanary,
  probesOf,
} from "../../../functions/core/traffic/canary.ts";
import { aPlan } from "../../support/builders.ts";

describe("a gate", () => {
  it.each([
    [0, 0],
    [30, 10],
    [120, 12],
    [600, 60],
    [3_600, 180],
  ])("of %d s is looked at every %d s", (gateSeconds, waitSeconds) => {
    expect(canaryWaitSeconds(gateSeconds)).toBe(waitSeconds);
  });

  it("of an hour, nine times, is within the bound of the machine with a bad look at the end of each", () => {
    const looks = 3_600 / canaryWaitSeconds(3_600) + 1;
    expect(9 * (looks + 1)).toBeLessThanOrEqual(limits.gateLooks);
  });

  const good = { good: true, because: "fine" };
  const bad = { good: false, because: "HTTP 503" };
  const at = (elapsedSeconds: number) => ({ elapsedSeconds, gateSeconds: 120 });
  it.each([
    ["goes on watching while it is good", good, { bad: 0, looks: 1 }, 60, "watch", 0],
    ["goes on once its time is over", good, { bad: 1, looks: 9 }, 120, "go-on", 0],
    ["forgives one bad look", bad, { bad: 0, looks: 3 }, 36, "watch", 1],
    ["does not end with a bad look", bad, { bad: 0, looks: 10 }, 125, "watch", 1],
    ["goes back after two", bad, { bad: 1, looks: 4 }, 48, "back", 2],
    ["is bounded", bad, { bad: 0, looks: 100 }, 9_000, "back", 1],
  ])("%s", (_, look, before, elapsed, action, count) => {
    expect(judgeCanary(look, before, at(elapsed))).toMatchObject({ action, bad: count });
  });
});

describe("the probes of a gate", () => {
  const [record] = aPlan().traffic!.records as [TrafficRecord];
  const probe = (name: string, url: string): Probe => ({
    name,
    kind: "probe",
    url,
    connect: null,
    side: "primary",
    expect: [],
    contains: null,
    from: null,
  });
  it("the probes of a gate are those of a moved name, each URL once", () => {
    const witnesses = [
      probe("a", "https://shop.example.com/healthz"),
      probe("b", "https://shop.example.com/healthz"),
      probe("c", "tcp://shop.example.com:443"),
      probe("d", "https://other.example.com/"),
    ];
    const plan = aPlan({ detect: { ...aPlan().detect, witnesses } });
    expect(probesOf(plan, [record]).map(({ name }) => name)).toEqual(["a", "c"]);
  });

  it.each([
    [[], null, 302, "", true],
    [[], null, 404, "", false],
    [[401], null, 401, "", true],
    [[401], null, 200, "", false],
    [[], "ok", 200, "all ok", true],
    [[], "ok", 200, "maintenance", false],
  ])("a probe that expects %j and %j: %d %j is %s", (expected, contains, status, body, isGood) => {
    expect(isGoodAnswer({ expect: expected, contains }, { status, body })).toBe(isGood);
  });
});

describe("cannotRollBack", () => {
  const fence = { isFenced: false, sourceAnswered: true };
  const plan = { protects: true, unfences: false };
  it.each<[string, typeof fence, typeof plan, string | null]>([
    ["nothing was fenced", fence, plan, null],
    ["fenced servers are started again", { ...fence, isFenced: true }, { ...plan, unfences: true }, null],
    ["it stays fenced", { ...fence, isFenced: true }, plan, "its servers stay fenced (recover.onFailure: hold)"],
    [
      "the source is unreachable",
      { isFenced: false, sourceAnswered: false },
      { ...plan, unfences: true },
      "the source is unreachable",
    ],
    ["the plan has no servers there", { isFenced: false, sourceAnswered: false }, { ...plan, protects: false }, null],
  ])("when %s", (_, given, of, because) => {
    expect(cannotRollBack(given, of)).toBe(because);
  });
});
