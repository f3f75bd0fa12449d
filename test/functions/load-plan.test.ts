import { describe, expect, it } from "vitest";
import { PlanInvalidError, RefusedError } from "../../functions/core/errors.ts";
import type { Question } from "../../functions/core/model/approval-request.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Row } from "../../functions/core/model/row.ts";
import { handler, loadPlan } from "../../functions/load-plan.ts";
import { aPlan, aQuestion, aRow, aRun } from "../support/builders.ts";
import { aContext, anOutside } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const execution = "arn:aws:states:eu-central-1:111122223333:execution:lifeboat-failover:run-1";
const start = async (
  input: unknown,
  {
    machine = "failover",
    plan = aPlan(),
    row = aRow(),
  }: { machine?: "failover" | "replicate" | "rotate" | "close" | "answer"; plan?: Plan; row?: Row } = {},
) => {
  const context = await withTable(aContext(), { plan, row });
  await context.store.savePlan(plan);
  return loadPlan({ machine, input, execution, name: "run-1" }, context);
};
const lastRun = { id: execution, name: "run-1", outcome: "failed", endedAt: "2026-03-02T11:00:00.000Z" };
const movedRow = aRow({ active: "eu-central-1", phase: "failedOver", switch: 1 });

describe("loadPlan", () => {
  it("LoadPlan gives the input of the run, with the version of the plan pinned", async () => {
    expect(await start({ application: "shop", reason: "test" })).toEqual({
      application: "shop",
      machine: "failover",
      id: execution,
      name: "run-1",
      startedAt: "2026-03-02T12:00:00.000Z",
      planVersion: expect.stringMatching(/^[0-9a-f]{16}$/),
      from: "primary",
      to: "recovery",
      source: "eu-west-1",
      target: "eu-central-1",
      fenceFirst: false,
      unfenceOnFailure: false,
      request: { by: "person", reason: "test", recoveryPoint: "latest", approve: false, force: false },
      incident: null,
      answer: null,
      resume: null,
    });
  });
  it("LoadPlan reads what the plan says of the fence", async () => {
    const plan = aPlan({ recover: { ...aPlan().recover, fenceFirst: true, onFailure: "unfence" } });
    expect(await start({ application: "shop" }, { plan })).toMatchObject({ fenceFirst: true, unfenceOnFailure: true });
  });
  it("LoadPlan names the known applications when this one is unknown", async () => {
    await expect(start({ application: "shopp" })).rejects.toThrow(
      new PlanInvalidError(
        'application: "shopp" is unknown in eu-central-1; known are: shop',
        "Start the machine with one of these names, or deploy the plan: in a checkout of Lifeboat, npm run deploy -- --plan FILE.",
      ),
    );
  });
  it("LoadPlan says so when no application is known", async () => {
    const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
    const event = { machine: "failover" as const, input: { application: "shop" }, execution, name: "run-1" };
    await expect(loadPlan(event, context)).rejects.toThrow("known are: none");
  });
  it("LoadPlan names the allowed keys when a key is unknown", async () => {
    await expect(start({ application: "shop", approved: true })).rejects.toThrow(
      "approved: unknown key; allowed are application, reason, recoveryPoint, approve, force",
    );
  });
  it("LoadPlan refuses a failover of what is already in the recovery Region", async () => {
    const started = start({ application: "shop" }, { row: movedRow });
    await expect(started).rejects.toThrow(RefusedError);
    await expect(started).rejects.toThrow(
      "shop is already served from eu-central-1; a failover leads from eu-west-1 to eu-central-1",
    );
  });
  it("LoadPlan continues an unfinished move for every caller, with the evidence that it started with", async () => {
    const incident = { id: "20260302T1157Z", firstFailingAt: "x", decidedAt: "y", because: "z", ask: false };
    const row = { ...movedRow, lastRun: { ...lastRun, unfinished: { of: "run-0", tries: 2 } } };
    const context = await withTable(aContext(), { plan: aPlan(), row });
    await context.store.savePlan(aPlan());
    const entry = { state: "AcquireLease", subject: "", startedAt: "", endedAt: "", outcome: "Held" };
    await context.store.record("shop", { run: "run-0", ...entry, detail: { run: aRun({ incident }) } });
    for (const input of [{ application: "shop" }, { application: "shop", by: "detect", resume: true }])
      expect(await loadPlan({ machine: "failover", input, execution, name: "run-2" }, context)).toMatchObject({
        source: "eu-west-1",
        target: "eu-central-1",
        resume: { of: "run-0", tries: 2 },
        incident,
      });
  });
  it("LoadPlan lets a run move traffic again that was changed after the move, and refuses only once it agrees", async () => {
    const row = { ...movedRow, lastRun };
    const context = await withTable(aContext(), { plan: aPlan(), row });
    await context.store.savePlan(aPlan());
    const place = { code: "Elsewhere" as const, because: "b", since: "s", at: "a", told: true, revision: 1 };
    await context.store.saveTrafficPlace("shop", place, null);
    const load = () => loadPlan({ machine: "failover", input: { application: "shop" }, execution, name: "n" }, context);
    expect(await load()).toMatchObject({ resume: { of: "run-1", tries: 0 }, incident: null });
    await context.store.saveTrafficPlace("shop", { ...place, code: "Here", revision: 2 }, place);
    await expect(load()).rejects.toThrow("already served from eu-central-1");
  });
  it("LoadPlan starts no failover for detect when the unfinished move is already finished", async () => {
    const input = { application: "shop", by: "detect", resume: true };
    await expect(start(input)).rejects.toThrow("there is no unfinished move");
    await expect(start(input, { row: { ...movedRow, lastRun } })).rejects.toThrow(RefusedError);
  });
  it("LoadPlan finishes no move by a dry execution", async () => {
    const row = { ...movedRow, lastRun: { ...lastRun, unfinished: { of: "run-0", tries: 2 } } };
    await expect(start({ application: "shop", proof: true }, { row })).rejects.toThrow("already served from");
  });
  it("LoadPlan lets a scheduled pass through after a failover: AcquireLease skips it", async () => {
    const started = await start({ application: "shop", by: "schedule" }, { row: movedRow, machine: "replicate" });
    expect(started).toMatchObject({ machine: "replicate", source: "eu-central-1", target: "eu-west-1" });
  });
  it("LoadPlan refuses replication in the other direction, and after a failover", async () => {
    const sentence = "shop is served from eu-central-1; protection in that direction is not supported yet";
    await expect(start({ application: "shop" }, { machine: "replicate", row: movedRow })).rejects.toThrow(sentence);
    const row = aRow({ phase: "failedOver" });
    await expect(start({ application: "shop" }, { machine: "replicate", row })).rejects.toThrow(RefusedError);
  });
  it("LoadPlan lets a scheduled rotation through after a failover, and refuses one by hand: nothing is to be done", async () => {
    const scheduled = { application: "shop", by: "schedule" };
    expect(await start(scheduled, { row: movedRow, machine: "rotate" })).toMatchObject({ machine: "rotate" });
    await expect(start({ application: "shop" }, { machine: "rotate", row: movedRow })).rejects.toMatchObject({
      name: "RefusedError",
      hint: "Nothing to do: every point stays as it is until the application is back in its primary Region.",
    });
  });
  it("LoadPlan lets close start whatever the state record says", async () => {
    expect(await start({ application: "shop" }, { machine: "close", row: movedRow })).toMatchObject({
      source: "eu-central-1",
      target: "eu-west-1",
    });
  });
  it("LoadPlan passes on the answer of the command line, whatever the state record says: the next state judges it", async () => {
    const answer = { run: "run-0", approved: false, by: "ann" };
    expect((await start({ application: "shop", answer }, { row: movedRow })).answer).toEqual(answer);
    await expect(start({ application: "shop", answer }, { machine: "close" })).rejects.toThrow(
      new PlanInvalidError("answer: expected by lifeboat-answer and lifeboat-failover only (got by lifeboat-close)"),
    );
  });
  it("LoadPlan accepts answers from their own state machine only, which starts nothing else", async () => {
    const answer = { run: "run-0", approved: true, by: "ann" };
    expect((await start({ application: "shop", answer }, { machine: "answer" })).answer).toEqual(answer);
    for (const input of [{}, { approve: true, force: true }, { resume: true }])
      await expect(start({ application: "shop", ...input }, { machine: "answer" })).rejects.toThrow(
        "answer: expected { run, approved, by } (got nothing)",
      );
  });
  it("LoadPlan puts the hint into the message, since Lambda passes on nothing else", async () => {
    const event = { machine: "failover", input: {}, execution, name: "run-1" };
    await expect(handler.in(anOutside())(event, {} as never)).rejects.toThrow(
      'input: application: expected the name of a deployed application (got nothing) -> Start the machine with { "application": "<name>" }.',
    );
  });
});

describe("loadPlan, started approved", () => {
  const asks = aRun({ name: "run-0", id: "arn:run-0" });
  const lease = { id: asks.id, name: asks.name, machine: "failover", acquiredAt: "", points: {} };
  const waiting = aRow({ phase: "running", run: { ...lease, phaseBefore: "protected" } });
  const started = async (input: object, question: Question | null, row = waiting) => {
    const context = await withTable(aContext(), { plan: aPlan(), row });
    await context.store.savePlan(aPlan());
    if (question) await context.store.saveQuestion("shop", question, "token", "nonce");
    const event = { machine: "failover" as const, input: { application: "shop", ...input }, execution, name: "run-1" };
    return loadPlan(event, context);
  };
  const question = aQuestion({ run: asks.name, execution: asks.id });

  it("a start with `approve` answers the run that waits", async () => {
    const { answer } = await started({ approve: true }, question);
    expect(answer).toEqual({ run: "run-0", approved: true, by: "person" });
  });
  it.each<[string, object, Question | null, Row?]>([
    ["without approve", {}, question],
    ["when the run that holds the lease asks nothing", { approve: true }, null],
    ["when the question is another run's", { approve: true }, { ...question, execution: "arn:old" }],
    ["when the question was answered and read", { approve: true }, { ...question, closedAt: question.until }],
    ["when nothing runs", { approve: true }, question, aRow()],
    ["when detect starts it", { approve: true, by: "detect" }, question],
  ])("a start with `approve` answers nothing %s", async (_case, input, asked, row) => {
    expect((await started(input, asked, row)).answer).toBeNull();
  });
  it("a start with `approve` refuses another recovery point: the run that waits has its own", async () => {
    await expect(started({ approve: true, recoveryPoint: "2026-03-02" }, question)).rejects.toMatchObject({
      name: "RefusedError",
      message: "run-0 waits for an answer and has its recovery points already: recoveryPoint cannot come with one",
    });
  });
});
