import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../functions/core/decide.ts";
import type { RunLease } from "../../functions/core/row.ts";
import type { Verdict, VerdictCode } from "../../functions/core/verdict.ts";
import { aPlan, aRow } from "../support/builders.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const iso = now.toISOString();
const verdict = (code: VerdictCode): Verdict => ({
  code,
  since: iso,
  at: iso,
  because: "they said so",
  firstFailingAt: iso,
});
const incident = { id: "20260302T1157Z", firstFailingAt: iso, answeredAt: null };
const run: RunLease = {
  id: "arn",
  name: "run-1",
  machine: "failover",
  acquiredAt: iso,
  phaseBefore: "protected",
  points: {},
};
const lastRun = (endedAt: string) => ({ id: "arn", name: "run-0", outcome: "failed", endedAt });

type Case = Parameters<typeof decide>[0];
const base: Case = {
  detect: aPlan().detect,
  primary: "eu-west-1",
  row: aRow(),
  verdict: verdict("RegionUnhealthy"),
  armedAt: "2026-03-02T11:00:00.000Z",
  incident,
  now,
};
const notify = { ...aPlan().detect, action: "notify" as const };

describe("decide", () => {
  it.each<[string, Partial<Case>, string, string, string]>([
    ["acts when everything says so", {}, "act", "RegionUnhealthy", "they said so"],
    ["tells a person in the mode notify", { detect: notify }, "notify", "RegionUnhealthy", "they said so"],
    ["does nothing while it is healthy", { verdict: verdict("Healthy") }, "none", "Healthy", "they said so"],
    ["holds while it is not yet sustained", { verdict: verdict("Degraded") }, "hold", "Degraded", "they said so"],
    [
      "holds when only the application fails",
      { verdict: verdict("ApplicationUnhealthy") },
      "hold",
      "ApplicationUnhealthy",
      "they said so",
    ],
    [
      "holds when witnesses disagree",
      { verdict: verdict("WitnessesDisagree") },
      "hold",
      "WitnessesDisagree",
      "they said so",
    ],
    ["holds when they cannot tell", { verdict: verdict("CannotTell") }, "hold", "CannotTell", "they said so"],
    ["leaves a run alone", { row: aRow({ run, phase: "running" }) }, "none", "RunInProgress", "run-1 is moving shop"],
    [
      "has nothing to do after a failover",
      { row: aRow({ active: "eu-central-1", phase: "failedOver" }) },
      "none",
      "AlreadyMoved",
      "shop is served from eu-central-1",
    ],
    [
      "has nothing to do after a failover, whatever is seen of the old Region",
      { row: aRow({ active: "eu-central-1", phase: "failedOver" }), verdict: verdict("CannotTell") },
      "none",
      "AlreadyMoved",
      "shop is served from eu-central-1",
    ],
    [
      "holds in another phase",
      { row: aRow({ phase: "reprotecting" }) },
      "hold",
      "NotProtected",
      "shop is reprotecting, not protected",
    ],
    [
      "answers an incident once",
      { incident: { ...incident, answeredAt: iso } },
      "hold",
      "AlreadyAnswered",
      `incident 20260302T1157Z was answered at ${iso}; a person decides now`,
    ],
    [
      "holds in the block period after a run",
      { row: aRow({ lastRun: lastRun("2026-03-02T11:00:01.000Z") }) },
      "hold",
      "Blocked",
      "run-0 ended at 2026-03-02T11:00:01.000Z; no other run for 3600 s",
    ],
    [
      "acts again after the block period",
      { row: aRow({ lastRun: lastRun("2026-03-02T11:00:00.000Z") }) },
      "act",
      "RegionUnhealthy",
      "they said so",
    ],
    [
      "never fires before the first sustained green",
      { armedAt: null },
      "hold",
      "NotArmed",
      "shop was not yet seen healthy for 600 s",
    ],
  ])("%s", (_case, over, action, code, because) => {
    expect(decide({ ...base, ...over })).toEqual({ action, code, because });
  });

  it("acts only when no guard stands against it", () => {
    const codes = fc.constantFrom<VerdictCode>(
      "Healthy",
      "Degraded",
      "RegionUnhealthy",
      "ApplicationUnhealthy",
      "CannotTell",
    );
    const cases = fc.record({
      code: codes,
      on: fc.boolean(),
      phase: fc.constantFrom("protected", "running", "failedOver", "reprotecting"),
      active: fc.constantFrom("eu-west-1", "eu-central-1"),
      armed: fc.boolean(),
      answered: fc.boolean(),
      sinceRun: fc.option(fc.nat({ max: 7_200 })),
    });
    fc.assert(
      fc.property(cases, ({ code, on, phase, active, armed, answered, sinceRun }) => {
        const ended = sinceRun === null ? null : lastRun(new Date(now.getTime() - sinceRun * 1_000).toISOString());
        const row = aRow({ phase, active, run: on ? run : null, lastRun: ended });
        const decision = decide({
          ...base,
          row,
          verdict: verdict(code),
          armedAt: armed ? base.armedAt : null,
          incident: { ...incident, answeredAt: answered ? iso : null },
        });
        const clear = !on && phase === "protected" && active === "eu-west-1" && armed && !answered;
        const unblocked = sinceRun === null || sinceRun >= 3_600;
        expect(decision.action === "act").toBe(code === "RegionUnhealthy" && clear && unblocked);
        expect(decision.because).not.toBe("");
      }),
    );
  });
});
