import { describe, expect, it } from "vitest";
import type { EvidenceIncident } from "../../../functions/core/detect/incident.ts";
import type { Row } from "../../../functions/core/model/row.ts";
import { type End, whyOnceMore } from "../../../functions/core/run/second-start.ts";
import { aRow } from "../../support/builders.ts";

const now = new Date("2026-03-02T12:10:00.000Z");
const name = "failover-shop-20260302T1157Z";
const incident: EvidenceIncident = {
  id: "20260302T1157Z",
  firstFailingAt: "2026-03-02T11:57:00.000Z",
  answeredAt: "2026-03-02T12:00:00.000Z",
  answer: "act",
};
const failed: End = { status: "FAILED", error: "TransientError", stoppedAt: new Date("2026-03-02T12:08:00.000Z") };
const ended = (by: string, endedAt: string): Partial<Row> => ({
  lastRun: { id: "i", name: by, outcome: "failed", endedAt },
});
const run = { id: "i", name, machine: "failover", acquiredAt: "", phaseBefore: "protected" as const, points: {} };
const why = (end: End | null, row: Partial<Row> = {}, over: Partial<EvidenceIncident> = {}) =>
  whyOnceMore({ ...incident, ...over }, aRow(row), "eu-west-1", { name, end }, now);

describe("whyOnceMore", () => {
  it.each([
    "TransientError",
    "States.Timeout",
    "Sandbox.Timedout",
    "Runtime.ExitError",
    "Lambda.Unknown",
    "Lambda.ServiceException",
  ])("whyOnceMore starts once more after %s, and says which run ended how", (error) => {
    const { stoppedAt } = failed;
    expect(why({ status: "FAILED", error, stoppedAt })).toBe(
      `once more: ${name} ended on ${error} at 2026-03-02T12:08:00.000Z, before it moved anything`,
    );
  });
  it.each<[string, End | null]>([
    ["of which nobody knows", null],
    ["that goes on", { ...failed, status: "RUNNING", error: null }],
    ["that succeeded", { ...failed, status: "SUCCEEDED", error: null }],
    ["that a person stopped", { ...failed, status: "ABORTED", error: null }],
    ...[
      "RefusedError",
      "ResourceFailedError",
      "LeaseHeldError",
      "DeadlineExceededError",
      "ReportFailed",
      "States.Runtime",
    ].map((error): [string, End] => [`that ended on ${error}`, { ...failed, error }]),
    ["of which a step may still be at work", { ...failed, stoppedAt: new Date("2026-03-02T12:08:30.000Z") }],
  ])("whyOnceMore leaves a run alone %s", (_case, end) => {
    expect(why(end)).toBeNull();
  });
  it.each<[string, Partial<Row>, Partial<EvidenceIncident>]>([
    ["a run is on", { run, phase: "running" }, {}],
    ["something moved", { active: "eu-central-1" }, {}],
    ["people were only told", {}, { answer: "notify" }],
    ["nothing was started yet", {}, { answeredAt: null }],
    ["another run was there since", ended("by-hand", "2026-03-02T12:09:00.000Z"), {}],
  ])("whyOnceMore leaves it to people when %s", (_case, row, over) => {
    expect(why(failed, row, over)).toBeNull();
  });
  it("whyOnceMore counts neither the run itself nor one of before for another one", () => {
    expect(why(failed, ended(name, "2026-03-02T12:08:00.000Z"))).not.toBeNull();
    expect(why(failed, ended("by-hand", "2026-03-01T12:00:00.000Z"))).not.toBeNull();
  });
});
