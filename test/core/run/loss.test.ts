import { describe, expect, test } from "vitest";
import { judgeLoss, lossOf } from "../../../functions/core/run/loss.ts";
import { aRun } from "../../support/builders.ts";

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

const of = (times: string[]) => times.map((recoverableAt) => ({ recoverableAt }));

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
    expect(lossOf(of(points), given)).toEqual({ lossSeconds, pointAt: oldest, until });
  });

  test("no data is lost when nothing is restored, or when the point is newer than the evidence", () => {
    expect(lossOf([], { run: aRun(), fence: null, now })).toMatchObject({ lossSeconds: 0, pointAt: null });
    const late = ["2026-03-02T11:55:00.000Z"];
    expect(lossOf(of(late), { run: aRun({ incident }), fence: null, now }).lossSeconds).toBe(0);
  });
});

describe("the gate", () => {
  const loss = { lossSeconds: 1_800, pointAt: oldest, until: now.toISOString() };
  const request = aRun().request;
  const healthy = { code: "Healthy", because: "2 of 2 witnesses are healthy", at: "2026-03-02T11:59:30.000Z" };
  const asked = (over: Partial<typeof request>) => aRun({ request: { ...request, ...over } });
  const lost = (budget: number) => `1800 s of writes since the point of ${oldest} are lost; ${budget} s allowed`;

  test("the loss gate lets a loss within the budget pass", () => {
    expect(judgeLoss(loss, 1_800, asked({}), null, now)).toEqual({
      action: "go-on",
      code: "WithinBudget",
      because: lost(1_800),
    });
  });

  test("the loss gate asks about more than the budget, unless the run was started with `force` or `approve`", () => {
    const judge = (over: Partial<typeof request>) => judgeLoss(loss, 1_799, asked(over), null, now);
    expect(judge({})).toEqual({ action: "ask", code: "LossBudgetExceeded", because: lost(1_799) });
    expect(judge({ force: true })).toEqual({
      action: "go-on",
      code: "BudgetOverridden",
      because: `${lost(1_799)}, overridden by force`,
    });
    expect(judge({ approve: true })).toEqual({
      action: "go-on",
      code: "Approved",
      because: `${lost(1_799)}, approved at the start`,
    });
  });

  test("the loss gate asks a person who starts a failover while everything is healthy; `force` is no answer, `approve` is", () => {
    expect(judgeLoss(loss, 3_600, asked({ force: true }), healthy, now)).toEqual({
      action: "ask",
      code: "LooksHealthy",
      because: `shop looks healthy in eu-west-1 (2 of 2 witnesses are healthy); ${lost(3_600)}`,
    });
    expect(judgeLoss(loss, 3_600, asked({ approve: true }), healthy, now)).toMatchObject({
      action: "go-on",
      code: "WithinBudget",
    });
  });

  test.each([
    ["an old verdict", asked({}), { ...healthy, at: "2026-03-02T11:50:00.000Z" }],
    ["another verdict", asked({}), { ...healthy, code: "Degraded" }],
    ["a run of detect", asked({ by: "detect" }), healthy],
  ])("a failover does not ask: %s", (_case, run, verdict) => {
    expect(judgeLoss(loss, 3_600, run, verdict, now).action).toBe("go-on");
  });

  test("the loss gate asks about an incident whose plan wants that; about its loss first, which no deadline may answer", () => {
    const ofDetect = (over: object = {}) =>
      aRun({ incident: { ...incident, ask: true, ...over }, request: { ...request, by: "detect" } });
    expect(judgeLoss(loss, 1_800, ofDetect(), null, now)).toEqual({
      action: "ask",
      code: "Incident",
      because: `2 of 2; ${lost(1_800)}`,
    });
    expect(judgeLoss(loss, 1_799, ofDetect(), null, now)).toMatchObject({ action: "ask", code: "LossBudgetExceeded" });
    expect(judgeLoss(loss, 1_800, ofDetect({ ask: false }), null, now).action).toBe("go-on");
  });

  test("a run that restores nothing is within every budget", () => {
    const none = { lossSeconds: 0, pointAt: null, until: now.toISOString() };
    expect(judgeLoss(none, 0, asked({}), null, now).because).toBe("nothing is restored; 0 s allowed");
  });
});
