import type { QueueChunk, QueueEntry } from "../../functions/core/instances/copy/queue.ts";

export const anEntry = (over: Partial<QueueEntry> = {}): QueueEntry => ({
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
  ...over,
});

/** An entry whose copy was asked for, and, with `ended`, is no longer pending. */
export const anAsked = (over: Partial<QueueEntry> = {}): QueueEntry =>
  anEntry({ askedAt: "2026-03-02T11:50:00.000Z", copy: "snap-dst-a", ...over });

/** Entries of volumes a, b, ... of one server: sources snap-a, snap-b, ... */
export const someEntries = (names: string[], over: Partial<QueueEntry> = {}): QueueEntry[] =>
  names.map((name) => anEntry({ volume: `vol-${name}`, device: `/dev/sd${name}`, from: `snap-${name}`, ...over }));

export const aChunk = (over: Partial<QueueChunk> = {}): QueueChunk => ({
  application: "shop",
  resource: "web",
  point: "web.20260302T113000Z",
  number: 0,
  deadline: "2026-03-02T12:30:00.000Z",
  takenAt: "2026-03-02T11:30:05.000Z",
  sourcesReady: true,
  entries: [anEntry()],
  ...over,
});
