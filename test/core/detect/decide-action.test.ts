import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../../functions/core/detect/decide-action.ts";
import type { EvidenceIncident } from "../../../functions/core/detect/incident.ts";
import type { Verdict, VerdictCode } from "../../../functions/core/detect/verdict.ts";
import { noControls } from "../../../functions/core/model/operator-controls.ts";
import type { RunLease } from "../../../functions/core/model/row.ts";
import { aPlan, aRow } from "../../support/builders.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const iso = now.toISOString();
/** When a run that was started has its lease, or never gets it. */
const before = new Date(Date.parse(iso) - 10_000).toISOString();
const verdict = (code: VerdictCode): Verdict => ({
  code,
  since: iso,
  at: iso,
  because: "they said so",
  firstFailingAt: iso,
});
const incident: EvidenceIncident = { id: "20260302T1157Z", firstFailingAt: iso, answeredAt: null };
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
  controls: noControls,
  maintenance: null,
  storm: null,
  doubt: null,
  now,
};
const paused = { paused: { at: iso, by: "ana", reason: null }, acknowledged: null };
const acknowledged = (run: string) => ({ paused: null, acknowledged: { run, at: iso, by: "ana" } });
const recent = aRow({ lastRun: lastRun("2026-03-02T11:30:00.000Z") });
const window = { cron: "0 2 ? * SUN *", until: "2026-03-02T13:00:00.000Z" };
const approve = { ...aPlan().detect, action: "approve" as const };
const notify = { ...aPlan().detect, action: "notify" as const };

describe("decide", () => {
  it.each<[string, Partial<Case>, string, string, string]>([
    ["acts when everything says so", {}, "act", "RegionUnhealthy", "they said so"],
    ["tells a person in the mode notify", { detect: notify }, "notify", "RegionUnhealthy", "they said so"],
    ["asks a person in the mode approve", { detect: approve }, "ask", "RegionUnhealthy", "they said so"],
    ["asks in a storm", { storm: "six want to move" }, "ask", "Storm", "they said so; six want to move"],
    [
      "asks in a storm as it would have without",
      { detect: approve, storm: "x" },
      "ask",
      "RegionUnhealthy",
      "they said so",
    ],
    [
      "tells in a storm as it would have without",
      { detect: notify, storm: "x" },
      "notify",
      "RegionUnhealthy",
      "they said so",
    ],
    ["holds while it is paused", { controls: paused }, "hold", "Paused", `ana paused shop at ${iso}`],
    [
      "says why it is paused",
      { controls: { ...paused, paused: { ...paused.paused, reason: "a release" } } },
      "hold",
      "Paused",
      `ana paused shop at ${iso}: a release`,
    ],
    [
      "tells nobody while it is paused",
      { controls: paused, detect: notify },
      "hold",
      "Paused",
      `ana paused shop at ${iso}`,
    ],
    [
      "holds in maintenance",
      { maintenance: window },
      "hold",
      "Maintenance",
      "maintenance of shop (0 2 ? * SUN *) lasts until 2026-03-02T13:00:00.000Z",
    ],
    [
      "acts within the block once its run is acknowledged",
      { row: recent, controls: acknowledged("run-0") },
      "act",
      "RegionUnhealthy",
      "they said so",
    ],
    [
      "knows the run by its ARN too",
      { row: recent, controls: acknowledged("arn") },
      "act",
      "RegionUnhealthy",
      "they said so",
    ],
    [
      "is blocked when another run was acknowledged",
      { row: recent, controls: acknowledged("run-9") },
      "hold",
      "Blocked",
      "run-0 ended at 2026-03-02T11:30:00.000Z; no other run for 3600 s, or until it is acknowledged",
    ],
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
      "holds when those who look from elsewhere find it well",
      { doubt: "canary looks from eu-central-1 alone, and afar finds it healthy" },
      "hold",
      "OneVantage",
      "they said so; canary looks from eu-central-1 alone, and afar finds it healthy",
    ],
    [
      "has nothing to do until a run that was just started has its lease",
      { incident: { ...incident, answeredAt: iso, answer: "act" } },
      "none",
      "RunInProgress",
      "a run was just started for shop",
    ],
    [
      "starts one run for an incident",
      { incident: { ...incident, answeredAt: before, answer: "act" } },
      "hold",
      "AlreadyActedOn",
      `incident 20260302T1157Z: a run was started at ${before}; a person decides what follows`,
    ],
    [
      "asks about an incident once",
      { incident: { ...incident, answeredAt: before, answer: "ask" } },
      "hold",
      "AlreadyActedOn",
      `incident 20260302T1157Z: people were asked at ${before}; a person decides what follows`,
    ],
    [
      "tells of an incident once",
      { incident: { ...incident, answeredAt: iso, answer: "notify" } },
      "hold",
      "AlreadyActedOn",
      `incident 20260302T1157Z: people were notified at ${iso}; a person decides what follows`,
    ],
    [
      "acts once on an incident of which an older version has not noted how",
      { incident: { ...incident, answeredAt: iso } },
      "hold",
      "AlreadyActedOn",
      `incident 20260302T1157Z: it was acted on at ${iso}; a person decides what follows`,
    ],
    [
      "holds in the block period after a run",
      { row: aRow({ lastRun: lastRun("2026-03-02T11:00:01.000Z") }) },
      "hold",
      "Blocked",
      "run-0 ended at 2026-03-02T11:00:01.000Z; no other run for 3600 s, or until it is acknowledged",
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
      "shop has not been healthy for 600 s",
    ],
  ])("%s", (_case, over, action, code, because) => {
    expect(decide({ ...base, ...over })).toEqual({ action, code, because });
  });

  it("decide acts only when no condition forbids it", () => {
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
      noted: fc.boolean(),
      isPaused: fc.boolean(),
      inMaintenance: fc.boolean(),
      stormy: fc.boolean(),
      action: fc.constantFrom("notify" as const, "approve" as const, "automatic" as const),
    });
    fc.assert(
      fc.property(cases, (given) => {
        const { code, on, phase, active, armed, answered, sinceRun, noted, isPaused, inMaintenance, stormy, action } =
          given;
        const ended = sinceRun === null ? null : lastRun(new Date(now.getTime() - sinceRun * 1_000).toISOString());
        const row = aRow({ phase, active, run: on ? run : null, lastRun: ended });
        const decision = decide({
          ...base,
          detect: { ...base.detect, action },
          row,
          controls: { ...(noted ? acknowledged("run-0") : noControls), ...(isPaused && { paused: paused.paused }) },
          maintenance: inMaintenance ? window : null,
          storm: stormy ? "so many" : null,
          verdict: verdict(code),
          armedAt: armed ? base.armedAt : null,
          incident: { ...incident, answeredAt: answered ? iso : null },
        });
        const clear = !on && phase === "protected" && active === "eu-west-1" && armed && !answered;
        const free = clear && !isPaused && !inMaintenance && (sinceRun === null || sinceRun >= 3_600 || noted);
        const due = code === "RegionUnhealthy" && free;
        expect(decision.action === "act").toBe(due && action === "automatic" && !stormy);
        expect(decision.action === "ask").toBe(due && (action === "approve" || (action === "automatic" && stormy)));
        expect(decision.action === "notify").toBe(due && action === "notify");
        expect(decision.because).not.toBe("");
      }),
    );
  });
});
