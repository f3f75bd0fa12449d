import { CopySnapshotCommand, DescribeSnapshotsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { copy } from "../../functions/copy.ts";
import type { SnapshotFact } from "../../functions/core/instances/capture/snapshot.ts";
import type { CopyResult } from "../../functions/core/instances/copy/pass-summary.ts";
import type { QueueChunk } from "../../functions/core/instances/copy/queue.ts";
import { limits } from "../../functions/core/limits.ts";
import { aPlan, aPoint, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { chunkOf, copyScene, fault, input, point, showing } from "../support/copy-scene.ts";
import { withTable } from "../support/memory-table.ts";
import { aChunk, anAsked, anEntry, someEntries } from "../support/queue.ts";
import { aCopy, aSource, theOpenPoint } from "../support/replication.ts";

const ec2 = mockClient(EC2Client);
const letters = "abcdefghijklmnopqrstuvwxyz".split("");
const pendingCopy = (over: Parameters<typeof aCopy>[0] = {}) => aCopy({ state: "pending", ...over });

beforeEach(() => {
  ec2.reset();
  let copies = 0;
  ec2.on(CopySnapshotCommand).callsFake(() => ({ SnapshotId: `snap-new-${++copies}` }));
  showing(ec2, {});
});

describe("copy", () => {
  it("copy starts a copy in the target Region, everything tagged at once, and puts its id on record", async () => {
    const context = await copyScene([aChunk()]);
    expect(await copy(input, context)).toMatchObject({
      done: false,
      started: 1,
      inFlight: 1,
      waiting: 0,
      left: 1,
      passes: 1,
      waitSeconds: 5,
      refused: {},
      awaited: ["snap-new-1"],
      sources: false,
      slots: 20,
    });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(CopySnapshotCommand, {
      SourceRegion: "eu-west-1",
      SourceSnapshotId: "snap-src-a",
      TagSpecifications: [
        {
          ResourceType: "snapshot",
          Tags: Object.entries({
            application: "shop",
            resource: "web",
            point: "web.20260302T113000Z",
            server: "i-0a",
            volume: "vol-0a",
            device: "/dev/xvda",
            "source-snapshot": "snap-src-a",
            "source-start-time": "2026-03-02T11:30:05.000Z",
            "source-region": "eu-west-1",
          }).map(([key, Value]) => ({ Key: `lifeboat:${key}`, Value })),
        },
      ],
    });
    expect((await chunkOf(context))?.entries).toEqual([
      anEntry({ askedAt: "2026-03-02T12:00:00.000Z", copy: "snap-new-1" }),
    ]);
  });

  it("copy needs one listing, however many copies are in the queue", async () => {
    const chunks = [0, 1, 2].map((number) =>
      aChunk({ number, entries: someEntries(letters.map((at) => at + number)) }),
    );
    await copy(input, await copyScene(chunks));
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 1);
    expect(ec2).toHaveReceivedCommandTimes(CopySnapshotCommand, limits.copySlots);
  });

  it("copy writes down what it will ask for before it asks", async () => {
    const context = await copyScene([aChunk({ entries: someEntries(["a", "b"]) })]);
    ec2.on(CopySnapshotCommand).callsFake(async () => {
      const asked = (await chunkOf(context))?.entries.map(({ askedAt, copy }) => ({ askedAt, copy }));
      expect(asked).toEqual(Array(2).fill({ askedAt: "2026-03-02T12:00:00.000Z", copy: null }));
      throw fault("RequestLimitExceeded");
    });
    expect(await copy(input, context)).toMatchObject({ started: 0, waiting: 2 });
    expect((await chunkOf(context))?.entries.map(({ askedAt }) => askedAt)).toEqual([null, null]);
  });

  it("copy has nothing to do when nothing is queued", async () => {
    const context = await withTable(aContext(), {
      plan: aPlan(),
      row: aRow({ protect: { id: input.run.id } as never }),
    });
    expect(await copy(input, context)).toMatchObject({ done: true, left: 0, started: 0 });
    expect(ec2.calls()).toHaveLength(0);
  });

  it("copy takes out of the queue what belongs to no open point", async () => {
    const context = await copyScene([aChunk()], aPoint());
    expect(await copy(input, context)).toMatchObject({ done: true, left: 0 });
    expect((await context.store.queue("shop", 9)).items).toEqual([]);
  });

  it("copy starts nothing for points of the other direction", async () => {
    const back = theOpenPoint({ queued: true, source: "eu-central-1", target: "eu-west-1" });
    expect(await copy(input, await copyScene([aChunk()], back))).toMatchObject({ started: 0, done: true });
  });
});

describe("sources that are not completed yet", () => {
  const unready = (over: Partial<QueueChunk> = {}) => aChunk({ sourcesReady: false, ...over });

  it("a pass waits for source snapshots that are not completed", async () => {
    showing(ec2, { sources: [aSource({ state: "pending", progress: 50 })] });
    const result = await copy(input, await copyScene([unready()]));
    expect(result).toMatchObject({ started: 0, done: false, waiting: 1, sources: true, waitSeconds: 60 });
  });

  it("source snapshots are not listed again once none is pending", async () => {
    const context = await copyScene([unready()]);
    expect(await copy(input, context)).toMatchObject({ started: 1, sources: false });
    expect((await chunkOf(context))?.sourcesReady).toBe(true);
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 2);
  });

  it("a pass leaves the rest to the next run when the source Region is silent, and nothing is in flight", async () => {
    showing(ec2, { sources: null });
    const context = await copyScene([unready()]);
    expect(await copy(input, context)).toMatchObject({
      done: true,
      left: 1,
      started: 0,
      problems: { web: "eu-west-1 did not respond" },
    });
    expect(await context.store.ledger("shop", "pass-1")).toMatchObject([
      { state: "Copy", outcome: "Partial", detail: { left: 1, because: "web: eu-west-1 did not respond" } },
    ]);
  });
});

describe("a reply that was lost", () => {
  const lost = Object.assign(new Error("reset"), { code: "ECONNRESET" });

  it("a lost reply ends the starting, and leaves a doubt", async () => {
    const context = await copyScene([aChunk({ entries: someEntries(["a", "b", "c"]) })]);
    ec2.on(CopySnapshotCommand).resolvesOnce({ SnapshotId: "snap-1" }).rejects(lost);
    const result = await copy(input, context);
    expect(result).toMatchObject({ started: 1, inFlight: 2, waiting: 1, lostReplies: 1, refused: {} });
    expect(ec2).toHaveReceivedCommandTimes(CopySnapshotCommand, 2);
    expect((await chunkOf(context))?.entries).toMatchObject([
      { copy: "snap-1" },
      { askedAt: "2026-03-02T12:00:00.000Z", copy: null },
      { askedAt: null, copy: null },
    ]);
  });

  const doubted = (seconds: number) =>
    aChunk({ entries: [anEntry({ askedAt: new Date(Date.UTC(2026, 2, 2, 12) - seconds * 1_000).toISOString() })] });
  test.each<[string, number, SnapshotFact[], number, number, string | null]>([
    ["found among the pending copies", 6, [pendingCopy()], 0, 1, "snap-dst-a"],
    ["found by its tag, completed already", 6, [aCopy()], 0, 2, "snap-dst-a"],
    ["not found: it may not be visible yet", 30, [], 0, 2, null],
    ["not found for long: asked for again", 91, [], 1, 2, "snap-new-1"],
    ["so young that nothing can show it", 1, [], 0, 1, null],
  ])("a lost copy is %s", async (_, seconds, copies, started, listings, id) => {
    showing(ec2, { copies });
    const context = await copyScene([doubted(seconds)]);
    expect(await copy(input, context)).toMatchObject({ started, inFlight: 1, done: false });
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, listings);
    expect((await chunkOf(context))?.entries[0]?.copy).toBe(id);
  });

  it("five lost replies in a row leave the rest to the next run", async () => {
    ec2.on(CopySnapshotCommand).rejects(lost);
    const context = await copyScene([aChunk({ entries: someEntries(letters) })]);
    let before: CopyResult | undefined;
    for (const done of [false, false, false, false, true]) {
      before = await copy({ ...input, ...(before && { copy: { value: before } }) }, context);
      expect(before.done).toBe(done);
    }
    expect(before?.left).toBe(26);
  });
});

describe("slots", () => {
  it("everybody's copies take slots, and pending snapshots that are no copies take none", async () => {
    const foreign = Array.from({ length: 16 }, (_, at) =>
      aSource({ id: `snap-foreign-${at}`, volume: "vol-ffffffff", state: "pending", tags: {} }),
    );
    const local = aSource({ id: "snap-local", volume: "vol-1", state: "pending", tags: {} });
    showing(ec2, { copies: [...foreign, local] });
    const context = await copyScene([aChunk({ entries: someEntries(letters.slice(0, 5)) })]);
    expect(await copy(input, context)).toMatchObject({ started: 2, inFlight: 2, waiting: 3 });
  });

  it("the limit of copies halves when the Region refuses, and grows by one a pass", async () => {
    const context = await copyScene([aChunk({ entries: someEntries(letters) })]);
    let calls = 0;
    ec2.on(CopySnapshotCommand).callsFake(() => {
      calls += 1;
      if (calls > 5) throw fault("ResourceLimitExceeded");
      return { SnapshotId: `snap-new-${calls}` };
    });
    const first = await copy(input, context);
    expect(first).toMatchObject({ started: 5, slots: 2, waiting: 21 });
    const second = await copy({ ...input, copy: { value: first } }, context);
    expect(second).toMatchObject({ started: 0, slots: 3, inFlight: 5 });
  });

  test.each(["ResourceLimitExceeded", "RequestLimitExceeded"])("%s ends the starting, no more", async (name) => {
    ec2.on(CopySnapshotCommand).resolvesOnce({ SnapshotId: "snap-1" }).rejects(fault(name));
    const context = await copyScene([aChunk({ entries: someEntries(["a", "b", "c"]) })]);
    expect(await copy(input, context)).toMatchObject({ started: 1, waiting: 2, refused: {}, lostReplies: 0 });
    expect(ec2).toHaveReceivedCommandTimes(CopySnapshotCommand, 2);
  });

  it("an application leaves another one its half of the slots, and publishes what it wants itself", async () => {
    const context = await copyScene([aChunk({ entries: someEntries(letters) })]);
    await context.store.savePlan(aPlan());
    await context.store.savePlan(aPlan({ application: "mail" }));
    const at = "2026-03-02T11:55:00.000Z";
    await context.store.saveDemand({ application: "mail", waiting: 40, deadline: null, at });
    const first = await copy(input, context);
    expect(first).toMatchObject({ started: 9, shared: true, demand: { waiting: 17 } });
    expect(await context.store.demands()).toMatchObject([
      { application: "mail" },
      { application: "shop", waiting: 17 },
    ]);
  });
});

describe("what AWS refuses", () => {
  it("a refused copy is reported for its resource, and not requested again in this run", async () => {
    ec2.on(CopySnapshotCommand).rejects(fault("UnauthorizedOperation", "not you"));
    const context = await copyScene([aChunk({ entries: someEntries(["a", "b"]) })]);
    const first = await copy(input, context);
    expect(first).toMatchObject({
      done: true,
      left: 2,
      waiting: 0,
      refused: { web: "snap-a: UnauthorizedOperation: not you" },
    });
    await copy({ ...input, copy: { value: first } }, context);
    expect(ec2).toHaveReceivedCommandTimes(CopySnapshotCommand, 1);
    expect((await chunkOf(context))?.entries.map(({ askedAt }) => askedAt)).toEqual([null, null]);
  });
});

it("a run ends at its limit, and the next one continues", async () => {
  const context = await copyScene([aChunk({ entries: [anAsked()] })]);
  showing(ec2, { copies: [pendingCopy()] });
  const first = await copy(input, context);
  expect(first.done).toBe(false);
  expect(await copy({ ...input, copy: { value: { ...first, passes: 1_199 } } }, context)).toMatchObject({
    done: true,
    left: 1,
    passes: 1_200,
  });
});

it("copy stops before it starts anything when a run has taken over", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
  await context.store.savePoint(point);
  await expect(copy(input, context)).rejects.toMatchObject({ name: "StaleLeaseError" });
});
