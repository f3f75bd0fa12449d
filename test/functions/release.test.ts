import { describe, expect, it } from "vitest";
import type { ProtectLease, RunLease } from "../../functions/core/model/row.ts";
import type { AbandonedRun } from "../../functions/core/run/abandoned-run.ts";
import { release } from "../../functions/release.ts";
import { aPlan, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const run = aRun();
const lease: RunLease = {
  id: run.id,
  name: run.name,
  machine: "failover",
  acquiredAt: "2026-03-02T11:50:00.000Z",
  phaseBefore: "protected",
  points: { web: "p" },
};
const { phaseBefore: _phase, points: _points, ...pass } = lease;
const protect: ProtectLease = { ...pass, machine: "replicate" };
const running = aRow({ phase: "running", generation: 2, run: lease });
const contextOf = (row = running) => withTable(aContext(), { plan: aPlan(), row });
const closing = (over: Partial<AbandonedRun> = {}): { value: { closing: AbandonedRun } } => ({
  value: {
    closing: {
      ...pass,
      lease: "run",
      status: "ABORTED",
      endedAt: "2026-03-02T11:55:00.000Z",
      error: null,
      cause: null,
      ...over,
    },
  },
});
/** Reported, and heard. */
const heard = { value: { outcome: "succeeded", told: true } };
const ended = { id: run.id, name: "run-1", endedAt: "2026-03-02T12:00:00.000Z" };

describe("release", () => {
  it("release leaves a moved application failed over, with the outcome of its report", async () => {
    const context = await contextOf({ ...running, active: "eu-central-1", switch: 1 });
    const report = { value: { outcome: "partial" } };
    const traffic = { value: { done: true } };
    expect(await release({ run, wave: { index: 1 }, traffic, report }, context)).toEqual({ released: true });
    expect(await context.store.row("shop")).toEqual({
      ...aRow({ active: "eu-central-1", switch: 1, generation: 2, phase: "failedOver" }),
      lastRun: { ...ended, outcome: "partial" },
    });
  });
  it.each([
    ["users were not looked at", run, undefined, { of: "run-1", tries: 0 }],
    ["users were not seen to be served", run, { value: { done: false } }, { of: "run-1", tries: 0 }],
    [
      "another one is to be gone on with",
      aRun({ resume: { of: "run-0", tries: 2 } }),
      undefined,
      { of: "run-0", tries: 3 },
    ],
    ["it finished another's", aRun({ resume: { of: "run-0", tries: 2 } }), { value: { done: true } }, undefined],
  ])(
    "release records whether a run that moved the state record is finished: %s",
    async (_case, own, traffic, unfinished) => {
      const context = await contextOf({ ...running, active: "eu-central-1", switch: 1 });
      await release({ run: own, wave: {}, traffic, report: heard }, context);
      expect((await context.store.row("shop"))?.lastRun?.unfinished).toEqual(unfinished);
    },
  );
  it("release puts back the phase when nothing moved, also without a report", async () => {
    const context = await contextOf();
    await release({ run, wave: { index: 0 }, error: { Error: "ResourceFailedError", Cause: "" } }, context);
    expect(await context.store.row("shop")).toMatchObject({
      phase: "protected",
      run: null,
      lastRun: { ...ended, outcome: "failed" },
    });
  });
  it("release starts no block period when the run was refused before it launched anything", async () => {
    const context = await contextOf();
    await release({ run, error: { Error: "RefusedError", Cause: "" } }, context);
    expect(await context.store.row("shop")).toMatchObject({ phase: "protected", run: null, lastRun: null });
  });
  it("release keeps the last run that did try", async () => {
    const lastRun = { ...ended, outcome: "failed" };
    const context = await contextOf({ ...running, lastRun });
    await release({ run, error: { Error: "RefusedError", Cause: "" } }, context);
    expect((await context.store.row("shop"))?.lastRun).toEqual(lastRun);
  });
  it("release does nothing the second time, nor when another run has the lease", async () => {
    const context = await contextOf();
    await release({ run }, context);
    const row = await context.store.row("shop");
    expect(await release({ run, wave: {} }, context)).toEqual({ released: false });
    expect(await context.store.row("shop")).toEqual(row);

    const other = await contextOf({ ...running, run: { ...lease, id: "arn:other" } });
    expect(await release({ run }, other)).toEqual({ released: false });
    expect((await other.store.row("shop"))?.run?.id).toBe("arn:other");
  });
  it("release acknowledges a run that a person started; not one that did not try, nor one of detect", async () => {
    const acknowledged = { run: "run-1", at: "2026-03-02T12:00:00.000Z", by: "person" };
    const context = await contextOf();
    await release({ run }, context);
    expect((await context.store.controls("shop")).acknowledged).toBeNull();
    const detected = await contextOf();
    await release({ run: aRun({ request: { ...run.request, by: "detect" } }), wave: {} }, detected);
    expect((await detected.store.controls("shop")).acknowledged).toBeNull();
    const byHand = await contextOf();
    await release({ run, wave: {} }, byHand);
    expect(await byHand.store.controls("shop")).toEqual({ paused: null, acknowledged });
  });
  it("release does nothing for a run that has no plan", async () => {
    expect(await release({}, await contextOf())).toEqual({ released: false });
  });
  it("release gives back the lease of a replication pass, and only its own", async () => {
    const context = await contextOf(aRow({ protect }));
    const replicate = aRun({ machine: "replicate" });
    await release({ run: { ...replicate, id: "arn:late" } }, context);
    expect((await context.store.row("shop"))?.protect).toEqual(protect);
    expect(await release({ run: replicate }, context)).toEqual({ released: true });
    expect((await context.store.row("shop"))?.protect).toBeNull();
  });
});

describe("release of rotate", () => {
  const rotation: ProtectLease = { ...pass, machine: "rotate" };
  it("release of a rotation gives back its own lease, and not that of replication", async () => {
    const context = await contextOf(aRow({ protect, rotate: rotation }));
    expect(await release({ run: aRun({ machine: "rotate" }) }, context)).toEqual({ released: true });
    expect(await context.store.row("shop")).toEqual(aRow({ protect }));
  });
  it("close releases the lease of a dead rotation", async () => {
    const context = await contextOf(aRow({ protect, rotate: rotation }));
    await release({ run: aRun({ machine: "close" }), inspect: closing({ lease: "rotate" }) }, context);
    expect(await context.store.row("shop")).toEqual(aRow({ protect }));
  });
});

describe("release of close", () => {
  const close = aRun({ machine: "close", id: "arn:close", name: "close-1" });
  it("close frees the lease and the pins of a dead run", async () => {
    const context = await contextOf();
    expect(await release({ run: close, inspect: closing() }, context)).toEqual({ released: true });
    expect(await context.store.row("shop")).toMatchObject({
      phase: "protected",
      run: null,
      lastRun: { ...ended, outcome: "aborted" },
    });
  });
  it("close records from the ledger whether a dead run that moved the state record is finished", async () => {
    const entry = { run: "run-1", subject: "", startedAt: "", endedAt: "" };
    const context = await contextOf({ ...running, active: "eu-central-1", switch: 1 });
    const acquired = { ...entry, state: "AcquireLease", outcome: "Held" };
    await context.store.record("shop", { ...acquired, detail: { run: aRun({ resume: { of: "run-0", tries: 1 } }) } });
    await release({ run: close, inspect: closing() }, context);
    expect((await context.store.row("shop"))?.lastRun?.unfinished).toEqual({ of: "run-0", tries: 2 });

    const done = await contextOf({ ...running, active: "eu-central-1", switch: 1 });
    await done.store.record("shop", { ...entry, state: "VerifyTraffic", outcome: "Served", detail: {} });
    await release({ run: close, inspect: closing() }, done);
    expect((await done.store.row("shop"))?.lastRun?.unfinished).toBeUndefined();
  });
  it("close frees the lease of a dead pass", async () => {
    const context = await contextOf(aRow({ protect }));
    expect(await release({ run: close, inspect: closing({ lease: "protect" }) }, context)).toEqual({ released: true });
    expect((await context.store.row("shop"))?.protect).toBeNull();
  });
  it("close does nothing when there is nothing to close", async () => {
    const context = await contextOf();
    expect(await release({ run: close, inspect: { value: {} } }, context)).toEqual({ released: false });
    expect(await release({ run: close, error: { Error: "TransientError", Cause: "" } }, context)).toEqual({
      released: false,
    });
  });
});

describe("release of a run that nobody has heard of", () => {
  const close = aRun({ machine: "close", id: "arn:close", name: "close-1" });
  const at = "2026-03-02T12:00:00.000Z";
  const untold = { ...pass, acquiredAt: run.startedAt, run, since: at, triedAt: at };
  it.each([
    ["its report could not be written", {}],
    ["no topic took its message", { report: { value: { outcome: "failed", told: false } } }],
  ])("release keeps an unreported run for close when %s, with a lease and without", async (_case, state) => {
    const context = await contextOf();
    expect(await release({ run, ...state }, context)).toEqual({ released: true });
    expect(await context.store.untoldRuns("shop")).toEqual([untold]);
    const refused = await contextOf(aRow());
    expect(await release({ run, ...state }, refused)).toEqual({ released: false });
    expect(await refused.store.untoldRuns("shop")).toEqual([untold]);
  });
  it("release keeps an unreported run even when the table answers no queries: its report was not written either", async () => {
    const { store, ...context } = await contextOf();
    const denied = Object.assign(new Error("not authorized"), { name: "AccessDeniedException", $fault: "client" });
    const untoldRuns = () => Promise.reject(denied);
    await release({ run }, { ...context, store: { ...store, untoldRuns } });
    expect(await store.untoldRuns("shop")).toEqual([untold]);
  });
  it("release keeps no run that was reported, nor one that only brought an answer", async () => {
    const context = await contextOf();
    await release({ run: aRun({ answer: { run: "run-0", approved: true, by: "ann" } }) }, context);
    await release({ run, report: heard }, context);
    expect(await context.store.untoldRuns("shop")).toEqual([]);
  });
  it("close forgets an unreported run once it has reported it, tries again until then, and gives up after a day", async () => {
    const none = { inspect: closing({ lease: "none" }) };
    const context = await contextOf(aRow());
    await context.store.saveUntoldRun("shop", { ...untold, triedAt: "2026-03-02T11:00:00.000Z" });
    expect(await release({ run: close, ...none }, context)).toEqual({ released: false });
    expect(await context.store.untoldRuns("shop")).toMatchObject([{ run: { name: "run-1" }, since: at, triedAt: at }]);
    await release({ run: close, ...none, report: heard }, context);
    expect(await context.store.untoldRuns("shop")).toEqual([]);

    await context.store.saveUntoldRun("shop", { ...untold, since: "2026-03-01T12:00:00.000Z" });
    await release({ run: close, ...none }, context);
    expect(await context.store.untoldRuns("shop")).toEqual([]);
    expect(context.told.logs.at(-1)).toContain("the end of a run could not be reported");
  });
  it("close frees a dead run that it could not report, and keeps it to be reported", async () => {
    const context = await contextOf();
    expect(await release({ run: close, inspect: closing() }, context)).toEqual({ released: true });
    expect(await context.store.untoldRuns("shop")).toMatchObject([{ name: "run-1", since: at }]);
  });
  it("close takes the outcome of a dead run from its report, when it had one", async () => {
    const context = await contextOf({ ...running, active: "eu-central-1", switch: 1 });
    await release({ run: close, inspect: closing({ status: "FAILED" }), report: heard }, context);
    expect((await context.store.row("shop"))?.lastRun?.outcome).toBe("succeeded");
  });
});
