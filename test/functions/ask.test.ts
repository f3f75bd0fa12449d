import { describe, expect, it } from "vitest";
import { answer } from "../../functions/answer.ts";
import { ask, handler } from "../../functions/ask.ts";
import { nonceOf } from "../../functions/core/approval/link.ts";
import { anApprovalScene, canary, topic } from "../support/approval-scene.ts";
import { aPlan, aQuestion } from "../support/builders.ts";
import { awsError } from "../support/command-scene.ts";
import { anOutside } from "../support/context.ts";

const acting = { detect: { ...aPlan().detect, approval: { withinSeconds: 1_800, otherwise: "act" as const } } };

/** A run that detect has started in a storm. */
const aStorm = async (over: Parameters<typeof anApprovalScene>[0] = {}) => {
  const scene = await anApprovalScene(over);
  const { run, ...rest } = scene.asking();
  const at = "2026-03-02T11:57:00.000Z";
  const incident = { id: "20260302T1157Z", firstFailingAt: at, decidedAt: at, because: "", ask: true, storm: true };
  return { ...scene, stormed: { ...rest, run: { ...run, incident } } };
};

describe("ask", () => {
  it("the step stores the question, then notifies the topics once, whatever `notify.on` says", async () => {
    const { context, asking, messages } = await anApprovalScene();
    await ask(asking(), context);
    expect(await context.store.question("shop")).toEqual({
      run: "run-1",
      execution: "arn:aws:states:eu-central-1:111122223333:execution:lifeboat-failover:run-1",
      code: "Incident",
      because: "2 of 2 witnesses are unhealthy",
      askedAt: "2026-03-02T12:00:00.000Z",
      until: "2026-03-02T12:30:00.000Z",
      otherwise: "hold",
      answer: null,
      closedAt: null,
    });
    expect(messages).toHaveLength(1);
    expect(messages[0]?.Message).toContain('{ "application": "shop", "approve": true }');
    expect(messages[0]?.Message).not.toContain("Web page");
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { state: "Ask", outcome: "Incident", detail: { until: "2026-03-02T12:30:00.000Z" } },
    ]);
  });

  it("the step sends no message in a mass failover of which detect has already notified", async () => {
    const { context, stormed, messages } = await aStorm();
    const at = "2026-03-02T11:57:00.000Z";
    await context.store.claimStorm(topic, { at, applications: ["bank", "shop"] }, null);
    await context.store.stormSent([topic], at);
    await ask(stormed, context);
    expect(await context.store.question("shop")).toMatchObject({ run: "run-1", answer: null });
    expect(messages).toEqual([]);
    expect((await context.store.watched("shop")).asked?.told).toBe(true);
  });
  it("the step does not wait for the topic of the Region that is down when its own Region's topic was notified", async () => {
    const far = "arn:aws:sns:eu-west-1:111122223333:lifeboat";
    const { context, stormed, messages } = await aStorm({ plan: { notify: { topics: [far, topic], on: [] } } });
    const at = "2026-03-02T11:57:00.000Z";
    await context.store.claimStorm(topic, { at, applications: ["bank", "shop"] }, null);
    await context.store.stormSent([topic], at);
    await ask(stormed, context);
    expect(messages).toEqual([]);
  });
  it.each([
    ["it died before it told anybody", null],
    ["it told of others only", { at: "2026-03-02T11:57:00.000Z", applications: ["bank"], sent: true }],
    ["what it told was another storm", { at: "2026-03-02T11:46:59.000Z", applications: ["bank", "shop"], sent: true }],
    ["it died as it told", { at: "2026-03-02T11:57:00.000Z", applications: ["bank", "shop"], sent: false }],
  ])("the step asks itself in a mass failover when detect has not asked: %s", async (_case, told) => {
    const { context, stormed, messages } = await aStorm();
    if (told) await context.store.claimStorm(topic, told, null);
    if (told?.sent) await context.store.stormSent([topic], told.at);
    await ask(stormed, context);
    expect(messages.map(({ Subject }) => Subject)).toEqual([
      "Lifeboat: shop: approval needed: fail over to eu-central-1? (Incident)",
    ]);
  });
  it("the step links the approval page where there is one, by a nonce that is not the token", async () => {
    const { context, asking, messages } = await anApprovalScene({ approvalUrl: "https://page.example/" });
    await ask(asking(), context);
    expect(messages[0]?.Message).toContain(`https://page.example/shop/${nonceOf(canary)}\n`);
  });

  it.each([
    ["Incident", "act"],
    ["LossBudgetExceeded", "hold"],
    ["LooksHealthy", "hold"],
  ] as const)("the step lets the deadline speak for an incident only: %s, %s", async (code, otherwise) => {
    const { context, asking } = await anApprovalScene({ plan: acting });
    await ask(asking(canary, code), context);
    expect((await context.store.question("shop"))?.otherwise).toBe(otherwise);
  });

  it("the step stores a new token when its task starts again: later deadline, no second message", async () => {
    const { context, asking, messages, clock } = await anApprovalScene();
    await ask(asking("first"), context);
    clock.at = "2026-03-02T12:01:00.000Z";
    await ask(asking("second"), context);
    expect(await context.store.question("shop")).toMatchObject({
      askedAt: "2026-03-02T12:00:00.000Z",
      until: "2026-03-02T12:31:00.000Z",
    });
    expect(await context.store.tokensOf("shop", "run-1")).toEqual(["second", "first"]);
    expect(messages).toHaveLength(1);
  });

  it("the step notifies the topics when its first invocation died before it could", async () => {
    const { context, asking, messages } = await anApprovalScene();
    const dying = { ...context, store: { ...context.store, record: () => Promise.reject(new Error("died")) } };
    const died = {
      ...dying,
      log: {
        ...context.log,
        warn: () => {
          throw new Error("died");
        },
      },
    };
    await expect(ask(asking("first"), died)).rejects.toThrow("died");
    expect(messages).toHaveLength(0);
    await ask(asking("second"), context);
    expect(messages).toHaveLength(1);
  });

  it("the step delivers at once an answer that was given to a token that no longer waits", async () => {
    const { context, asking, answering, waiting, messages } = await anApprovalScene();
    await ask(asking("first"), context);
    waiting.clear();
    await expect(answer(answering(), context)).rejects.toMatchObject({ name: "TransientError" });
    await ask(asking("second"), context);
    expect([...waiting]).toEqual([]);
    expect((await context.store.question("shop"))?.answer).toMatchObject({ approved: true, by: "ann" });
    expect(messages).toHaveLength(1);
  });

  it("the step takes the place of the question of an earlier run", async () => {
    const { context, asking } = await anApprovalScene();
    const answer = { approved: false, by: "bob", at: "", via: "" };
    await context.store.saveQuestion("shop", aQuestion({ run: "old", execution: "arn:old", answer }), "old", "nonce");
    await ask(asking("new"), context);
    expect(await context.store.question("shop")).toMatchObject({ run: "run-1", answer: null });
    expect(await context.store.tokensOf("shop", "run-1")).toEqual(["new"]);
    expect(await context.store.tokensOf("shop", "old")).toEqual([]);
  });

  it("the step waits even when no topic takes the message, and detect notifies later", async () => {
    const { context, asking, failures } = await anApprovalScene();
    failures.Publish = [awsError("AuthorizationErrorException", "no")];
    await ask(asking(), context);
    expect(await context.store.question("shop")).not.toBeNull();
    expect(context.told.logs.join()).toContain("took no message");
    expect((await context.store.watched("shop")).asked?.told).toBe(false);
  });

  it("a run that has lost the lease asks nothing", async () => {
    const { context, asking } = await anApprovalScene();
    const lost = { ...asking(), lease: { value: { generation: 7 } } };
    await expect(ask(lost, context)).rejects.toMatchObject({ name: "StaleLeaseError" });
    expect(await context.store.question("shop")).toBeNull();
  });

  it("the step fails as a passing fault while the table is written by others", async () => {
    const { context, asking } = await anApprovalScene();
    const store = { ...context.store, saveQuestion: async () => null };
    await expect(ask(asking(), { ...context, store })).rejects.toMatchObject({ name: "TransientError" });
  });

  it("the step does nothing when there is nothing to ask", async () => {
    const { asking } = await anApprovalScene();
    const given = { ...asking(), lossGate: { value: { code: "WithinBudget", because: "", waitSeconds: 1 } } };
    await expect(handler.in(anOutside())(given, {} as never)).rejects.toThrow(
      /^ask: lossGate\.value\.code: expected .* \(got .+\)/,
    );
  });

  it("the token stands in nothing that can be read", async () => {
    const scene = await anApprovalScene({ approvalUrl: "https://page.example/" });
    await ask(scene.asking(), scene.context);
    expect(await scene.readable()).not.toContain(canary);
  });
});
