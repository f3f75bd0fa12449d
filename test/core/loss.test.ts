import { describe, expect, test } from "vitest";
import { judgeLoss, lossOf } from "../../functions/core/loss.ts";
import { aRun } from "../support/builders.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const incident = {
  id: "20260302T1150Z",
  firstFailingAt: "2026-03-02T11:50:00.000Z",
  decidedAt: "2026-03-02T11:53:00.000Z",
  because: "2 of 2",
  ask: false,
};
const oldest = "2026-03-02T11:30:00.000Z";
const points = ["2026-03-02T11:40:00.000Z", oldest];

describe("loss", () => {
  test.each([
    ["of a person's run: until now", { run: aRun(), fence: null, now }, 1_800, now.toISOString()],
    [
      "of an incident: until the first failing evidence",
      { run: aRun({ incident }), fence: null, now },
      1_200,
      incident.firstFailingAt,
    ],
    [
      "until the fence, when the source still answered then",
      { run: aRun({ incident }), fence: { at: "2026-03-02T11:58:00.000Z", sourceAnswered: true }, now },
      1_680,
      "2026-03-02T11:58:00.000Z",
    ],
    [
      "not until a fence that nobody answered",
      { run: aRun({ incident }), fence: { at: "2026-03-02T11:58:00.000Z", sourceAnswered: false }, now },
      1_200,
      incident.firstFailingAt,
    ],
    [
      "until the silent fence, when nobody saw it fail",
      { run: aRun(), fence: { at: "2026-03-02T11:58:00.000Z", sourceAnswered: false }, now },
      1_680,
      "2026-03-02T11:58:00.000Z",
    ],
  ])("%s, from the oldest point", (_case, given, lossSeconds, until) => {
    expect(lossOf(points, given)).toEqual({ lossSeconds, pointAt: oldest, until });
  });

  test("nothing restored loses nothing; a point after the evidence neither", () => {
    expect(lossOf([], { run: aRun(), fence: null, now })).toMatchObject({ lossSeconds: 0, pointAt: null });
    const late = ["2026-03-02T11:55:00.000Z"];
    expect(lossOf(late, { run: aRun({ incident }), fence: null, now }).lossSeconds).toBe(0);
  });
});

describe("the gate", () => {
  const loss = { lossSeconds: 1_800, pointAt: oldest, until: now.toISOString() };
  const request = aRun().request;
  const healthy = { code: "Healthy", because: "2 of 2 witnesses are healthy", at: "2026-03-02T11:59:30.000Z" };
  const asked = (over: Partial<typeof request>) => aRun({ request: { ...request, ...over } });

  test("lets a loss within the budget pass", () => {
    expect(judgeLoss(loss, 1_800, asked({}), null, now)).toEqual({
      action: "go-on",
      code: "WithinBudget",
      because: `1800 s of writes since the point of ${oldest} are lost; 1800 s allowed`,
      hint: "",
    });
  });

  test("refuses more than the budget and names the way out", () => {
    expect(judgeLoss(loss, 1_799, asked({}), null, now)).toEqual({
      action: "refuse",
      code: "LossBudgetExceeded",
      because: `LossBudgetExceeded: 1800 s of writes since the point of ${oldest} are lost; 1799 s allowed`,
      hint: 'To accept this loss, start it again with "force": true.',
    });
  });

  test("force overrides the budget", () => {
    expect(judgeLoss(loss, 10, asked({ force: true }), null, now)).toMatchObject({
      action: "go-on",
      code: "BudgetOverridden",
    });
  });

  test("a person is asked first while everything is green; force is no answer, approve is", () => {
    expect(judgeLoss(loss, 3_600, asked({ force: true }), healthy, now)).toEqual({
      action: "refuse",
      code: "LooksHealthy",
      because: "LooksHealthy: shop looks healthy in eu-west-1 (2 of 2 witnesses are healthy)",
      hint: 'To fail over all the same, start it again with "approve": true.',
    });
    expect(judgeLoss(loss, 3_600, asked({ approve: true }), healthy, now).action).toBe("go-on");
  });

  test.each([
    ["an old verdict", asked({}), { ...healthy, at: "2026-03-02T11:50:00.000Z" }],
    ["another verdict", asked({}), { ...healthy, code: "Degraded" }],
    ["a run of detect", asked({ by: "detect" }), healthy],
  ])("%s does not ask", (_case, run, verdict) => {
    expect(judgeLoss(loss, 3_600, run, verdict, now).action).toBe("go-on");
  });

  test("nothing restored is within every budget", () => {
    const none = { lossSeconds: 0, pointAt: null, until: now.toISOString() };
    expect(judgeLoss(none, 0, asked({}), null, now).because).toBe("nothing is restored; 0 s allowed");
  });
});
