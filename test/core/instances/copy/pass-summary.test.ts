import { describe, expect, it, test } from "vitest";
import { memoryAfter, mustRecount, type Pass } from "../../../../functions/core/instances/copy/finished-pass.ts";
import { type CopyMemory, freshMemory } from "../../../../functions/core/instances/copy/pass-state.ts";
import { summaryOf } from "../../../../functions/core/instances/copy/pass-summary.ts";
import { aChunk } from "../../../support/queue.ts";
import { aCopy } from "../../../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const web = (left: number) => ({
  web: { left, deadline: null, pointAt: "2026-03-02T11:30:00.000Z", openedAt: null, roundSeconds: null },
});
const memory = (over: Partial<CopyMemory> = {}): CopyMemory => ({
  ...freshMemory,
  passes: 1,
  resources: web(0),
  ...over,
});

type Parts = { view?: Partial<Pass["facts"]["view"]>; settled?: Partial<Pass["settled"]>; chunks?: Pass["chunks"] };
const pass = ({ view, settled, chunks = [] }: Parts = {}): Pass => ({
  facts: {
    run: { application: "shop", source: "eu-west-1", target: "eu-central-1" },
    known: memory(),
    demands: [],
    view: { stored: chunks, chunks, isCut: false, pending: [], sources: null, isSilent: false, ...view },
  },
  judged: { chunks, proven: [], failed: new Map(), lost: new Map(), free: 20, starts: [], at: now },
  order: { started: 0, isFull: false, isLost: false, keys: {}, refused: {}, problems: {} },
  settled: { completed: [], discarded: [], problems: {}, settling: [], failed: new Map(), requeued: 0, ...settled },
  chunks,
});

describe("the ledger's entry", () => {
  it("the entry of the ledger says Copied when all copies have ended", () => {
    const { entry } = summaryOf(memory({ copied: 2, completed: ["web.1"] }), pass(), now);
    expect(entry).toEqual({
      outcome: "Copied",
      detail: { copied: 2, failed: 0, left: 0, completed: ["web.1"], discarded: [], because: null },
    });
  });

  test.each<[string, Partial<CopyMemory>, string | null]>([
    ["a point was discarded", { discarded: ["web.1"] }, null],
    ["AWS refuses the rest", { resources: web(1), refused: { web: "no key" } }, "web: no key"],
    ["there was a problem", { problems: { web: "the key was moved" } }, "web: the key was moved"],
  ])("the entry of the ledger says Partial when %s", (_, over, because) => {
    expect(summaryOf(memory(over), pass(), now).entry).toMatchObject({ outcome: "Partial", detail: { because } });
  });

  it("the entry of the ledger waits for the last pass", () => {
    const { result, entry } = summaryOf(memory({ resources: web(1) }), pass({ chunks: [aChunk()] }), now);
    expect([result.done, entry]).toEqual([false, null]);
  });
});

describe("the metrics", () => {
  const names = (of: Pass) => summaryOf(memory(), of, now).metrics.map(({ name, value }) => [name, value]);

  it("a pass publishes the ages of the recovery points", () => {
    expect(names(pass())).toEqual([["RecoveryPointAgeSeconds", 1_800]]);
  });

  it("a pass counts the copies in error of the start and of the end of a pass", () => {
    const of = pass({ settled: { failed: new Map([["web", 2]]) } });
    of.judged.failed.set("web", 1);
    expect(names(of)).toContainEqual(["FailedCopies", 3]);
  });
});

describe("the demand", () => {
  const waiting = { resources: web(3), shared: true };

  it("a pass publishes its demand when the waiting begins", () => {
    const { demand, result } = summaryOf(memory(waiting), pass(), now);
    expect(demand).toEqual({
      application: "shop",
      target: "eu-central-1",
      waiting: 3,
      deadline: null,
      at: now.toISOString(),
    });
    expect(result.demand).toEqual({ waiting: 3, at: now.toISOString() });
  });

  test.each<[string, number, boolean]>([
    ["not within five minutes", 300, false],
    ["after five minutes", 301, true],
  ])("a pass publishes its demand again: %s", (_, seconds, expected) => {
    const last = { waiting: 5, at: new Date(now.getTime() - seconds * 1_000).toISOString() };
    const { demand, result } = summaryOf(memory({ ...waiting, demand: last }), pass(), now);
    expect(demand !== null).toBe(expected);
    expect(result.demand?.waiting).toBe(expected ? 3 : 5);
  });

  it("a pass publishes no demand while the slots are not shared", () => {
    expect(summaryOf(memory({ resources: web(3) }), pass(), now).demand).toBeNull();
  });
});

describe("the memory after a pass", () => {
  it("the memory names the silent Region for chunks whose sources are not known to be complete", () => {
    const chunks = [aChunk({ sourcesReady: false }), aChunk({ resource: "db" })];
    expect(memoryAfter(pass({ chunks, view: { isSilent: true } }), now).problems).toEqual({
      web: "eu-west-1 did not respond",
    });
  });

  it("the memory knows the pending copies of this application only", () => {
    const pending = [aCopy({ id: "ours", state: "pending" }), aCopy({ id: "other", state: "pending", tags: {} })];
    expect(memoryAfter(pass({ view: { pending } }), now).seen).toEqual(["ours"]);
  });
});

test.each<[string, Parts, boolean]>([
  ["when a point is complete", { settled: { completed: ["web.1"] }, chunks: [aChunk()] }, true],
  ["when entries went back into the queue", { settled: { requeued: 1 }, chunks: [aChunk()] }, true],
  ["when the run seems to be over", {}, true],
  ["not in the middle of a run", { chunks: [aChunk()] }, false],
])("the queue is counted again %s", (_, parts, expected) => {
  expect(mustRecount(memory(), memory(), pass(parts))).toBe(expected);
});
