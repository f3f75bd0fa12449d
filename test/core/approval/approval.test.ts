import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeReply, resolveApproval, waitingQuestion } from "../../../functions/core/approval/approval.ts";
import type { Evidence } from "../../../functions/core/detect/evidence.ts";
import type { Question, Reply } from "../../../functions/core/model/approval-request.ts";
import { aQuestion, aRow, aRun } from "../../support/builders.ts";

const run = aRun();
const lease = { id: run.id, name: run.name, machine: "failover", acquiredAt: "", phaseBefore: "protected", points: {} };
const row = aRow({ phase: "running", run: { ...lease, phaseBefore: "protected" } });
const now = new Date("2026-03-02T12:10:00.000Z");
const said = (over: Partial<Reply> = {}): Reply => ({
  approved: true,
  by: "ann",
  at: "2026-03-02T12:05:00.000Z",
  via: "arn:first",
  ...over,
});
const closedAt = "2026-03-02T12:06:00.000Z";

describe("a question", () => {
  it("a question waits while its run holds the lease and has not read the answer", () => {
    expect(waitingQuestion(aQuestion(), row)).toEqual(aQuestion());
    expect(waitingQuestion(null, row)).toBeNull();
    expect(waitingQuestion(aQuestion(), aRow())).toBeNull();
    expect(waitingQuestion(aQuestion(), null)).toBeNull();
    expect(waitingQuestion(aQuestion({ closedAt }), row)).toBeNull();
    expect(waitingQuestion(aQuestion({ execution: "arn:another" }), row)).toBeNull();
  });
});

describe("an answer", () => {
  const judge = (
    question: Question | null,
    over: { run?: string; approved?: boolean; by?: string; via?: string } = {},
  ) => {
    const { via = "arn:second", ...answer } = over;
    return judgeReply(question, row, {
      application: "shop",
      answer: { run: "run-1", approved: true, by: "ann", ...answer },
      via,
      now,
    });
  };
  const stays = "run-1 was approved by ann at 2026-03-02T12:05:00.000Z: an answer cannot be changed";
  const late = "run-1 waited for approval until 2026-03-02T12:30:00.000Z; this answer is too late";
  const nothing = (name: string) => `shop has no run ${name} that waits for approval`;

  it("an answer is taken once, in time", () => {
    expect(judge(aQuestion())).toEqual({ action: "take" });
    expect(judge(aQuestion(), { approved: false })).toEqual({ action: "take" });
  });
  it("an answer is handed over again by the same execution, and by the same person who says the same", () => {
    expect(judge(aQuestion({ answer: said() }), { via: "arn:first" })).toEqual({ action: "deliver" });
    expect(judge(aQuestion({ answer: said(), closedAt }), { via: "arn:first" })).toEqual({ action: "done" });
    expect(judge(aQuestion({ answer: said() }))).toEqual({ action: "deliver" });
  });
  it.each<[string, Question | null, Parameters<typeof judge>[1], string]>([
    ["when nothing was ever asked", null, {}, nothing("run-1")],
    ["of another run", aQuestion(), { run: "run-2" }, nothing("run-2")],
    ["of a run that lost the lease", aQuestion({ execution: "arn:dead" }), {}, nothing("run-1")],
    ["that changes it", aQuestion({ answer: said() }), { approved: false }, stays],
    ["of another person", aQuestion({ answer: said() }), { by: "bob" }, stays],
    ["repeated once it was read", aQuestion({ answer: said(), closedAt }), {}, stays],
    ["after the run went on", aQuestion({ closedAt }), {}, late],
    ["after its time", aQuestion({ until: "2026-03-02T12:10:00.000Z" }), {}, late.replace("12:30", "12:10")],
  ])("an answer is refused %s", (_case, question, answer, because) => {
    expect(judge(question, answer)).toEqual({ action: "refuse", because });
  });
  it("an answer never replaces one that is there, and is never taken from a closed question", () => {
    const questions = fc.record({
      answer: fc.option(
        fc.record({ approved: fc.boolean(), by: fc.constantFrom("ann", "bob"), via: fc.constantFrom("a", "b") }),
      ),
      closedAt: fc.option(fc.constant(closedAt)),
    });
    fc.assert(
      fc.property(questions, fc.boolean(), fc.constantFrom("a", "b", "c"), ({ answer, closedAt }, approved, via) => {
        const question = aQuestion({ closedAt, answer: answer && { ...said(), ...answer } });
        const { action } = judge(question, { approved, via });
        if (answer || closedAt) expect(action).not.toBe("take");
        else expect(action).toBe("take");
        if (action === "deliver" && answer?.via !== via) expect(answer).toMatchObject({ approved, by: "ann" });
      }),
    );
  });
});

describe("what a run does with its answer", () => {
  const incident = {
    id: "20260302T1200Z",
    firstFailingAt: "2026-03-02T12:00:00.000Z",
    decidedAt: "2026-03-02T12:03:00.000Z",
    because: "2 of 2 are unhealthy",
    ask: true,
  };
  const ofIncident = aRun({ incident });
  const evidence = (code: string, at = "2026-03-02T12:09:00.000Z") =>
    ({ verdict: { code, at, because: "2 of 2 witnesses" } }) as Evidence;
  const hold = { withinSeconds: 1800, otherwise: "hold" } as const;
  const act = { withinSeconds: 1800, otherwise: "act" } as const;
  const next = 'To fail over anyway, start it again with "approve": true.';

  it("a run with an answer goes on when it was approved, and says by whom and what the evidence says now", () => {
    expect(
      resolveApproval(ofIncident, { code: "Incident", answer: said() }, hold, evidence("RegionUnhealthy"), now),
    ).toEqual({
      action: "go-on",
      code: "Approved",
      hint: "",
      because:
        "run-1 was approved by ann at 2026-03-02T12:05:00.000Z; the evidence says RegionUnhealthy (2 of 2 witnesses)",
    });
  });
  it.each([
    ["none", null],
    ["an old one", evidence("Healthy", "2026-03-02T12:07:29.000Z")],
  ])("goes on without fresh evidence (%s), and says so", (_case, seen) => {
    const { action, because } = resolveApproval(ofIncident, { code: "Incident", answer: said() }, hold, seen, now);
    expect([action, because]).toEqual(["go-on", expect.stringMatching(/; there is no fresh evidence$/)]);
  });
  it.each(["Incident", "LossBudgetExceeded"] as const)("stops when the Region recovered meanwhile (%s)", (code) => {
    expect(resolveApproval(ofIncident, { code, answer: said() }, act, evidence("Healthy"), now)).toEqual({
      action: "refuse",
      code: "RecoveredMeanwhile",
      hint: next,
      because: "RecoveredMeanwhile: eu-west-1 has recovered meanwhile (2 of 2 witnesses)",
    });
  });
  it("does not look again for a person who knew that all is green", () => {
    expect(
      resolveApproval(run, { code: "LooksHealthy", answer: said() }, hold, evidence("Healthy"), now),
    ).toMatchObject({ action: "go-on", because: "run-1 was approved by ann at 2026-03-02T12:05:00.000Z" });
  });
  it("a run with an answer stops when it was withheld", () => {
    const answer = said({ approved: false });
    expect(resolveApproval(ofIncident, { code: "Incident", answer }, act, null, now)).toEqual({
      action: "refuse",
      code: "Withheld",
      hint: next,
      because: "Withheld: run-1 was rejected by ann at 2026-03-02T12:05:00.000Z",
    });
  });
  it("stops when nobody answered and the plan holds", () => {
    expect(resolveApproval(ofIncident, { code: "Incident", answer: null }, hold, null, now)).toEqual({
      action: "refuse",
      code: "NobodyAnswered",
      hint: next,
      because: "NobodyAnswered: nobody approved run-1 in time",
    });
  });
  it("a run with an answer goes on unanswered where the plan acts, for an incident only, and only while the Region is unhealthy", () => {
    const unanswered = (code: Question["code"], seen: Evidence | null) =>
      resolveApproval(ofIncident, { code, answer: null }, act, seen, now);
    expect(unanswered("Incident", evidence("RegionUnhealthy"))).toMatchObject({
      action: "go-on",
      code: "NobodyAnswered",
      because:
        "nobody answered run-1; the plan says otherwise: act; the evidence says RegionUnhealthy (2 of 2 witnesses)",
    });
    expect(unanswered("Incident", evidence("Healthy")).code).toBe("RecoveredMeanwhile");
    for (const code of ["LooksHealthy", "LossBudgetExceeded"] as const)
      expect(unanswered(code, null)).toMatchObject({ action: "refuse", code: "NobodyAnswered" });
  });
  it.each(["CannotTell", "WitnessesDisagree", "ApplicationUnhealthy", "Degraded"])(
    "a run with an answer goes on with %s when a person said so, and never by itself",
    (code) => {
      const given = [act, evidence(code), now] as const;
      expect(resolveApproval(ofIncident, { code: "Incident", answer: said() }, ...given).action).toBe("go-on");
      expect(resolveApproval(ofIncident, { code: "Incident", answer: null }, ...given)).toEqual({
        action: "refuse",
        code: "NobodyAnswered",
        hint: next,
        because: `NobodyAnswered: nobody approved run-1 in time, and the evidence says ${code} (2 of 2 witnesses)`,
      });
    },
  );
  it("a run with an answer never goes on by itself without fresh evidence", () => {
    for (const seen of [null, evidence("RegionUnhealthy", "2026-03-02T12:07:29.000Z")])
      expect(resolveApproval(ofIncident, { code: "Incident", answer: null }, act, seen, now)).toMatchObject({
        action: "refuse",
        code: "NobodyAnswered",
        because: "NobodyAnswered: nobody approved run-1 in time, and there is no fresh evidence",
      });
  });
});
