import { describe, expect, it } from "vitest";
import { judgePoint, type PointFacts } from "../../../../functions/core/instances/copy/judge-point.ts";
import { aChunk, anAsked, someEntries } from "../../../support/queue.ts";
import { aCopy, aTaken, aVolume } from "../../../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const ended = (names: string[]) =>
  someEntries(names).map((entry) => anAsked({ ...entry, copy: `copy-${entry.volume}`, ended: true }));
const copyOf = (name: string, over: Parameters<typeof aCopy>[0] = {}) =>
  aCopy({ id: `copy-${name}`, of: `snap-${name}`, ...over });
const manifest = (names: string[]) =>
  aTaken({ volumes: names.map((name) => aVolume({ volume: `vol-${name}`, sourceSnapshot: `snap-${name}` })) });
const facts = (over: Partial<PointFacts> = {}): PointFacts => ({
  chunks: [aChunk({ entries: ended(["a", "b"]) })],
  manifests: [manifest(["a", "b"])],
  copies: [copyOf("a"), copyOf("b")],
  images: new Map(),
  ...over,
});
const failed = { state: "error" as const, because: "no key" };

describe("a point whose copies have all ended", () => {
  it("a point is complete when all its copies are, and its manifests name the copies", () => {
    const verdict = judgePoint(facts(), now);
    expect(verdict).toMatchObject({ outcome: "complete", failed: 0, pointAt: "2026-03-02T11:30:05.000Z" });
    expect(verdict.outcome === "complete" && verdict.manifests[0]?.volumes.map(({ snapshot }) => snapshot)).toEqual([
      "copy-a",
      "copy-b",
    ]);
  });

  it("a point has no time when it has no server", () => {
    expect(judgePoint(facts({ manifests: [] }), now)).toMatchObject({ outcome: "complete", pointAt: null });
  });

  it("a point goes back into the queue with a copy that failed once", () => {
    const verdict = judgePoint(facts({ copies: [copyOf("a"), copyOf("b", failed)] }), now);
    expect(verdict).toMatchObject({ outcome: "requeued", failed: 1, requeued: 1 });
    expect(verdict.outcome === "requeued" && verdict.chunks[0]?.entries.map(({ tries }) => tries)).toEqual([0, 1]);
  });

  it("a point goes back into the queue with a copy that is still pending, which is no failure", () => {
    const verdict = judgePoint(facts({ copies: [copyOf("a"), copyOf("b", { state: "pending" })] }), now);
    expect(verdict).toMatchObject({ outcome: "requeued", failed: 0, requeued: 1, because: "copy-b is at 100 %" });
  });

  it("a point waits, with nothing back in the queue, for a copy that is not visible yet", () => {
    const [entry = anAsked()] = ended(["a"]);
    const young = { ...entry, askedAt: "2026-03-02T11:59:58.000Z" };
    const verdict = judgePoint(facts({ chunks: [aChunk({ entries: [young] })], copies: [] }), now);
    expect(verdict).toMatchObject({ outcome: "requeued", failed: 0, requeued: 0 });
  });

  it("a point is discarded with a copy that failed twice", () => {
    const copies = [copyOf("a"), copyOf("b", failed), copyOf("b", { ...failed, id: "2" })];
    const because = "2 copies of snap-b ended in error: no key";
    expect(judgePoint(facts({ copies }), now)).toEqual({ outcome: "discarded", failed: 1, requeued: 0, because });
  });

  it("a point is discarded with a volume that was never queued", () => {
    const chunks = [aChunk({ entries: ended(["a"]) })];
    const because = "i-0a has a volume that was never queued";
    expect(judgePoint(facts({ chunks }), now)).toEqual({ outcome: "discarded", failed: 0, requeued: 0, because });
  });
});
