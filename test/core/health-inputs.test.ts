import { describe, expect, test } from "vitest";
import { type Check, judgeHealthInputs, unknownChecks } from "../../functions/core/health-inputs.ts";
import type { Traffic } from "../../functions/core/plan.ts";
import type { RecordSet } from "../../functions/core/record-changes.ts";
import { aPlan } from "../support/builders.ts";

const traffic = (over: Partial<Traffic> = {}): Traffic => ({ ...aPlan().traffic!, ...over });
const set = (failover: "PRIMARY" | "SECONDARY", over: Partial<RecordSet> = {}): RecordSet => ({
  name: "shop.example.com",
  type: "A",
  setIdentifier: failover.toLowerCase(),
  failover,
  otherPolicy: false,
  ttlSeconds: 30,
  values: ["192.0.2.10"],
  alias: null,
  healthCheck: failover === "PRIMARY" ? "hc-1" : null,
  ...over,
});
const aliased = { zone: "Z1", name: "lb.example.com", evaluateTargetHealth: true };
const good: Check = {
  id: "hc-1",
  type: "CLOUDWATCH_METRIC",
  inverted: false,
  disabled: false,
  alarm: { region: "eu-central-1" },
  insufficientData: "LastKnownStatus",
};
const judge = (
  sets: RecordSet[],
  over: Partial<Traffic> = {},
  checks: Map<string, Check | null> = new Map([["hc-1", good]]),
) => judgeHealthInputs(traffic(over), sets, checks, "eu-central-1");
const told = (sentence: string) => `shop.example.com A: ${sentence}`;

describe("the record pair of a takeover", () => {
  test("with its own check on PRIMARY only has no other input", () => {
    expect(judge([set("PRIMARY"), set("SECONDARY")])).toEqual({ problems: [], warnings: [] });
  });

  test.each<[string, RecordSet[], string]>([
    ["no pair", [], "expected a PRIMARY and a SECONDARY set (got neither)"],
    ["half a pair", [set("PRIMARY")], "expected a PRIMARY and a SECONDARY set (got PRIMARY)"],
    ["the other half", [set("SECONDARY")], "expected a PRIMARY and a SECONDARY set (got SECONDARY)"],
    [
      "no check",
      [set("PRIMARY", { healthCheck: null }), set("SECONDARY")],
      "the PRIMARY set has no health check, so the takeover would not move it",
    ],
    [
      "the check on both",
      [set("PRIMARY"), set("SECONDARY", { healthCheck: "hc-1" })],
      "the takeover's health check is on the SECONDARY set too, so nothing would move",
    ],
  ])("with %s is a problem, whatever the plan allows", (_case, sets, sentence) => {
    expect(judge(sets).problems).toEqual([told(sentence)]);
    expect(judge(sets, { allowHealthInputs: true }).problems).toEqual([told(sentence)]);
  });

  test.each<[string, RecordSet[], string]>([
    [
      "EvaluateTargetHealth on PRIMARY",
      [set("PRIMARY", { alias: aliased }), set("SECONDARY")],
      "EvaluateTargetHealth is on for the PRIMARY set",
    ],
    [
      "EvaluateTargetHealth on SECONDARY",
      [set("PRIMARY"), set("SECONDARY", { alias: aliased })],
      "EvaluateTargetHealth is on for the SECONDARY set",
    ],
    [
      "another check on SECONDARY",
      [set("PRIMARY"), set("SECONDARY", { healthCheck: "hc-2" })],
      "the SECONDARY set has the health check hc-2",
    ],
  ])("with %s is a problem, or a warning when the plan allows it", (_case, sets, sentence) => {
    expect(judge(sets)).toEqual({ problems: [told(sentence)], warnings: [] });
    expect(judge(sets, { allowHealthInputs: true })).toEqual({ problems: [], warnings: [told(sentence)] });
  });

  test.each<[string, Check | null, string]>([
    ["does not exist", null, "does not exist"],
    ["of another type", { ...good, type: "HTTPS" }, "is of type HTTPS, not CLOUDWATCH_METRIC"],
    ["elsewhere", { ...good, alarm: { region: "eu-west-1" } }, "follows an alarm in eu-west-1, not in eu-central-1"],
    ["without alarm", { ...good, alarm: null }, "follows an alarm in no Region, not in eu-central-1"],
    ["inverted", { ...good, inverted: true }, "is inverted"],
    ["disabled", { ...good, disabled: true }, "is disabled"],
    ["forgetful", { ...good, insufficientData: "Healthy" }, "does not keep its last known status when data is missing"],
  ])("with a check that is %s is a problem", (_case, check, sentence) => {
    const sets = [set("PRIMARY"), set("SECONDARY")];
    const whole = told(`health check hc-1 of the PRIMARY set ${sentence}`);
    expect(judge(sets, {}, new Map([["hc-1", check]]))).toEqual({ problems: [whole], warnings: [] });
    expect(judge(sets, { allowHealthInputs: true }, new Map([["hc-1", check]])).warnings).toEqual([whole]);
  });

  test("with a check that could not be read is a warning", () => {
    expect(judge([set("PRIMARY"), set("SECONDARY")], {}, new Map())).toEqual({
      problems: [],
      warnings: [told("health check hc-1 could not be checked")],
    });
  });

  test("with a check that the plan names needs that one", () => {
    const sets = [set("PRIMARY"), set("SECONDARY")];
    expect(judge(sets, { healthCheck: "hc-1" }, new Map()).problems).toEqual([]);
    expect(judge(sets, { healthCheck: "hc-9" }, new Map()).problems).toEqual([
      told("health check hc-1 of the PRIMARY set is not the plan's, hc-9"),
    ]);
  });
});

test("of a records switch, any check on PRIMARY but the plan's is another input", () => {
  const sets = [set("PRIMARY"), set("SECONDARY")];
  expect(judge(sets, { switch: "records" }).problems).toEqual([told("the PRIMARY set has the health check hc-1")]);
  expect(judge(sets, { switch: "records", healthCheck: "hc-1" }).problems).toEqual([]);
});

test("a simple record has no pair to judge", () => {
  const records = traffic().records.map((record) => ({ ...record, policy: "simple" as const }));
  expect(judge([], { records })).toEqual({ problems: [], warnings: [] });
});

test("the checks to look at are those of a takeover that the switch stack made, each once", () => {
  const records = [...traffic().records, ...traffic().records];
  expect(unknownChecks(traffic({ records }), [set("PRIMARY"), set("SECONDARY")])).toEqual(["hc-1"]);
  expect(unknownChecks(traffic({ healthCheck: "hc-1" }), [set("PRIMARY")])).toEqual([]);
  expect(unknownChecks(traffic({ switch: "records" }), [set("PRIMARY")])).toEqual([]);
});
