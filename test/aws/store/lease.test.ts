import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it, onTestFinished } from "vitest";
import { acquireRun, checkLease, moveTo, readRow, releaseRun } from "../../../functions/aws/store/lease.ts";
import { LeaseHeldError, RefusedError, StaleLeaseError } from "../../../functions/core/errors.ts";
import { limits } from "../../../functions/core/limits.ts";
import type { Fault } from "../../../simulator/scenario/fault.ts";
import { aRow } from "../../support/builders.ts";
import { aContext } from "../../support/context.ts";
import { aRunCalled, first, nothing, points, scene, second } from "../../support/lease-scene.ts";

describe("the lease of a run", () => {
  it("raises the generation and pins the points; the same run asking again gets the same", async () => {
    const { taken, again, row } = await scene(async ({ context, row }) => ({
      taken: await acquireRun(context, first, points),
      again: await acquireRun(context, first, { web: "another" }),
      row: await row(),
    }));
    expect(taken).toMatchObject({
      generation: 1,
      phase: "running",
      run: { id: first.id, name: "first", machine: "failover", phaseBefore: "protected", points },
    });
    expect(again).toEqual(taken);
    expect(row).toEqual(taken);
  });

  it("the lease of a run is the run's own after a lost reply: the write that it hears nothing of counts", async () => {
    const lost: Fault = { fault: "lost-response", operation: "UpdateItem", rate: 1, from: 0, until: 60_000 };
    const { taken, row } = await scene(
      async ({ context, row }) => ({ taken: await acquireRun(context, first, points), row: await row() }),
      { faults: [lost] },
    );
    expect(taken).toMatchObject({ generation: 1, run: { id: first.id, points } });
    expect(row).toEqual(taken);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    "the lease of a run goes to one of two runs that ask at the same moment (seed %i)",
    async (seed) => {
      const { ends, row } = await scene(
        async ({ context, row }) => ({
          ends: await Promise.allSettled([acquireRun(context, first, points), acquireRun(context, second, points)]),
          row: await row(),
        }),
        { seed },
      );
      const [won, lost] = ends[0]!.status === "fulfilled" ? ends : [ends[1]!, ends[0]!];
      expect(won).toMatchObject({ status: "fulfilled", value: { generation: 1 } });
      expect(lost).toMatchObject({ status: "rejected", reason: { name: "LeaseHeldError" } });
      expect(row?.generation).toBe(1);
    },
  );

  it("the lease of a run names its holder, who has it since when, and what to do", async () => {
    const held = scene(async ({ context }) => {
      await acquireRun(context, first, points);
      await acquireRun(context, second, points);
    });
    await expect(held).rejects.toThrow(LeaseHeldError);
    await expect(held).rejects.toMatchObject({
      message: expect.stringMatching(/^first holds the lease of shop since 2026-03-02T12:00:/),
      hint: "Wait until it has ended: execution first of lifeboat-failover, in the Step Functions console of eu-central-1.",
    });
  });

  it("the lease of a run is kept by a dead execution as long as its longest step may still be at work, then taken over", async () => {
    const { early, late } = await scene(async ({ context, ended, advance }) => {
      await acquireRun(context, first, points);
      ended.set("first", { status: "ABORTED", at: context.now().getTime() });
      await advance(limits.longestStepSeconds - 2);
      const early = await acquireRun(context, second, points).catch((error: Error) => error.name);
      await advance(3);
      return { early, late: await acquireRun(context, second, { web: "newer" }) };
    });
    expect(early).toBe("LeaseHeldError");
    expect(late).toMatchObject({
      generation: 2,
      run: { name: "second", phaseBefore: "protected", points: { web: "newer" } },
    });
  });

  it.each(["FAILED", "TIMED_OUT", "SUCCEEDED"])(
    "the lease of a run does not outlive an execution that ended as %s",
    async (status) => {
      const taken = await scene(async ({ context, ended, advance }) => {
        await acquireRun(context, first, points);
        ended.set("first", { status, at: context.now().getTime() });
        await advance(3_600);
        return acquireRun(context, second, points);
      });
      expect(taken.run?.name).toBe("second");
    },
  );

  it("the lease of a run never expires while its execution runs, however long that is", async () => {
    const held = scene(async ({ context, advance }) => {
      await acquireRun(context, first, points);
      await advance(30 * 86_400);
      await acquireRun(context, second, points);
    });
    await expect(held).rejects.toThrow(LeaseHeldError);
  });

  it("the lease of a run is taken over by one of two runs that find the holder dead at the same moment", async () => {
    const { ends, row } = await scene(async ({ context, ended, advance, row }) => {
      await acquireRun(context, first, points);
      ended.set("first", { status: "FAILED", at: context.now().getTime() });
      await advance(600);
      const both = [aRunCalled("second"), aRunCalled("third")].map((run) => acquireRun(context, run, points));
      return { ends: await Promise.allSettled(both), row: await row() };
    });
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(row?.generation).toBe(2);
  });

  it("the lease of a run is free when Step Functions has forgotten its execution, and not when it gives no answer", async () => {
    const { taken, untold } = await scene(async ({ context }) => {
      await acquireRun(context, aRunCalled("forgotten"), points);
      const taken = await acquireRun(context, aRunCalled("unreadable"), points);
      return { taken, untold: await acquireRun(context, second, points).catch((error: Error) => error.name) };
    });
    expect(taken).toMatchObject({ generation: 2, run: { name: "unreadable" } });
    expect(untold).toBe("AccessDeniedException");
  });

  it("the lease of a run is given back by its holder alone, any number of times", async () => {
    const lastRun = { id: first.id, name: "first", outcome: "succeeded", endedAt: "2026-03-02T12:10:00.000Z" };
    const { kept, freed, twice } = await scene(async ({ context, row }) => {
      await acquireRun(context, first, points);
      await releaseRun(context, "shop", second.id, nothing);
      const kept = await row();
      await releaseRun(context, "shop", first.id, { phase: "failedOver", lastRun });
      const freed = await row();
      await releaseRun(context, "shop", first.id, nothing);
      return { kept, freed, twice: await row() };
    });
    expect(kept).toMatchObject({ phase: "running", run: { name: "first" } });
    expect(freed).toMatchObject({ phase: "failedOver", run: null, lastRun, generation: 1 });
    expect(twice).toEqual(freed);
  });

  it("the lease of a run keeps the last run when the one that ends is none to remember", async () => {
    const lastRun = { id: first.id, name: "first", outcome: "failed", endedAt: "2026-03-02T12:10:00.000Z" };
    const row = await scene(async ({ context, row }) => {
      await acquireRun(context, first, points);
      await releaseRun(context, "shop", first.id, { phase: "protected", lastRun });
      await acquireRun(context, second, points);
      await releaseRun(context, "shop", second.id, nothing);
      return row();
    });
    expect(row).toMatchObject({ generation: 2, run: null, lastRun });
  });
});

describe("every mutating step", () => {
  it("every mutating step goes on while the lease is its run's, and stops once it is another's", async () => {
    const { held, stale } = await scene(async ({ context, ended, advance }) => {
      const lease = await acquireRun(context, first, points);
      const held = await checkLease(context, first, lease);
      ended.set("first", { status: "ABORTED", at: context.now().getTime() });
      await advance(600);
      await acquireRun(context, second, points);
      return { held, stale: await checkLease(context, first, lease).catch((error: Error) => error) };
    });
    expect(held.run?.name).toBe("first");
    expect(stale).toBeInstanceOf(StaleLeaseError);
    expect((stale as Error).message).toBe("first no longer holds the lease of shop: it belongs to second");
  });

  it("every mutating step stops when its generation is not the row's, though the run is the same", async () => {
    const stale = scene(async ({ context }) => {
      const { generation } = await acquireRun(context, first, points);
      await checkLease(context, first, { generation: generation - 1 });
    });
    await expect(stale).rejects.toThrow(StaleLeaseError);
  });

  it("every mutating step stops when nobody holds the lease any more", async () => {
    const stale = scene(async ({ context }) => {
      const lease = await acquireRun(context, first, points);
      await releaseRun(context, "shop", first.id, nothing);
      await checkLease(context, first, lease);
    });
    await expect(stale).rejects.toThrow("it belongs to nobody");
  });

  it("every mutating step is refused where the application is not deployed", async () => {
    const strange = scene(({ context }) => readRow(context, "unknown"));
    await expect(strange).rejects.toThrow(RefusedError);
    await expect(strange).rejects.toMatchObject({ hint: expect.stringContaining("npm run deploy") });
  });
});

describe("the write that moves an application", () => {
  const to = { active: "eu-central-1", switch: 1 } as const;

  it("changes the row of the holder, also a second time", async () => {
    const row = await scene(async ({ context, row }) => {
      const lease = await acquireRun(context, first, points);
      await moveTo(context, first, lease, to);
      await moveTo(context, first, lease, to);
      return row();
    });
    expect(row).toMatchObject({ ...to, generation: 1, phase: "running" });
  });

  it("fails for anybody else, and changes nothing", async () => {
    const { errors, row } = await scene(async ({ context, row }) => {
      const lease = await acquireRun(context, first, points);
      const moves = [moveTo(context, second, lease, to), moveTo(context, first, { generation: 0 }, to)];
      const errors = await Promise.all(moves.map((move) => move.catch((error: Error) => error.name)));
      return { errors, row: await row() };
    });
    expect(errors).toEqual(["StaleLeaseError", "StaleLeaseError"]);
    expect(row).toMatchObject({ active: "eu-west-1", switch: 0 });
  });
});

it("the lease is one conditional write on the row that was read", async () => {
  const dynamo = mockClient(DynamoDBClient);
  onTestFinished(() => void dynamo.restore());
  const { run: _run, protect: _protect, lastRun: _lastRun, ...row } = aRow({ generation: 4 });
  const item = Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? { N: `${value}` } : { S: value }]),
  );
  dynamo.on(GetItemCommand).resolves({ Item: item as never });
  dynamo.on(UpdateItemCommand).resolves({});
  await acquireRun(aContext(), first, points);
  const [call] = dynamo.commandCalls(UpdateItemCommand);
  expect(call!.args[0].input).toMatchObject({
    TableName: "lifeboat",
    Key: { pk: { S: "shop" }, sk: { S: "row" } },
    UpdateExpression: "SET #run = :set_run, #generation = :set_generation, #phase = :set_phase",
    ConditionExpression: "#generation = :when0 AND attribute_not_exists(#run)",
    ExpressionAttributeValues: { ":when0": { N: "4" }, ":set_generation": { N: "5" } },
  });
});
