import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { LedgerEntry } from "../../functions/aws/store/store.ts";
import { report } from "../../functions/report.ts";
import { aPlan, aPoint, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const s3 = mockClient(S3Client);
const sns = mockClient(SNSClient);
beforeEach(() => {
  s3.reset();
  sns.reset();
  s3.on(PutObjectCommand).resolves({});
  sns.on(PublishCommand).resolves({});
});

const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
const plan = aPlan({ notify: { topics: [topic], on: ["done", "rpo"] } });
const run = aRun();
const anIncident = {
  id: "20260302T1157Z",
  firstFailingAt: "2026-03-02T11:57:00.000Z",
  decidedAt: "2026-03-02T12:00:00.000Z",
  because: "2 of 2 witnesses are unhealthy",
  ask: false,
};
const contextOf = async (thePlan = plan, row = aRow({ active: "eu-central-1", phase: "running" })) => {
  const context = await withTable(aContext(), { plan: thePlan, row });
  await context.store.savePoint(aPoint());
  return context;
};
const ledgerEntry = (state: string, detail: Record<string, unknown>, subject = "", name = "run-1"): LedgerEntry => ({
  run: name,
  state,
  subject,
  startedAt: "2026-03-02T11:50:00.000Z",
  endedAt: "2026-03-02T11:51:00.000Z",
  outcome: "Done",
  detail,
});
const traffic = {
  servedAt: "2026-03-02T12:06:00.000Z",
  answers: [{ name: "shop.example.com", values: ["198.51.100.10"] }],
};
const objects = () =>
  Object.fromEntries(s3.commandCalls(PutObjectCommand).map(({ args: [{ input }] }) => [input.Key, String(input.Body)]));
const told = (key = "reports/shop/run-1.json") => JSON.parse(objects()[key] ?? "null");

describe("report of close", () => {
  const close = aRun({ machine: "close", id: "arn:close", name: "close-1" });
  const closing = {
    id: run.id,
    name: "run-1",
    machine: "failover",
    acquiredAt: "2026-03-02T11:40:00.000Z",
    lease: "run" as const,
    endedAt: "2026-03-02T11:59:00.000Z",
  };
  it("the report of close describes a dead run from its ledger, under the name of that run", async () => {
    const context = await contextOf();
    const lost = aRun({ startedAt: "2026-03-02T11:39:00.000Z" });
    await context.store.record(
      "shop",
      ledgerEntry("AcquireLease", { run: lost, points: { web: "web.20260302T113000Z" } }),
    );
    await context.store.record("shop", ledgerEntry("Launch", { resource: "web", instance: "i-new" }, "i-0a"));
    await context.store.record("shop", ledgerEntry("Launch", {}, "i-torn"));
    const inspect = { value: { closing: { ...closing, status: "ABORTED", error: null, cause: null } } };
    expect(await report({ run: close, inspect } as never, context)).toMatchObject({ outcome: "failed" });
    expect(told()).toMatchObject({
      run: "run-1",
      machine: "failover",
      startedAt: lost.startedAt,
      points: [{ id: "web.20260302T113000Z" }],
      servers: [{ resource: "web", server: "i-0a", name: "i-0a", point: "unknown", instance: "i-new" }],
      error: {
        name: "ExecutionABORTED",
        message: "run-1 ended (ABORTED) before it could report",
        hint: 'Check which Region is active, then start the machine again with { "application": "shop" }.',
      },
    });
    expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.Subject).toBe(
      "Lifeboat: shop: failover failed, but active in eu-central-1",
    );
  });
  it("close reports an unreported run that ended well, as of its end and once, whatever it finds later", async () => {
    const context = await contextOf();
    const known = aRun({ incident: { ...anIncident, firstFailingAt: "2026-03-02T11:57:00.000Z" } });
    await context.store.record("shop", ledgerEntry("VerifyTraffic", traffic));
    const end = { ...closing, lease: "none", run: known, endedAt: "2026-03-02T12:07:00.000Z" };
    for (const last of [
      { status: "SUCCEEDED", error: null, cause: null },
      { status: "FAILED", error: "ReportFailed", cause: "not written" },
    ]) {
      const inspect = { value: { closing: { ...end, ...last } } };
      expect(await report({ run: close, inspect } as never, context)).toMatchObject({
        outcome: "succeeded",
        told: true,
      });
      expect(told()).toMatchObject({ error: null, endedAt: end.endedAt, rtoSeconds: 540, incident: known.incident });
    }
    expect(sns.commandCalls(PublishCommand)).toHaveLength(1);
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(2);
  });
  it("close keeps the report of a run that died after it was written", async () => {
    const context = await contextOf();
    await report({ run, traffic: { value: traffic } }, context);
    const inspect = { value: { closing: { ...closing, status: "FAILED", error: "TransientError", cause: "" } } };
    expect(await report({ run: close, inspect } as never, context)).toMatchObject({ outcome: "succeeded", told: true });
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(2);
    expect(sns.commandCalls(PublishCommand)).toHaveLength(1);
  });
  it("the report of close uses the lease when the ledger is empty", async () => {
    const inspect = { value: { closing: { ...closing, status: "FAILED", error: "States.Runtime", cause: "no path" } } };
    await report({ run: close, inspect } as never, await contextOf());
    expect(told()).toMatchObject({
      startedAt: closing.acquiredAt,
      error: {
        name: "States.Runtime",
        message: "no path",
        hint: expect.stringContaining("Check which Region is active"),
      },
    });
  });
});
