import { describe, expect, it } from "vitest";
import { answer } from "../../functions/answer.ts";
import { ask } from "../../functions/ask.ts";
import { consider } from "../../functions/consider.ts";
import { anApprovalScene } from "../support/approval-scene.ts";
import { aPlan } from "../support/builders.ts";

const incident = {
  id: "20260302T1150Z",
  firstFailingAt: "2026-03-02T11:50:00.000Z",
  decidedAt: "2026-03-02T11:53:00.000Z",
  because: "2 of 2",
  ask: true,
};
const acting = { detect: { ...aPlan().detect, approval: { withinSeconds: 1_800, otherwise: "act" as const } } };

const asked = async (over: Parameters<typeof anApprovalScene>[0] = {}) => {
  const scene = await anApprovalScene({ run: { incident }, ...over });
  const { run, lease, lossGate, token } = scene.asking();
  await ask({ run, lease, lossGate, token }, scene.context);
  scene.clock.at = "2026-03-02T12:05:00.000Z";
  return { ...scene, input: { run, lease, lossGate } };
};

describe("consider", () => {
  it("an approved run continues, the ledger says so, and the question is closed", async () => {
    const { context, answering, input, seen } = await asked();
    await answer(answering(), context);
    await seen("RegionUnhealthy");
    expect(await consider(input, context)).toEqual({
      code: "Approved",
      because: "run-1 was approved by ann at 2026-03-02T12:05:00.000Z; the evidence says RegionUnhealthy (so they say)",
    });
    expect((await context.store.question("shop"))?.closedAt).toBe("2026-03-02T12:05:00.000Z");
    const ledger = await context.store.ledger("shop", "run-1");
    expect(ledger.find(({ state }) => state === "Consider")).toMatchObject({
      outcome: "Approved",
      detail: { by: "ann" },
    });
  });
  it("the step gives the same result the second time", async () => {
    const { context, answering, input, clock } = await asked();
    await answer(answering(), context);
    const first = await consider(input, context);
    clock.at = "2026-03-02T12:05:30.000Z";
    expect(await consider(input, context)).toEqual(first);
  });
  it("a run stops when it was rejected, when nobody answered, or when its Region has recovered, each with its code", async () => {
    const withheld = await asked();
    await answer(withheld.answering(false), withheld.context);
    await expect(consider(withheld.input, withheld.context)).rejects.toMatchObject({
      name: "RefusedError",
      message: "Withheld: run-1 was rejected by ann at 2026-03-02T12:05:00.000Z",
    });
    const late = await asked();
    await expect(consider(late.input, late.context)).rejects.toThrow("NobodyAnswered: nobody approved run-1 in time");
    const recovered = await asked();
    await answer(recovered.answering(), recovered.context);
    await recovered.seen("Healthy");
    await expect(consider(recovered.input, recovered.context)).rejects.toThrow(/^RecoveredMeanwhile: eu-west-1 /);
    expect(await recovered.context.store.ledger("shop", "run-1")).toContainEqual(
      expect.objectContaining({ state: "Consider", outcome: "RecoveredMeanwhile" }),
    );
  });
  it("an unanswered run continues where the plan says act", async () => {
    const { context, input, seen } = await asked({ plan: acting });
    await seen("RegionUnhealthy");
    expect(await consider(input, context)).toMatchObject({ code: "NobodyAnswered" });
  });
  it("an answer that was stored in time counts, even when it was not delivered", async () => {
    const { context, answering, input, waiting } = await asked();
    waiting.clear();
    await expect(answer(answering(), context)).rejects.toMatchObject({ name: "TransientError" });
    expect(await consider(input, context)).toMatchObject({ code: "Approved" });
    expect(await answer(answering(), context)).toMatchObject({ approved: true });
  });
  it("a question that was never stored counts as unanswered", async () => {
    const { context, asking, seen } = await anApprovalScene({ plan: acting, run: { incident } });
    const { run, lease, lossGate } = asking();
    await seen("RegionUnhealthy");
    expect(await consider({ run, lease, lossGate }, context)).toMatchObject({ code: "NobodyAnswered" });
    const loss = { value: { ...lossGate.value, code: "LossBudgetExceeded" as const } };
    await expect(consider({ run, lease, lossGate: loss }, context)).rejects.toThrow("NobodyAnswered");
  });
  it("the step stops at a lease that has moved on", async () => {
    const { context, input } = await asked();
    await expect(consider({ ...input, lease: { value: { generation: 2 } } }, context)).rejects.toMatchObject({
      name: "StaleLeaseError",
    });
    expect((await context.store.question("shop"))?.closedAt).toBeNull();
  });
});
