import { describe, expect, it } from "vitest";
import { answer, handler } from "../../functions/answer.ts";
import { ask } from "../../functions/ask.ts";
import { consider } from "../../functions/consider.ts";
import { anApprovalScene, canary } from "../support/approval-scene.ts";
import { aRun } from "../support/builders.ts";
import { awsError } from "../support/command-scene.ts";
import { anOutside } from "../support/context.ts";

const asked = async (over: Parameters<typeof anApprovalScene>[0] = {}) => {
  const scene = await anApprovalScene(over);
  await ask(scene.asking(), scene.context);
  scene.clock.at = "2026-03-02T12:05:00.000Z";
  return scene;
};
const stays = "run-1 was approved by ann at 2026-03-02T12:05:00.000Z: an answer cannot be changed";

describe("answer", () => {
  it("an approval is stored, delivered to the waiting task, and recorded in the ledger of the run", async () => {
    const { context, answering, waiting } = await asked();
    expect(await answer(answering(), context)).toEqual({
      run: "run-1",
      approved: true,
      because: "run-1 was approved by ann at 2026-03-02T12:05:00.000Z",
    });
    expect([...waiting]).toEqual([]);
    expect((await context.store.question("shop"))?.answer).toEqual({
      approved: true,
      by: "ann",
      at: "2026-03-02T12:05:00.000Z",
      via: "arn:answer-1",
    });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { state: "Answer", outcome: "Approved", detail: { by: "ann" } },
      { state: "Ask" },
    ]);
  });
  it("a rejection is stored and delivered in the same way", async () => {
    const { context, answering } = await asked();
    expect(await answer(answering(false), context)).toMatchObject({
      approved: false,
      because: "run-1 was rejected by ann at 2026-03-02T12:05:00.000Z",
    });
  });

  it("a second answer is refused when it is repeated, changed, or another person's", async () => {
    const { context, answering } = await asked();
    await answer(answering(), context);
    for (const again of [
      answering(true, "ann", "arn:answer-2"),
      answering(false, "ann", "arn:answer-3"),
      answering(true, "bob", "arn:answer-4"),
    ])
      await expect(answer(again, context)).rejects.toMatchObject({
        name: "RefusedError",
        message: stays,
        hint: "Nothing to do: run lifeboat status to see the current state.",
      });
  });
  it("an answer is refused when it comes too late, or for a run that does not wait", async () => {
    const { context, answering, clock } = await asked();
    clock.at = "2026-03-02T12:30:00.000Z";
    await expect(answer(answering(), context)).rejects.toThrow(
      "run-1 waited for approval until 2026-03-02T12:30:00.000Z; this answer is too late",
    );
    const other = { run: aRun({ answer: { run: "run-9", approved: true, by: "ann" } }) };
    await expect(answer(other, context)).rejects.toThrow("shop has no run run-9 that waits for approval");
    await expect(answer({ run: aRun() }, context)).rejects.toThrow("run-1 contains no answer");
  });
  it("an answer is refused once the run has continued without one", async () => {
    const { context, answering, run, asking } = await asked();
    const { lossGate, lease } = asking();
    await expect(consider({ run, lease, lossGate }, context)).rejects.toThrow("NobodyAnswered");
    await expect(answer(answering(), context)).rejects.toThrow("this answer is too late");
  });

  it("the step may run twice: the same execution gives the same answer", async () => {
    const { context, answering, calls, run, asking } = await asked();
    await answer(answering(), context);
    // its reply was lost, the run has gone on meanwhile
    const { lossGate, lease } = asking();
    await consider({ run, lease, lossGate }, context);
    const before = calls.length;
    expect(await answer(answering(), context)).toMatchObject({ run: "run-1", approved: true });
    expect(calls.slice(before)).toEqual([]);
  });
  it("a stored but undelivered answer is delivered when the same person gives it again", async () => {
    const { context, answering, failures, waiting } = await asked();
    failures.SendTaskSuccess = [awsError("AccessDeniedException", "no")];
    await expect(answer(answering(), context)).rejects.toThrow("no");
    expect(waiting.size).toBe(1);
    expect((await context.store.question("shop"))?.answer).not.toBeNull();
    await expect(answer(answering(false, "ann", "arn:answer-2"), context)).rejects.toThrow(stays);
    expect(await answer(answering(true, "ann", "arn:answer-3"), context)).toMatchObject({ approved: true });
    expect(waiting.size).toBe(0);
  });
  it("an answer goes to the task that still waits", async () => {
    const { context, asking, answering, waiting } = await asked();
    await ask(asking("older"), context);
    await ask(asking("newest"), context);
    waiting.delete("newest");
    await answer(answering(), context);
    expect([...waiting]).toEqual([canary]);
  });
  it("the step is retried while no task takes the answer: the task may just be starting again", async () => {
    const { context, answering, waiting } = await asked();
    waiting.clear();
    const given = answering();
    await expect(answer(given, context)).rejects.toMatchObject({
      name: "TransientError",
      message: "run-1 has not taken the answer yet",
    });
    waiting.add(canary);
    expect(await answer(given, context)).toMatchObject({ approved: true });
  });
  it("an answer that loses the race against another one is refused with a sentence", async () => {
    const { context, answering } = await asked();
    const { store } = context;
    const racing = {
      ...store,
      answerQuestion: async (...given: Parameters<typeof store.answerQuestion>) => {
        await store.answerQuestion("shop", "run-1", {
          approved: false,
          by: "bob",
          at: "2026-03-02T12:04:59.000Z",
          via: "b",
        });
        return store.answerQuestion(...given);
      },
    };
    await expect(answer(answering(), { ...context, store: racing })).rejects.toThrow(
      "run-1 was rejected by bob at 2026-03-02T12:04:59.000Z: an answer cannot be changed",
    );
    const stuck = { ...store, question: async () => ({ ...(await store.question("shop"))!, answer: null }) };
    await expect(answer(answering(), { ...context, store: stuck })).rejects.toMatchObject({ name: "TransientError" });
  });

  it("the token stands in nothing that can be read, errors of AWS included", async () => {
    const scene = await asked();
    scene.failures.SendTaskSuccess = [awsError("ValidationException", `Value '${canary}' at 'taskToken' is invalid`)];
    const failed = await answer(scene.answering(), scene.context).catch((error: Error) => error);
    expect(failed).toMatchObject({ message: "Value '(token)' at 'taskToken' is invalid" });
    await answer(scene.answering(true, "ann", "arn:answer-2"), scene.context);
    expect(JSON.stringify(failed) + (await scene.readable())).not.toContain(canary);
  });
  it("an answer without a run is refused", async () => {
    await expect(handler.in(anOutside())({}, {} as never)).rejects.toThrow(/^answer: run: expected .* \(got .+\)/);
  });
});
