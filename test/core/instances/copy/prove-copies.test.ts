import { describe, expect, it } from "vitest";
import { copiesToProve, proofOf } from "../../../../functions/core/instances/copy/prove-copies.ts";
import { aChunk, anAsked, anEntry } from "../../../support/queue.ts";
import { aCopy } from "../../../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const stored = [aChunk({ entries: [anAsked(), anEntry({ volume: "vol-0b", from: "snap-src-b" })] })];
const chunks = stored.map((chunk) => ({ ...chunk, entries: chunk.entries.map((e) => ({ ...e, ended: !!e.copy })) }));
const shown = (state: "completed" | "error") => ({
  images: new Map(),
  snapshots: new Map([["snap-dst-a", aCopy({ id: "snap-dst-a", state, because: "no key" })]]),
});

describe("the first copies of a resource that end in a run", () => {
  it("the first ended copies of a resource are checked until one of them is completed", () => {
    expect(copiesToProve({ stored, chunks }, [])).toEqual([chunks[0]?.entries[0]]);
    expect(copiesToProve({ stored, chunks }, ["web"])).toEqual([]);
    expect(copiesToProve({ stored: chunks, chunks }, [])).toEqual([]);
  });

  it("a completed copy proves its resource", () => {
    expect(proofOf({ stored, chunks }, shown("completed"), [], now)).toMatchObject({
      proven: ["web"],
      failed: new Map(),
    });
  });

  it("a copy in error is started again", () => {
    const proof = proofOf({ stored, chunks }, shown("error"), [], now);
    expect(proof).toMatchObject({ proven: [], failed: new Map([["web", 1]]), lost: new Map() });
    expect(proof.chunks[0]?.entries[0]).toMatchObject({ askedAt: null, copy: null, ended: false, tries: 1 });
  });

  it("ended copies stay as they are while the Region does not show them", () => {
    const proof = proofOf({ stored, chunks }, { images: new Map(), snapshots: new Map() }, [], now);
    expect([proof.chunks, proof.proven]).toEqual([chunks, []]);
  });
});

describe("the copy of an image", () => {
  const image = aChunk({ entries: [anAsked({ volume: "", device: "", from: "ami-src", copy: "ami-copy" })] });
  const read = { stored: [image], chunks: [image] };
  const images = (state: "pending" | "available") => ({
    images: new Map([["ami-copy", { state, because: null, snapshots: [] }]]),
    snapshots: new Map(),
  });

  it("the copy of an image is checked in each pass, proven or not", () => {
    expect(copiesToProve(read, ["web"])).toHaveLength(1);
    expect(proofOf(read, images("pending"), ["web"], now).chunks[0]?.entries[0]?.ended).toBe(false);
    expect(proofOf(read, images("available"), ["web"], now).chunks[0]?.entries[0]?.ended).toBe(true);
  });
});
