import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { acquireLease } from "../../functions/acquire-lease.ts";
import { LeaseHeldError, PlanInvalidError, RefusedError } from "../../functions/core/errors.ts";
import type { ProtectLease, Row, RunLease } from "../../functions/core/model/row.ts";
import { aPlan, aPoint, aResource, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const states = mockClient(SFNClient);
beforeEach(() => states.reset());

const held = {
  id: "arn:aws:states:eu-central-1:1:execution:m:other",
  name: "other",
  acquiredAt: "2026-03-02T11:00:00.000Z",
};
const otherRun: RunLease = { ...held, machine: "failover", phaseBefore: "protected", points: { web: "old" } };
const otherPass: ProtectLease = { ...held, machine: "replicate" };
const contextOf = async (row: Row) => {
  const plan = aPlan({ protect: [aResource(), aResource({ name: "app" })] });
  const context = await withTable(aContext(), { plan, row });
  await context.store.savePoint(aPoint());
  await context.store.savePoint(aPoint({ id: "web.20260302T110000Z", pointAt: "2026-03-02T11:00:03.000Z" }));
  return context;
};
const run = aRun();

describe("acquireLease of a failover", () => {
  it("a failover takes the lease, raises the generation and pins the newest complete points", async () => {
    const context = await contextOf(aRow());
    expect(await acquireLease({ run }, context)).toEqual({
      held: true,
      generation: 2,
      points: { web: "web.20260302T113000Z" },
      because: null,
    });
    expect(await context.store.row("shop")).toMatchObject({
      generation: 2,
      phase: "running",
      run: { id: run.id, phaseBefore: "protected", points: { web: "web.20260302T113000Z" } },
    });
    const [entry] = await context.store.ledger("shop", "run-1");
    expect(entry).toMatchObject({ state: "AcquireLease", outcome: "Held", detail: { run, generation: 2 } });
  });
  it("a failover gives the same answer when it runs twice, also when a newer point came in between", async () => {
    const context = await contextOf(aRow());
    const first = await acquireLease({ run }, context);
    await context.store.savePoint(aPoint({ id: "web.20260302T120000Z", pointAt: "2026-03-02T12:00:03.000Z" }));
    expect(await acquireLease({ run }, context)).toEqual(first);
  });
  it("a failover pins the point that was asked for", async () => {
    const asked = aRun({ request: { ...run.request, recoveryPoint: "2026-03-02T11:20:00Z" } });
    expect((await acquireLease({ run: asked }, await contextOf(aRow()))).points).toEqual({
      web: "web.20260302T110000Z",
    });
  });
  it("a failover refuses an older point that a rotation marks in the same moment", async () => {
    const asked = aRun({ request: { ...run.request, recoveryPoint: "web.20260302T110000Z" } });
    const context = await contextOf(aRow());
    const { table } = context;
    const rotated = aPoint({ id: "web.20260302T110000Z", state: "discarded", rotated: true });
    const late: typeof table = {
      ...table,
      async update(...args) {
        await context.store.savePoint(rotated);
        return table.update(...args);
      },
    };
    const started = acquireLease({ run: asked }, { ...context, table: late });
    await expect(started).rejects.toThrow(RefusedError);
    await expect(started).rejects.toThrow(
      "web.20260302T110000Z was deleted by rotation while this run was selecting it",
    );
  });
  it("a failover refuses a request that is no point at all", async () => {
    const asked = aRun({ request: { ...run.request, recoveryPoint: "soon" } });
    await expect(acquireLease({ run: asked }, await contextOf(aRow()))).rejects.toThrow(PlanInvalidError);
  });
  it("a failover stops when another run that lives holds the lease", async () => {
    states.on(DescribeExecutionCommand).resolves({ status: "RUNNING" });
    const context = await contextOf(aRow({ run: otherRun, phase: "running" }));
    await expect(acquireLease({ run }, context)).rejects.toThrow(LeaseHeldError);
  });
  it("a failover takes over the lease of a dead run, with its own points and the phase from before both", async () => {
    states.on(DescribeExecutionCommand).resolves({ status: "ABORTED", stopDate: new Date("2026-03-02T11:58:00.000Z") });
    const context = await contextOf(aRow({ run: otherRun, phase: "running" }));
    expect((await acquireLease({ run }, context)).points).toEqual({ web: "web.20260302T113000Z" });
    expect((await context.store.row("shop"))?.run?.phaseBefore).toBe("protected");
  });
  it("pre-empts a replication pass at once", async () => {
    const context = await contextOf(aRow({ protect: otherPass }));
    expect(await acquireLease({ run }, context)).toMatchObject({ held: true, generation: 2 });
  });
});

describe("acquireLease of replicate", () => {
  const pass = aRun({ machine: "replicate" });
  it("a replication pass takes the replication lease, and finds it again", async () => {
    const context = await contextOf(aRow());
    const expected = { held: true, generation: 1, because: null };
    expect(await acquireLease({ run: pass }, context)).toEqual(expected);
    expect(await acquireLease({ run: pass }, context)).toEqual(expected);
  });
  it("a replication pass leaves the lease to a run, and to another live pass", async () => {
    states.on(DescribeExecutionCommand).resolves({ status: "RUNNING" });
    const busy = await acquireLease({ run: pass }, await contextOf(aRow({ run: otherRun })));
    expect(busy).toEqual({ held: false, generation: 1, because: "other is moving shop" });
    const passing = await acquireLease({ run: pass }, await contextOf(aRow({ protect: otherPass })));
    expect(passing).toEqual({ held: false, generation: 1, because: "other is still at work" });

    const moved = await contextOf(aRow({ active: "eu-central-1", phase: "failedOver" }));
    const skipped = await acquireLease({ run: pass }, moved);
    expect(skipped).toEqual({ held: false, generation: 1, because: "shop has moved to eu-central-1" });
  });
});

describe("acquireLease of rotate", () => {
  const rotation = aRun({ machine: "rotate", request: { ...run.request, by: "schedule" } });
  const byHand = aRun({ machine: "rotate" });
  it("a rotation takes a lease of its own beside that of replication, and finds it again", async () => {
    const context = await contextOf(aRow({ protect: otherPass }));
    const expected = { held: true, generation: 1, because: null };
    expect(await acquireLease({ run: rotation }, context)).toEqual(expected);
    expect(await acquireLease({ run: rotation }, context)).toEqual(expected);
    expect(await context.store.row("shop")).toMatchObject({ protect: { name: "other" }, rotate: { name: "run-1" } });
  });
  it("a rotation leaves the lease to a run and to another rotation, and reports that to a person", async () => {
    states.on(DescribeExecutionCommand).resolves({ status: "RUNNING" });
    const moving = await contextOf(aRow({ run: otherRun }));
    expect(await acquireLease({ run: rotation }, moving)).toMatchObject({
      held: false,
      because: "other is moving shop",
    });
    const busy = await contextOf(aRow({ rotate: { ...held, machine: "rotate" } }));
    expect(await acquireLease({ run: rotation }, busy)).toMatchObject({
      held: false,
      because: "other is still at work",
    });
    const asked = acquireLease({ run: byHand }, busy);
    await expect(asked).rejects.toThrow(LeaseHeldError);
    await expect(asked).rejects.toThrow("nothing was rotated: other is still at work");
  });
});
