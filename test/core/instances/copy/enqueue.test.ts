import { describe, expect, it } from "vitest";
import { chunksOf, entriesOf } from "../../../../functions/core/instances/copy/enqueue.ts";
import { entriesPerChunk } from "../../../../functions/core/instances/copy/queue.ts";
import { aTaken, aVolume, theOpenPoint } from "../../../support/replication.ts";

const deadline = "2026-03-02T12:30:00.000Z";
const point = theOpenPoint({ deadline });

describe("the entries of a server", () => {
  it("the entries of a server are its volumes, each with the snapshot to copy", () => {
    const untaken = aVolume({ volume: "vol-0b", sourceSnapshot: null });
    expect(entriesOf(aTaken({ volumes: [aVolume(), untaken] }))).toEqual([
      {
        server: "i-0a",
        volume: "vol-0a",
        device: "/dev/xvda",
        sizeGiB: 20,
        slots: 1,
        from: "snap-src-a",
        takenAt: "2026-03-02T11:30:05.000Z",
        askedAt: null,
        copy: null,
        ended: false,
        tries: 0,
      },
    ]);
  });

  it("the entries of a server are one image, where it goes by an image, which takes a slot for each volume", () => {
    const volumes = [aVolume(), aVolume({ volume: "vol-0b", sizeGiB: 100 })];
    expect(entriesOf(aTaken({ sourceImage: "ami-src", volumes }))).toMatchObject([
      { volume: "", device: "", from: "ami-src", sizeGiB: 120, slots: 2 },
    ]);
  });
});

describe("the chunks of a point", () => {
  const sized = (sizeGiB: number, nth: number) =>
    entriesOf(aTaken({ volumes: [aVolume({ sizeGiB, sourceSnapshot: `snap-${String(nth).padStart(3, "0")}` })] }));

  it("the chunks of a point have the largest volumes first, and so many entries each", () => {
    const entries = Array.from({ length: entriesPerChunk + 1 }, (_, nth) => sized(nth, nth)).flat();
    const chunks = chunksOf(point, entries);
    expect(chunks.map((chunk) => [chunk.number, chunk.entries.length])).toEqual([
      [0, entriesPerChunk],
      [1, 1],
    ]);
    expect(chunks[0]).toMatchObject({
      point: point.id,
      deadline,
      takenAt: "2026-03-02T11:30:05.000Z",
      sourcesReady: false,
    });
    expect(chunks[0]?.entries[0]?.sizeGiB).toBe(entriesPerChunk);
    expect(chunks[1]?.entries[0]?.sizeGiB).toBe(0);
  });

  it("the chunks of a point are the same whatever order the servers were read in", () => {
    const entries = [sized(8, 1), sized(8, 2), sized(16, 3)].flat();
    expect(chunksOf(point, [...entries].reverse())).toEqual(chunksOf(point, entries));
  });

  it("the chunks of a point are urgent from the opening on when nothing tells the deadline", () => {
    expect(chunksOf(theOpenPoint(), sized(1, 1))[0]?.deadline).toBe(point.openedAt);
  });
});
