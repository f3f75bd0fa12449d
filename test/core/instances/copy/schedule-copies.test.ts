import { describe, expect, it, test } from "vitest";
import { freshMemory } from "../../../../functions/core/instances/copy/pass-state.ts";
import { hasEnough, judgePass, type PassFacts } from "../../../../functions/core/instances/copy/schedule-copies.ts";
import { limits } from "../../../../functions/core/limits.ts";
import { aChunk, anAsked, someEntries } from "../../../support/queue.ts";
import { aCopy } from "../../../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const nothing = { images: new Map(), snapshots: new Map() };
const left = (left: number) => ({ left, deadline: null, pointAt: null, openedAt: null, roundSeconds: null });
const facts = ({ view, ...over }: Partial<Omit<PassFacts, "view">> & { view?: Partial<PassFacts["view"]> } = {}) => {
  const chunks = view?.chunks ?? [aChunk({ entries: someEntries(["a", "b"]) })];
  return {
    run: { application: "shop", source: "eu-west-1", target: "eu-central-1" },
    known: { ...freshMemory, resources: { web: left(2) } },
    demands: [],
    ...over,
    view: { stored: chunks, chunks, isCut: false, pending: [], sources: null, isSilent: false, ...view },
  };
};
const full = Array.from({ length: limits.copySlots }, (_, at) => aCopy({ id: `${at}`, state: "pending", tags: {} }));

describe("a pass", () => {
  it("a pass starts the copies that are ready, in order", () => {
    const { starts, free, at } = judgePass(facts(), nothing, now);
    expect(starts.map(({ entry }) => entry.from)).toEqual(["snap-a", "snap-b"]);
    expect([free, at]).toEqual([2, now]);
  });

  it("a pass starts nothing while others use all slots", () => {
    expect(judgePass(facts({ view: { pending: full } }), nothing, now)).toMatchObject({ starts: [], free: 0 });
  });

  it("a pass starts nothing for a resource that AWS refuses", () => {
    const known = { ...freshMemory, resources: { web: left(2) }, refused: { web: "no key" } };
    expect(judgePass(facts({ known }), nothing, now).starts).toEqual([]);
  });

  it("a pass starts nothing for a point of which a copy failed too often", () => {
    const [first = anAsked(), second = anAsked()] = someEntries(["a", "b"]);
    const before = { ...first, askedAt: "2026-03-02T11:50:00.000Z", copy: "copy-a", tries: 1 };
    const stored = [aChunk({ entries: [before, second] })];
    const chunks = [aChunk({ entries: [{ ...before, ended: true }, second] })];
    const copy = aCopy({ id: "copy-a", of: "snap-a", state: "error", because: "no key" });
    const shown = { ...nothing, snapshots: new Map([["copy-a", copy]]) };
    const judged = judgePass(facts({ view: { stored, chunks } }), shown, now);
    expect(judged).toMatchObject({ starts: [], failed: new Map([["web", 1]]), proven: [] });
    expect([...judged.lost.keys()]).toEqual(["web.20260302T113000Z"]);
  });
});

test.each([
  ["when a copy can start", facts(), true],
  ["when no slot is free", facts({ view: { pending: full } }), true],
  ["not when all sources are pending", facts({ view: { chunks: [aChunk({ sourcesReady: false })] } }), false],
])("the queue was read far enough %s", (_, read, expected) => {
  expect(hasEnough(read, now)).toBe(expected);
});
