import { describe, expect, it } from "vitest";
import {
  acquireProtect,
  acquireRun,
  checkLease,
  moveTo,
  releaseProtect,
  releaseRun,
} from "../../../functions/aws/store/lease.ts";
import { limits } from "../../../functions/core/limits.ts";
import type { Context } from "../../../functions/runtime/context.ts";
import type { Fault } from "../../../simulator/scenario/fault.ts";
import { aPass, aRunCalled, arn, first, nothing, points, scene } from "../../support/lease-scene.ts";

describe("the lease of a rotation", () => {
  const rotation = aRunCalled("rotate-1", { machine: "rotate" });
  it("stands beside that of a replication pass, and is checked, kept from others and given back by itself", async () => {
    const { held, other, row, stale } = await scene(async ({ context, row }) => {
      await acquireProtect(context, aPass("pass-1"));
      await acquireProtect(context, rotation);
      const other = await acquireProtect(context, aRunCalled("rotate-2", { machine: "rotate" }));
      const held = await checkLease(context, rotation, { generation: 0 });
      await releaseProtect(context, "shop", rotation.id, "rotate");
      const stale = await checkLease(context, rotation, { generation: 0 }).catch((error: Error) => error.message);
      return { held, other, stale, row: await row() };
    });
    expect(held).toMatchObject({ protect: { name: "pass-1" }, rotate: { name: "rotate-1" } });
    expect(other.because).toBe("rotate-1 is still at work");
    expect(row).toMatchObject({ protect: { name: "pass-1" } });
    expect(row?.rotate).toBeUndefined();
    expect(stale).toBe("rotate-1 no longer holds the lease of shop: it belongs to nobody");
  });
  it("the lease of a rotation is pre-empted by a run at once", async () => {
    const stale = await scene(async ({ context }) => {
      await acquireProtect(context, rotation);
      await acquireRun(context, first, points);
      return checkLease(context, rotation, { generation: 0 }).catch((error: Error) => error.message);
    });
    expect(stale).toBe("rotate-1 no longer holds the lease of shop: it belongs to first");
  });
});

describe("the lease of a replication pass", () => {
  it("the lease of a replication pass is taken once, found again by the same pass, and refused to another one that is alive", async () => {
    const said = await scene(async ({ context }) => [
      (await acquireProtect(context, aPass("pass-1"))).because,
      (await acquireProtect(context, aPass("pass-1"))).because,
      (await acquireProtect(context, aPass("pass-2"))).because,
    ]);
    expect(said).toEqual([null, null, "pass-1 is still at work"]);
  });

  it("the lease of a replication pass goes to one of two passes that ask at the same moment", async () => {
    const said = await scene(({ context }) =>
      Promise.all([aPass("pass-1"), aPass("pass-2")].map((pass) => acquireProtect(context, pass))),
    );
    const refused = said.filter(({ because }) => because !== null);
    expect(refused).toHaveLength(1);
    expect(refused[0]!.because).toMatch(/^pass-[12] (took the lease first|is still at work)$/);
  });

  it("the lease of a replication pass does not outlive a dead pass", async () => {
    const { early, late } = await scene(async ({ context, ended, advance }) => {
      await acquireProtect(context, aPass("pass-1"));
      ended.set("pass-1", { status: "TIMED_OUT", at: context.now().getTime() });
      const early = await acquireProtect(context, aPass("pass-2"));
      await advance(limits.longestStepSeconds + 1);
      return { early, late: await acquireProtect(context, aPass("pass-2")) };
    });
    expect(early.because).toBe("pass-1 is still at work");
    expect(late).toMatchObject({ because: null, row: { protect: { name: "pass-2" } } });
  });

  it("the lease of a replication pass is pre-empted by a run at once: the pass stops at its next step, and none begins", async () => {
    const pass = aPass("pass-1");
    const { before, run, stale, next } = await scene(async ({ context }) => {
      await acquireProtect(context, pass);
      const before = await checkLease(context, pass, { generation: 0 });
      const run = await acquireRun(context, first, points);
      const stale = await checkLease(context, pass, { generation: 0 }).catch((error: Error) => error.message);
      return { before, run, stale, next: await acquireProtect(context, aPass("pass-2")) };
    });
    expect(before.protect?.name).toBe("pass-1");
    expect(run).toMatchObject({ generation: 1, run: { name: "first" } });
    expect(stale).toBe("pass-1 no longer holds the lease of shop: it belongs to first");
    expect(next.because).toBe("first is moving shop");
  });

  it("the lease of a replication pass goes on after the run that pre-empted it has given up", async () => {
    const held = await scene(async ({ context }) => {
      await acquireProtect(context, aPass("pass-1"));
      await acquireRun(context, first, points);
      await releaseRun(context, "shop", first.id, nothing);
      return checkLease(context, aPass("pass-1"), { generation: 0 });
    });
    expect(held.protect?.name).toBe("pass-1");
  });

  it("the lease of a replication pass is lost to a run that comes between its look and its write", async () => {
    const { because, row } = await scene(async ({ context, row }) => {
      const { table } = context;
      const late: Context["table"] = {
        ...table,
        async update(...args) {
          await acquireRun(context, first, points);
          return table.update(...args);
        },
      };
      return {
        because: (await acquireProtect({ ...context, table: late }, aPass("pass-1"))).because,
        row: await row(),
      };
    });
    expect(because).toBe("first took the lease first");
    expect(row).toMatchObject({ protect: null, run: { name: "first" } });
  });

  it("the lease of a replication pass is the pass's own after a lost reply", async () => {
    const lost: Fault = { fault: "lost-response", operation: "UpdateItem", rate: 1, from: 0, until: 60_000 };
    const taken = await scene(({ context }) => acquireProtect(context, aPass("pass-1")), { faults: [lost] });
    expect(taken).toMatchObject({ because: null, row: { protect: { name: "pass-1" } } });
  });

  it("the lease of a replication pass is not given where the application has moved", async () => {
    const said = await scene(async ({ context }) => {
      const lease = await acquireRun(context, first, points);
      await moveTo(context, first, lease, { active: "eu-central-1", switch: 1 });
      await releaseRun(context, "shop", first.id, { phase: "failedOver", lastRun: null });
      return acquireProtect(context, aPass("pass-1"));
    });
    expect(said.because).toBe("shop has moved to eu-central-1");
  });

  it("the lease of a replication pass is given back by its holder alone, any number of times", async () => {
    const [kept, freed] = await scene(async ({ context, row }) => {
      await acquireProtect(context, aPass("pass-1"));
      await releaseProtect(context, "shop", arn("pass-2"));
      const kept = await row();
      await releaseProtect(context, "shop", arn("pass-1"));
      await releaseProtect(context, "shop", arn("pass-1"));
      return [kept, await row()];
    });
    expect(kept?.protect?.name).toBe("pass-1");
    expect(freed?.protect).toBeNull();
  });
});
