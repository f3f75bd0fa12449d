import { describe, expect, it } from "vitest";
import {
  type CopyMemory,
  freshMemory,
  mustCount,
  type PassOutcome,
  remember,
} from "../../../../functions/core/instances/copy/pass-state.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const at = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const facts = (over: Partial<PassOutcome> = {}): PassOutcome => ({
  seen: [],
  inFlight: 0,
  ended: [],
  started: 0,
  isFull: false,
  isLost: false,
  failed: new Map(),
  refused: {},
  problems: {},
  completed: [],
  discarded: [],
  keys: {},
  proven: [],
  settling: [],
  ...over,
});
const resources = {
  web: { left: 10, deadline: null, pointAt: null, openedAt: null, roundSeconds: null },
  db: { left: 1, deadline: null, pointAt: null, openedAt: null, roundSeconds: null },
};
const known: CopyMemory = { ...freshMemory, resources };

describe("the memory of a run", () => {
  it("learns how long copies take: an end lies between two looks", () => {
    const asked = { resource: "web", askedAt: now.toISOString() };
    const looked = remember(known, facts({ started: 1 }), at(90));
    const first = remember(looked, facts({ ended: [asked] }), at(110));
    expect(first).toMatchObject({ usualSeconds: 100, copied: 1, passes: 2 });
    const second = remember({ ...first, lookedAt: at(200).toISOString() }, facts({ ended: [asked] }), at(200));
    expect(second).toMatchObject({ usualSeconds: 150, copied: 2 });
    expect(second.resources).toMatchObject({ web: { left: 8 }, db: { left: 1 } });
  });

  it("the memory of a run never counts less than nothing", () => {
    const ended = Array.from({ length: 3 }, () => ({ resource: "db", askedAt: now.toISOString() }));
    expect(remember(known, facts({ ended }), now).resources.db?.left).toBe(0);
  });

  it("the memory of a run begins its throughput with the first copy, its own or one that it found", () => {
    expect(remember(known, facts(), now).since).toBeNull();
    const begun = remember(known, facts({ started: 1 }), now);
    expect(begun.since).toBe(now.toISOString());
    expect(remember(begun, facts({ started: 1 }), at(60)).since).toBe(now.toISOString());
    expect(remember(known, facts({ seen: ["snap-1"] }), now).since).toBe(now.toISOString());
  });

  it("checks a key again once a copy under it has failed", () => {
    const keys = { web: "arn:1", db: null };
    const after = remember(known, facts({ keys, failed: new Map([["web", 2]]) }), now);
    expect(after).toMatchObject({ keys: { db: null }, failed: 2 });
    expect("web" in after.keys).toBe(false);
  });

  it("the memory of a run counts lost replies in a row", () => {
    const once = remember(known, facts({ isLost: true, started: 3 }), now);
    const twice = remember(once, facts({ isLost: true }), now);
    expect([once, twice, remember(twice, facts(), now)].map(({ lostReplies }) => lostReplies)).toEqual([1, 2, 2]);
    expect(remember(twice, facts({ started: 1 }), now).lostReplies).toBe(0);
  });

  it("the memory of a run is counted anew at the beginning, and now and then", () => {
    expect([0, 1, 49, 50, 100].map((passes) => mustCount({ ...known, passes }))).toEqual([
      true,
      false,
      false,
      true,
      true,
    ]);
  });
});
