import { expect, test } from "vitest";
import { recordStep } from "../../functions/runtime/ledger.ts";
import { aPlan, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const startedAt = new Date("2026-03-02T11:59:50.000Z");

test("a finished step is told once, with both of its times", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
  await recordStep(context, aRun(), { state: "Launch", subject: "i-0a", startedAt, outcome: "Waiting", detail: {} });
  await recordStep(context, aRun(), {
    state: "Launch",
    subject: "i-0a",
    startedAt,
    outcome: "Launched",
    detail: { instance: "i-new" },
  });
  expect(await context.store.ledger("shop", "run-1")).toEqual([
    {
      run: "run-1",
      state: "Launch",
      subject: "i-0a",
      startedAt: "2026-03-02T11:59:50.000Z",
      endedAt: "2026-03-02T12:00:00.000Z",
      outcome: "Launched",
      detail: { instance: "i-new" },
    },
  ]);
});

test("a ledger that cannot be written stops nothing and is logged", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
  const failing = { ...context, store: { ...context.store, record: () => Promise.reject(new Error("throttled")) } };
  await recordStep(failing, aRun(), { state: "Launch", subject: "i-0a", startedAt, outcome: "Launched", detail: {} });
  expect(context.told.logs).toEqual([expect.stringContaining("could not be written into the ledger")]);
});
