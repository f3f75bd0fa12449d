import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countIds,
  idsPerChunk,
  inChunks,
  isAmiId,
  type PendingDeletion,
} from "../../../functions/core/points/pending-deletions.ts";

const many = (point: string, count: number): PendingDeletion => ({
  point,
  ids: Array.from({ length: count }, (_, index) => `snap-${point}-${index}`),
});
const flat = (pending: PendingDeletion[]) => pending.flatMap(({ point, ids }) => ids.map((id) => `${point} ${id}`));

describe("inChunks", () => {
  it("inChunks gives one chunk of nothing for nothing", () => {
    expect(inChunks({ target: [], source: [] })).toEqual([{ target: [], source: [] }]);
  });
  it("inChunks cuts both Regions side by side, also in the middle of a point", () => {
    const chunks = inChunks({ target: [many("a", 1_500), many("b", 10)], source: [many("a", 20)] });
    expect(chunks.map(({ target, source }) => [countIds(target), countIds(source)])).toEqual([
      [1_000, 20],
      [510, 0],
    ]);
  });
  it("inChunks loses nothing, keeps the order, and is never larger than a chunk may be", () => {
    const queue = fc.array(
      fc.tuple(fc.stringMatching(/^[a-z]{3}$/), fc.integer({ min: 0, max: 1_800 })).map(([point, n]) => many(point, n)),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(queue, queue, (target, source) => {
        const chunks = inChunks({ target, source });
        expect(chunks.flatMap((chunk) => flat(chunk.target))).toEqual(flat(target));
        expect(chunks.flatMap((chunk) => flat(chunk.source))).toEqual(flat(source));
        for (const chunk of chunks)
          for (const role of [chunk.target, chunk.source]) expect(countIds(role)).toBeLessThanOrEqual(idsPerChunk);
      }),
      { numRuns: 30 },
    );
  });
});

it("isAmiId tells an image from a snapshot by its id", () => {
  expect(["ami-0a", "snap-0a"].map(isAmiId)).toEqual([true, false]);
});
