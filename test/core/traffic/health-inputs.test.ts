import { describe, expect, test } from "vitest";
import type { Traffic } from "../../../functions/core/model/plan.ts";
import {
  type Check,
  isEndpointCheck,
  judgeHealthInputs,
  standbyChecks,
  unknownChecks,
} from "../../../functions/core/traffic/health-inputs.ts";
import type { RecordSet } from "../../../functions/core/traffic/record-changes.ts";
import { aPlan, aRecordSet } from "../../support/builders.ts";

const traffic = (over: Partial<Traffic> = {}): Traffic => ({ ...aPlan().traffic!, ...over });
const set = (failover: "PRIMARY" | "SECONDARY", over: Partial<RecordSet> = {}): RecordSet =>
  aRecordSet({
    setIdentifier: failover.toLowerCase(),
    failover,
    healthCheck: failover === "PRIMARY" ? "hc-1" : null,
    ...over,
  });
const zone = aPlan().traffic!.zone;
const inZone = (...sets: RecordSet[]) => ({ [zone]: sets });
const aliased = { zone: "Z1", name: "lb.example.com", evaluateTargetHealth: true };
const good: Check = {
  id: "hc-1",
  type: "CLOUDWATCH_METRIC",
  inverted: false,
  disabled: false,
  alarm: { region: "eu-central-1" },
  insufficientData: "LastKnownStatus",
  routingControl: null,
};
const judge = (
  sets: RecordSet[],
  over: Partial<Traffic> = {},
  checks: Map<string, Check | null> = new Map([["hc-1", good]]),
  failing: string[] = [],
) => judgeHealthInputs(traffic(over), inZone(...sets), checks, "eu-central-1", new Set(failing));
const told = (sentence: string) => `shop.example.com A: ${sentence}`;

describe("the record pair of a takeover", () => {
  test("a takeover pair with its own check on PRIMARY only has no other health input", () => {
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
  ])("a takeover pair with %s is a problem, whatever the plan allows", (_case, sets, sentence) => {
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
  ])("a takeover pair with %s is a problem, or a warning when the plan allows it", (_case, sets, sentence) => {
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
  ])("a takeover pair with a check that is %s is a problem", (_case, check, sentence) => {
    const sets = [set("PRIMARY"), set("SECONDARY")];
    const whole = told(`health check hc-1 of the PRIMARY set ${sentence}`);
    expect(judge(sets, {}, new Map([["hc-1", check]]))).toEqual({ problems: [whole], warnings: [] });
    expect(judge(sets, { allowHealthInputs: true }, new Map([["hc-1", check]])).warnings).toEqual([whole]);
  });

  test("a takeover pair with a check that could not be read is a warning", () => {
    expect(judge([set("PRIMARY"), set("SECONDARY")], {}, new Map())).toEqual({
      problems: [],
      warnings: [told("health check hc-1 could not be checked")],
    });
  });

  test("a takeover pair with a check that the plan names needs that check", () => {
    const sets = [set("PRIMARY"), set("SECONDARY")];
    expect(judge(sets, { healthCheck: "hc-1" }, new Map()).problems).toEqual([]);
    expect(judge(sets, { healthCheck: "hc-9" }, new Map()).problems).toEqual([
      told("health check hc-1 of the PRIMARY set is not the plan's, hc-9"),
    ]);
  });
});

test("a `records` switch takes every check on PRIMARY but the plan's as another health input", () => {
  const sets = [set("PRIMARY"), set("SECONDARY")];
  expect(judge(sets, { switch: "records" }).problems).toEqual([told("the PRIMARY set has the health check hc-1")]);
  expect(judge(sets, { switch: "records", healthCheck: "hc-1" }).problems).toEqual([]);
});

test("a simple record has no pair to judge", () => {
  const records = traffic().records.map((record) => ({ ...record, policy: "simple" as const }));
  expect(judge([], { records })).toEqual({ problems: [], warnings: [] });
});

test("the checks to look at are those of a takeover that the switch stack made, each once, and those on its standby", () => {
  const records = [...traffic().records, ...traffic().records];
  const pair = inZone(set("PRIMARY"), set("SECONDARY"));
  const watched = inZone(set("PRIMARY"), set("SECONDARY", { healthCheck: "hc-2" }));
  expect(unknownChecks(traffic({ records }), pair)).toEqual(["hc-1"]);
  expect(unknownChecks(traffic(), watched)).toEqual(["hc-1", "hc-2"]);
  expect(unknownChecks(traffic({ healthCheck: "hc-1" }), watched)).toEqual(["hc-2"]);
  expect(unknownChecks(traffic({ switch: "records" }), watched)).toEqual([]);
  expect(unknownChecks(traffic({ switch: "routing-control" }), watched)).toEqual(["hc-1", "hc-2"]);
  expect([standbyChecks(traffic(), watched), standbyChecks(traffic(), pair)]).toEqual([["hc-2"], []]);
  expect(standbyChecks(traffic({ switch: "records" }), watched)).toEqual([]);
});

test("only checks that probe have a status to ask for", () => {
  const types = ["HTTP", "HTTPS_STR_MATCH", "TCP", "CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"];
  expect(types.filter((type) => isEndpointCheck({ ...good, type }))).toEqual(["HTTP", "HTTPS_STR_MATCH", "TCP"]);
});

test("a pair whose roles are swapped is reported once, and nothing else of it", () => {
  const swapped = [
    set("PRIMARY", { setIdentifier: "recovery" }),
    set("SECONDARY", { setIdentifier: "primary", healthCheck: "hc-2" }),
  ];
  const sentence = 'expected "primary" to be the PRIMARY set (got SECONDARY): no UPSERT can swap PRIMARY and SECONDARY';
  expect(judge(swapped)).toEqual({ problems: [told(sentence)], warnings: [] });
});

test("a standby that is unhealthy too is a problem, even where other health inputs are allowed", () => {
  const sets = [set("PRIMARY"), set("SECONDARY", { healthCheck: "hc-2" })];
  const sentence =
    "health check hc-2 of the SECONDARY set fails: with both records unhealthy Route 53 answers PRIMARY, so nothing would move";
  const over = { allowHealthInputs: true };
  const checks = new Map([["hc-1", good]]);
  expect(judge(sets, over, checks, ["hc-2"]).problems).toEqual([told(sentence)]);
  expect(judge(sets, over, checks, ["hc-3"]).problems).toEqual([]);
});

describe("the records of routing controls", () => {
  const controls = { primary: "arn:control/p", recovery: "arn:control/r" };
  const switched = (policy: "failover" | "weighted" = "failover"): Partial<Traffic> => ({
    switch: "routing-control",
    records: traffic().records.map((record) => ({ ...record, policy, routingControls: controls })),
  });
  const follows = (id: string, control: string, over: Partial<Check> = {}): Check => ({
    ...good,
    id,
    type: "RECOVERY_CONTROL",
    alarm: null,
    routingControl: control,
    ...over,
  });
  const pair = [set("PRIMARY", { healthCheck: "p" }), set("SECONDARY", { healthCheck: "r" })];
  const checks = (p: Check | null = follows("p", controls.primary)) =>
    new Map<string, Check | null>([
      ["p", p],
      ["r", follows("r", controls.recovery)],
    ]);

  test("the records of routing controls follow each its own control", () => {
    expect(judge(pair, switched(), checks())).toEqual({ problems: [], warnings: [] });
    const weighted = [
      aRecordSet({ setIdentifier: "primary", weight: 1, healthCheck: "p" }),
      aRecordSet({ setIdentifier: "recovery", weight: 1, healthCheck: "r" }),
    ];
    expect(judge(weighted, switched("weighted"), checks())).toEqual({ problems: [], warnings: [] });
  });

  test.each<[string, Check | null, string]>([
    ["another control", follows("p", controls.recovery), "does not follow routing control p"],
    ["an alarm", good, "does not follow routing control p"],
    ["nothing, as it does not exist", null, "does not follow routing control p"],
    ["it, but upside down", follows("p", controls.primary, { inverted: true }), "is inverted"],
    ["it, but is disabled", follows("p", controls.primary, { disabled: true }), "is disabled"],
  ])("the records of routing controls are a problem when a check follows %s", (_, check, sentence) => {
    expect(judge(pair, switched(), checks(check)).problems).toEqual([
      told(`health check p of the set "primary" ${sentence}`),
    ]);
  });

  test("the records of routing controls are a problem without a check, and a warning when it could not be read", () => {
    const bare = [set("PRIMARY", { healthCheck: null }), pair[1]!];
    expect(judge(bare, switched(), checks()).problems).toEqual([
      told('the set "primary" has no health check, so routing control p does not move it'),
    ]);
    expect(judge(pair, switched(), new Map([["r", follows("r", controls.recovery)]])).warnings).toEqual([
      told("health check p could not be checked"),
    ]);
  });

  test("the records of routing controls may not evaluate target health as well", () => {
    const looking = [set("PRIMARY", { healthCheck: "p", alias: aliased }), pair[1]!];
    expect(judge(looking, switched(), checks()).problems).toEqual([
      told("EvaluateTargetHealth is on for the PRIMARY set"),
    ]);
  });
});
