import { SFNClient, StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { executionOf, startOnce } from "../../../functions/aws/executions.ts";
import {
  acquireProtect,
  acquireRun,
  checkLease,
  endingOf,
  finishMove,
  moveTo,
  releaseProtect,
  releaseRun,
  repin,
} from "../../../functions/aws/store/lease.ts";
import { createStore } from "../../../functions/aws/store/store.ts";
import { createTable } from "../../../functions/aws/store/table.ts";
import { aRun } from "../../support/builders.ts";
import { everyAws, type Given, type On } from "../given.ts";
import { primary, recovery, tableName } from "../shop.ts";

const points = { web: "web.20260302T113000Z" };

/** The shop with its row, and two executions of its machine: the first one still runs. */
const withRow = <T>(on: On, body: (given: Awaited<ReturnType<typeof prepare>>) => Promise<T>) =>
  on(async (given) => body(await prepare(given)));

const prepare = async ({ clients, plan, machine, now }: Given) => {
  const table = createTable(clients, recovery, tableName);
  const store = createStore(table);
  await store.savePlan(plan);
  const sfn = clients(SFNClient, recovery);
  const start = async (name: string) => {
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine, name, input: "{}" }));
    return aRun({ id: executionArn!, name, startedAt: now().toISOString() });
  };
  const stop = (id: string) => sfn.send(new StopExecutionCommand({ executionArn: id }));
  const outside = { clients, store, table, now };
  const later = { ...outside, now: () => new Date(now().getTime() + 600_000) };
  return { outside, later, store, first: await start("run-1"), second: await start("run-2"), stop, machine, clients };
};
const nameOf = (error: Error) => error.name;

describe.each(everyAws)("the lease of a run on %s", (_, on) => {
  it("is taken once; the same run that asks again keeps its generation", async () => {
    const [once, again, row] = await withRow(on, async ({ outside, store, first }) => [
      await acquireRun(outside, first, points),
      await acquireRun(outside, first, {}),
      await store.row("shop"),
    ]);
    expect(once).toMatchObject({ generation: 1, phase: "running", run: { name: "run-1", points } });
    expect([again, row]).toEqual([once, once]);
  });

  it("is held against another run while its execution runs, and shortly after", async () => {
    const names = await withRow(on, async ({ outside, later, first, second, stop }) => {
      await acquireRun(outside, first, points);
      const running = await acquireRun(later, second, {}).catch(nameOf);
      await stop(first.id);
      return [running, await acquireRun(outside, second, {}).catch(nameOf)];
    });
    expect(names).toEqual(["LeaseHeldError", "LeaseHeldError"]);
  });

  it("is taken over from a dead execution; the steps of the old run then find it gone", async () => {
    const [row, stale, held, moved] = await withRow(on, async ({ outside, later, first, second, stop }) => {
      const lease = await acquireRun(outside, first, points);
      await stop(first.id);
      const taken = await acquireRun(later, second, {});
      const to = { active: recovery, switch: 1 as const };
      return [
        taken,
        await checkLease(outside, first, lease).catch(nameOf),
        (await checkLease(outside, second, taken)).run?.name,
        await moveTo(outside, first, lease, to).catch(nameOf),
      ];
    });
    expect(row).toMatchObject({ generation: 2, run: { name: "run-2", phaseBefore: "protected" } });
    expect([stale, held, moved]).toEqual(["StaleLeaseError", "run-2", "StaleLeaseError"]);
  });

  it("has other points pinned by its holder alone", async () => {
    const [kept, refused] = await withRow(on, async ({ outside, store, first, second }) => {
      const lease = await acquireRun(outside, first, points);
      const held = { ...lease.run!, points: { web: "older" }, instead: { web: "the newest is gone" } };
      await repin(outside, first, lease, held);
      const refused = await repin(outside, second, lease, { ...held, points }).catch(nameOf);
      return [await store.row("shop"), refused] as const;
    });
    expect(kept).toMatchObject({ generation: 1, run: { name: "run-1", points: { web: "older" } } });
    expect(refused).toBe("StaleLeaseError");
  });

  it("moves the application, and is given back by its holder alone", async () => {
    const [kept, row] = await withRow(on, async ({ outside, store, first, second }) => {
      const lease = await acquireRun(outside, first, points);
      await moveTo(outside, first, lease, { active: recovery, switch: 1 });
      await releaseRun(outside, "shop", second.id, { phase: "protected", lastRun: null });
      const before = await store.row("shop");
      const lastRun = { id: first.id, name: first.name, outcome: "succeeded", endedAt: "2026-03-02T12:10:00.000Z" };
      await releaseRun(outside, "shop", first.id, { phase: "failedOver", lastRun });
      await releaseRun(outside, "shop", first.id, { phase: "protected", lastRun: null });
      return [before, await store.row("shop")];
    });
    expect(kept).toMatchObject({ active: recovery, switch: 1, run: { name: "run-1" } });
    expect(row).toMatchObject({
      active: recovery,
      switch: 1,
      phase: "failedOver",
      run: null,
      generation: 1,
      lastRun: { name: "run-1", outcome: "succeeded" },
    });
  });
});

describe.each(everyAws)("a move that is not finished on %s", (_, on) => {
  it("is noted as finished, unless another run was there since", async () => {
    const [other, finished] = await withRow(on, async ({ outside, store, first, second }) => {
      await acquireRun(outside, first, points);
      const lastRun = {
        id: first.id,
        name: first.name,
        outcome: "failed",
        endedAt: "2026-03-02T12:10:00.000Z",
        unfinished: { of: first.name, tries: 0 },
      };
      await releaseRun(outside, "shop", first.id, { phase: "failedOver", lastRun });
      const row = (await store.row("shop"))!;
      await finishMove(outside, { ...row, lastRun: { ...lastRun, id: second.id } });
      const other = (await store.row("shop"))?.lastRun?.unfinished;
      await finishMove(outside, row);
      return [other, (await store.row("shop"))?.lastRun];
    });
    expect(other).toEqual({ of: "run-1", tries: 0 });
    expect(finished).toEqual({ id: expect.any(String), name: "run-1", outcome: "failed", endedAt: expect.any(String) });
  });
});

describe.each(everyAws)("the lease of a replication pass on %s", (_, on) => {
  it("yields to a run, and to nobody else while its execution runs", async () => {
    const said = await withRow(on, async ({ outside, store, first, second }) => {
      const [one, two] = [first, second].map((run) => ({ ...run, machine: "replicate" as const }));
      const taken = await acquireProtect(outside, one!);
      const refused = await acquireProtect(outside, two!);
      await acquireRun(outside, second, points);
      const stale = await checkLease(outside, one!, { generation: 0 }).catch(nameOf);
      const moving = await acquireProtect(outside, one!);
      await releaseProtect(outside, "shop", second.id);
      const kept = (await store.row("shop"))?.protect?.name;
      await releaseProtect(outside, "shop", first.id);
      return [taken.because, refused.because, stale, moving.because, kept, (await store.row("shop"))?.protect];
    });
    expect(said).toEqual([
      ...[null, "run-1 is still at work", "StaleLeaseError", "run-2 is moving shop", "run-1", null],
    ]);
  });
});

describe.each(everyAws)("executions on %s", (_, on) => {
  it("end as Step Functions tells, and those that it does not know have ended long ago", async () => {
    const endings = await withRow(on, async ({ outside, first, stop }) => {
      const running = await endingOf(outside, first.id);
      await stop(first.id);
      return [running, await endingOf(outside, first.id), await endingOf(outside, first.id.replace("run-1", "run-9"))];
    });
    expect(endings).toEqual([
      null,
      { status: "ABORTED", stoppedAt: expect.any(Date), error: null, cause: null },
      { status: "FAILED", stoppedAt: new Date(0), error: "ExecutionDoesNotExist", cause: null },
    ]);
  });

  it("are started once by name, also after they have ended", async () => {
    const started = await withRow(on, async ({ clients, machine, second, stop }) => {
      const start = (name: string) => startOnce(clients, recovery, { machine, name, input: {} });
      const fresh = await start("failover-shop-1");
      await stop(second.id);
      return [fresh, await start("run-2")];
    });
    expect(started).toEqual([{ started: true }, { started: false }]);
  });
  it("are found by name, with how they ended and what they were started with", async () => {
    const [ended, none] = await withRow(on, async ({ clients, machine, second, stop }) => {
      await stop(second.id);
      const find = (name: string) => executionOf(clients, recovery, machine, name);
      return [await find("run-2"), await find("run-3")];
    });
    expect(ended).toMatchObject({ status: "ABORTED", error: null, stoppedAt: expect.any(Date), input: {} });
    expect(none).toBeNull();
  });
});

describe.each(everyAws)("the store on %s", (_, on) => {
  it("keeps a plan as it is, makes its row, and lists the application", async () => {
    const { plan, found } = await on(async ({ clients, plan }) => {
      const store = createStore(createTable(clients, recovery, tableName));
      const version = await store.savePlan(plan);
      await store.savePlan({ ...plan, application: "other" });
      const current = await store.currentPlanVersion("shop");
      const found = [current === version, await store.plan("shop", version), await store.applications()];
      return { plan, found: [...found, await store.row("shop")] };
    });
    const row = { application: "shop", active: primary, home: recovery, generation: 0, phase: "protected", switch: 0 };
    expect(found).toEqual([true, plan, ["other", "shop"], { ...row, run: null, protect: null, lastRun: null }]);
  });
});
