import { describe, expect, it } from "vitest";
import { lossGate } from "../../functions/loss-gate.ts";
import { aPlan, aPoint, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const run = aRun();
const lease = { value: { generation: 1 } };
const aScene = async (lossBudgetSeconds = 3_600, points: Record<string, string> = { web: aPoint().id }) => {
  const held = { id: run.id, name: run.name, machine: "failover", acquiredAt: "", points };
  const context = await withTable(aContext(), {
    plan: aPlan({ recover: { ...aPlan().recover, lossBudgetSeconds } }),
    row: aRow({ phase: "running", run: { ...held, phaseBefore: "protected" } }),
  });
  await context.store.savePoint(aPoint());
  return context;
};
const asked = (over: Partial<typeof run.request>) => ({ run: { ...run, request: { ...run.request, ...over } }, lease });

describe("loss gate", () => {
  it("LossGate passes within the budget, counted from the pinned point", async () => {
    const context = await aScene();
    expect(await lossGate({ run, lease }, context)).toEqual({
      lossSeconds: 1_795,
      pointAt: "2026-03-02T11:30:05.000Z",
      because: "1795 s of writes since the point of 2026-03-02T11:30:05.000Z are lost; 3600 s allowed",
      code: "WithinBudget",
      ask: false,
      waitSeconds: 1_800,
    });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { state: "LossGate", subject: "", outcome: "WithinBudget", detail: { lossSeconds: 1_795 } },
    ]);
  });

  it("LossGate asks about more than the budget for as long as the plan says, unless forced", async () => {
    expect(await lossGate({ run, lease }, await aScene(60))).toMatchObject({
      ask: true,
      code: "LossBudgetExceeded",
      waitSeconds: 1_800,
      because: expect.stringMatching(/^1795 s of writes .* 60 s allowed$/),
    });
    expect(await lossGate(asked({ force: true }), await aScene(60))).toMatchObject({ ask: false, lossSeconds: 1_795 });
  });

  it("LossGate reports that an older point is restored, and why", async () => {
    const context = await aScene(60);
    const row = await context.store.row("shop");
    const instead = { web: "web: the newest cannot be used" };
    await context.table.update({ pk: "shop", sk: "row" }, { set: { run: { ...row?.run, instead } } });
    const { ask, because } = await lossGate({ run, lease }, context);
    expect(ask).toBe(true);
    expect(because).toMatch(/60 s allowed; web: the newest cannot be used$/);
  });

  it("LossGate asks for confirmation when a person starts a failover while everything is healthy", async () => {
    const context = await aScene();
    const verdict = { code: "Healthy", because: "2 of 2 are healthy", at: "2026-03-02T11:59:30.000Z" };
    await context.store.saveEvidence("shop", { verdict });
    expect(await lossGate({ run, lease }, context)).toMatchObject({ ask: true, code: "LooksHealthy" });
    expect(await lossGate(asked({ approve: true }), context)).toMatchObject({ ask: false });
  });

  it("LossGate loses nothing when nothing is restored", async () => {
    expect(await lossGate({ run, lease }, await aScene(0, {}))).toMatchObject({ lossSeconds: 0, pointAt: null });
  });

  it("LossGate stops at a lease that has moved on", async () => {
    await expect(lossGate({ run, lease: { value: { generation: 2 } } }, await aScene())).rejects.toMatchObject({
      name: "StaleLeaseError",
    });
  });
});
