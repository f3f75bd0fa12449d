import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { visibleSeconds } from "../../../../functions/core/clock/visibility.ts";
import type { QueueChunk } from "../../../../functions/core/instances/copy/queue.ts";
import {
  type CopyObservations,
  followChunk,
  isInFlight,
  startable,
  withEntries,
  withSources,
} from "../../../../functions/core/instances/copy/startable.ts";
import { tagKeys } from "../../../../functions/core/names.ts";
import { aChunk, anAsked, anEntry, someEntries } from "../../../support/queue.ts";
import { aCopy } from "../../../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const secondsAgo = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
const observations = (over: Partial<CopyObservations> = {}): CopyObservations => ({
  pending: [],
  seen: new Set(),
  found: null,
  usualSeconds: null,
  now,
  ...over,
});
const pendingCopy = (over: Parameters<typeof aCopy>[0] = {}) => aCopy({ state: "pending", ...over });

describe("an entry that is followed", () => {
  const inDoubt = (seconds: number) => anEntry({ askedAt: secondsAgo(seconds) });
  test.each([
    ["was not asked for: stays as it is", anEntry(), {}, {}],
    ["is pending: stays as it is", anAsked(), { pending: [pendingCopy()] }, {}],
    ["is no longer pending: has ended", anAsked(), {}, { ended: true }],
    ["was asked for just now: may not be visible yet", anAsked({ askedAt: secondsAgo(2) }), {}, {}],
    [
      "was seen pending and is no more: has ended, however young",
      anAsked({ askedAt: secondsAgo(2) }),
      { seen: new Set(["snap-dst-a"]) },
      { ended: true },
    ],
    [
      "was asked for a moment ago, where copies end within seconds: has ended",
      anAsked({ askedAt: secondsAgo(3) }),
      { usualSeconds: 2 },
      { ended: true },
    ],
    ["is in doubt: found among the pending", inDoubt(2), { pending: [pendingCopy()] }, { copy: "snap-dst-a" }],
    ["is in doubt: found by its tag", inDoubt(9), { found: new Map([["snap-src-a", "snap-x"]]) }, { copy: "snap-x" }],
    ["is in doubt: not looked up, so it stays in doubt", inDoubt(900), {}, {}],
    ["is in doubt: not found, but young", inDoubt(60), { found: new Map() }, {}],
    ["is in doubt: not found for so long that it never was", inDoubt(91), { found: new Map() }, { askedAt: null }],
    ["is an image in doubt: its token makes asking again safe", { ...inDoubt(6), volume: "" }, {}, { askedAt: null }],
    ["is an image: no listing of copies tells its end", anAsked({ volume: "" }), {}, {}],
  ] as const)("%s", (_, entry, look, change) => {
    const chunk = aChunk({ entries: [entry] });
    const followed = followChunk(chunk, observations(look as Partial<CopyObservations>));
    expect(followed.entries).toEqual([{ ...entry, ...change }]);
    expect(followed === chunk).toBe(Object.keys(change).length === 0);
  });
});

describe("what may start", () => {
  const names = (chunks: QueueChunk[], over: Partial<Parameters<typeof startable>[1]> = {}) =>
    startable(chunks, { refused: new Set(), pending: [], sources: new Set(), now, ...over }).map(
      ({ entry }) => entry.from,
    );
  const two = [
    aChunk({ entries: someEntries(["a", "b"]) }),
    aChunk({ resource: "db", point: "db.1", deadline: "2026-03-02T13:00:00.000Z", entries: someEntries(["c"]) }),
  ];

  it("a pass may start everything that waits, in the order of the queue", () => {
    expect(names(two)).toEqual(["snap-a", "snap-b", "snap-c"]);
  });

  it("a pass may start nothing of a resource that AWS refuses", () => {
    expect(names(two, { refused: new Set(["web"]) })).toEqual(["snap-c"]);
  });

  it("a pass may start nothing that was asked for, or has ended", () => {
    const [asked, ended] = [anAsked({ volume: "vol-1" }), anAsked({ volume: "vol-2", ended: true })];
    expect(names([aChunk({ entries: [asked, ended, ...someEntries(["c"])] })])).toEqual(["snap-c"]);
  });

  it("a pass may start no second copy of a volume of which one is pending, whoever's point it is of", () => {
    const older = pendingCopy({ id: "old" });
    older.tags[tagKeys.volume] = "vol-a";
    expect(names(two, { pending: [older] })).toEqual(["snap-b", "snap-c"]);
    const inFlight = aChunk({ point: "web.older", entries: [anAsked({ volume: "vol-b" })] });
    expect(names([inFlight, ...two])).toEqual(["snap-a", "snap-c"]);
  });

  it("a pass may start one of two entries of the same volume", () => {
    const entries = someEntries(["a", "b"], { volume: "vol-1" });
    expect(names([aChunk({ entries })])).toEqual(["snap-a"]);
  });

  test.each([
    ["pending", new Set(["snap-a"]), secondsAgo(60), ["snap-b"]],
    ["not known", null, secondsAgo(60), []],
    ["too young to be seen", new Set<string>(), secondsAgo(2), []],
    ["no longer pending", new Set<string>(), secondsAgo(60), ["snap-a", "snap-b"]],
  ])("an entry waits for sources that are %s", (_, sources, takenAt, expected) => {
    const chunk = aChunk({ sourcesReady: false, takenAt, entries: someEntries(["a", "b"]) });
    expect(names([chunk], { sources })).toEqual(expected);
    expect(withSources(chunk, sources, now).sourcesReady).toBe(expected.length === 2);
  });

  it("an entry waits for the snapshots of an image-based server", () => {
    const image = anEntry({ volume: "", from: "ami-1" });
    const chunk = aChunk({ sourcesReady: false, point: "web.1", entries: [image] });
    expect(names([chunk], { sources: new Set(["web.1 i-0a"]) })).toEqual([]);
    expect(names([chunk], { sources: new Set(["web.1 i-0b"]) })).toEqual(["ami-1"]);
  });
});

it("changes the entries that were meant, and leaves other chunks as they are", () => {
  const chunks = [aChunk({ entries: someEntries(["a", "b"]) }), aChunk({ number: 1, entries: someEntries(["c"]) })];
  const [start] = startable(chunks, { refused: new Set(), pending: [], sources: null, now });
  const [first, second] = withEntries(chunks, [start!], (entry) => ({ ...entry, tries: 7 }));
  expect(first?.entries.map(({ tries }) => tries)).toEqual([7, 0]);
  expect(second).toBe(chunks[1]);
});

describe("properties", () => {
  const entry = fc.record({
    volume: fc.constantFrom("vol-1", "vol-2", "vol-3", "vol-4"),
    from: fc.constantFrom("snap-1", "snap-2", "snap-3"),
    askedAt: fc.constantFrom(null, secondsAgo(1), secondsAgo(visibleSeconds), secondsAgo(500)),
    copy: fc.constantFrom(null, "copy-1", "copy-2"),
    ended: fc.boolean(),
  });
  const chunks = fc.array(
    fc.array(entry, { maxLength: 5 }).map((entries) => entries.map((over) => anEntry(over))),
    { maxLength: 3 },
  );

  it("following twice shows nothing new, and an end is never taken back", () => {
    fc.assert(
      fc.property(chunks, fc.subarray(["copy-1", "copy-2"]), (lists, ids) => {
        const look = observations({ pending: ids.map((id) => pendingCopy({ id, of: "snap-9" })), found: new Map() });
        for (const [number, entries] of lists.entries()) {
          const once = followChunk(aChunk({ number, entries }), look);
          expect(followChunk(once, look)).toBe(once);
          for (const [at, before] of entries.entries()) if (before.ended) expect(once.entries[at]).toEqual(before);
        }
      }),
    );
  });

  it("schedule never starts two copies of a volume, nor one beside a copy in flight", () => {
    fc.assert(
      fc.property(chunks, (lists) => {
        const all = lists.map((entries, number) => aChunk({ number, entries }));
        const started = startable(all, { refused: new Set(), pending: [], sources: null, now });
        const busy = lists.flat().filter(isInFlight);
        const volumes = [...started.map((start) => start.entry), ...busy].map(({ volume }) => volume);
        expect(new Set(started.map((start) => start.entry.volume)).size).toBe(started.length);
        for (const { volume } of busy)
          expect(volumes.filter((one) => one === volume).length).toBe(
            busy.filter((one) => one.volume === volume).length,
          );
      }),
    );
  });
});
