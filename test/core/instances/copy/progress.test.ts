import { describe, expect, it, test } from "vitest";
import {
  copyPassesMax,
  endedSince,
  hasLeftQueue,
  isDone,
  leftOf,
  projectedAges,
  type RunState,
  sourcesSince,
  unseenSlots,
} from "../../../../functions/core/instances/copy/progress.ts";
import type { QueueChunk } from "../../../../functions/core/instances/copy/queue.ts";
import { tagKeys } from "../../../../functions/core/names.ts";
import { aChunk, anAsked, anEntry, someEntries } from "../../../support/queue.ts";
import { aCopy } from "../../../support/replication.ts";

const ended = (over: Partial<QueueChunk> = {}) => aChunk({ entries: [anAsked({ ended: true })], ...over });
const settling = { point: "web.2", deadline: "2026-03-02T12:30:00.000Z" };

describe("a point has left the queue", () => {
  const of = (point: string, deadline = settling.deadline, over: Partial<QueueChunk> = {}) =>
    aChunk({ point, deadline, ...over });
  test.each<[string, QueueChunk[], boolean, boolean]>([
    ["when the queue is empty", [], false, true],
    ["when no chunk of it is there", [of("web.1"), of("web.3")], false, true],
    ["not while a chunk of it is", [of("web.1"), of("web.2")], false, false],
    ["when all of its chunks have just ended", [ended({ point: "web.2" })], false, true],
    ["as the queue was read past it", [of("web.1"), of("web.3")], true, true],
    ["as the queue was read past its deadline", [of("web.1", "2026-03-02T12:40:00.000Z")], true, true],
    ["not surely, when the queue was not read so far", [of("web.1")], true, false],
    ["not surely, when its last chunk was the last that was read", [ended({ point: "web.2" })], true, false],
  ])("%s", (_, chunks, isCut, expected) => {
    expect(hasLeftQueue(settling, chunks, isCut)).toBe(expected);
  });
});

describe("a run is done", () => {
  const standing = (over: Partial<RunState> = {}): RunState => ({
    chunks: [],
    isCut: false,
    isSilent: false,
    refused: {},
    settling: 0,
    passes: 1,
    lostReplies: 0,
    ...over,
  });
  test.each<[string, Partial<RunState>, boolean]>([
    ["when nothing is left", {}, true],
    ["not while something waits", { chunks: [aChunk()] }, false],
    ["not while a copy is in flight", { chunks: [aChunk({ entries: [anAsked()] })], refused: { web: "no" } }, false],
    ["not while a reply is in doubt", { chunks: [aChunk({ entries: [anAsked({ copy: null })] })] }, false],
    ["not while a point is to be settled", { settling: 1 }, false],
    ["not while the queue goes on", { isCut: true }, false],
    ["when only what AWS refuses is left", { chunks: [aChunk()], refused: { web: "no key" } }, true],
    ["when the sources are silent", { chunks: [aChunk({ sourcesReady: false })], isSilent: true }, true],
    ["not when sources that were ready are silent", { chunks: [aChunk()], isSilent: true }, false],
    ["at its bound, whatever there is", { chunks: [aChunk()], passes: copyPassesMax }, true],
    ["after five lost replies in a row", { chunks: [aChunk()], lostReplies: 5 }, true],
    ["not then while a copy is in flight", { chunks: [aChunk({ entries: [anAsked()] })], lostReplies: 5 }, false],
  ])("%s", (_, over, expected) => {
    expect(isDone(standing(over))).toBe(expected);
  });
});

it("tells which entries have ended since they were stored", () => {
  const stored = [aChunk({ entries: [anAsked({ from: "a" }), anAsked({ from: "b", ended: true })] })];
  const now = [aChunk({ entries: stored[0]!.entries.map((entry) => ({ ...entry, ended: true })) })];
  expect(endedSince(stored, now)).toEqual([{ resource: "web", askedAt: "2026-03-02T11:50:00.000Z" }]);
  expect(endedSince(now, now)).toEqual([]);
});

it("counts the slots of copies that no listing shows yet, images by their servers", () => {
  const image = anAsked({ volume: "", copy: "ami-1", slots: 3, server: "i-1" });
  const chunks = [aChunk({ entries: [...someEntries(["a"]), anAsked(), anAsked({ copy: null }), image] })];
  const ofImage = aCopy({ id: "x" });
  expect(unseenSlots(chunks, [])).toBe(5);
  expect(unseenSlots(chunks, [aCopy()])).toBe(4);
  ofImage.tags[tagKeys.server] = "i-1";
  expect(unseenSlots(chunks, [aCopy(), ofImage])).toBe(1);
});

it("tells since when sources are pending, as far as that matters", () => {
  const pending = aChunk({ sourcesReady: false, entries: [anEntry()] });
  expect(sourcesSince([aChunk(), pending], {}, false)).toBe(pending.takenAt);
  expect(sourcesSince([pending], { web: "no key" }, false)).toBeNull();
  expect(sourcesSince([pending], {}, true)).toBeNull();
});

const facts = (left: number, deadline: string | null) => ({
  left,
  deadline,
  openedAt: "2026-03-02T11:30:00.000Z",
  pointAt: "2026-03-02T11:00:00.000Z",
  roundSeconds: 3_600,
});

it("counts what is left, and what of it AWS copies", () => {
  const resources = { web: facts(5, "2"), db: facts(3, "1"), none: facts(0, "0") };
  expect(leftOf({ resources, refused: {} })).toEqual({ left: 8, open: 8, deadline: "1" });
  expect(leftOf({ resources, refused: { db: "no key" } })).toEqual({ left: 8, open: 5, deadline: "2" });
});

it("projects by the last round until a copy has ended, then by what this run does", () => {
  const now = new Date("2026-03-02T12:00:00.000Z");
  const resources = { web: facts(10, "2") };
  const halfDone = [aCopy({ state: "pending", progress: 50 })];
  const since = "2026-03-02T11:50:00.000Z";
  expect(projectedAges({ resources, since, copied: 0 }, halfDone, now)).toEqual([
    { resource: "web", ageSeconds: 3_600, projectedSeconds: 3_600 + 1_800 },
  ]);
  expect(projectedAges({ resources, since, copied: 9 }, halfDone, now)).toEqual([
    { resource: "web", ageSeconds: 3_600, projectedSeconds: 3_600 + 600 },
  ]);
});
