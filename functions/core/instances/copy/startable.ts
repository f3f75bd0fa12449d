import { secondsSince } from "../../clock/time.ts";
import { doubtSeconds, visibleSeconds } from "../../clock/visibility.ts";
import { tagKeys } from "../../names.ts";
import type { SnapshotFact } from "../capture/snapshot.ts";
import type { QueueChunk, QueueEntry } from "./queue.ts";

/** Where copies end within seconds: a longer wait would cost more than one copy that is counted too early. */
const quickSeconds = 3;

/** The copies that the target Region shows. */
export type CopyObservations = {
  /** Pending copies of all owners. */
  pending: SnapshotFact[];
  /** Ids of copies that were pending at the last poll: one that is missing now has ended. */
  seen: ReadonlySet<string>;
  /** Source snapshot -> its copy, as far as it was looked up by tag for the entries in doubt; null = not looked up. */
  found: ReadonlyMap<string, string> | null;
  /** Mean time of the copies of this run; null = none has ended. */
  usualSeconds: number | null;
  now: Date;
};

export const isInFlight = ({ askedAt, ended }: QueueEntry) => askedAt !== null && !ended;
/** Requested, but the reply was lost: a copy may exist. */
export const isInDoubt = (entry: QueueEntry) => isInFlight(entry) && entry.copy === null;
/** A doubt that is old enough to be resolved: its copy would be visible by now, and is looked up by its tags. */
export const mustLookUp = (entry: QueueEntry, now: Date) =>
  isInDoubt(entry) && !isImageEntry(entry) && ageSeconds(entry.askedAt, now) >= visibleSeconds;
/** The image of an image-based server: a copy of its own kind. */
export const isImageEntry = ({ volume }: QueueEntry) => volume === "";

const ageSeconds = (at: string | null, now: Date) => secondsSince(at ?? "", now);

/** The chunk as the Region shows it now; the same object when nothing has changed. */
export const followChunk = (chunk: QueueChunk, observed: CopyObservations): QueueChunk => {
  const entries = chunk.entries.map((entry) => followEntry(entry, observed));
  return entries.every((entry, at) => entry === chunk.entries[at]) ? chunk : { ...chunk, entries };
};

const followEntry = (entry: QueueEntry, { pending, seen, found, usualSeconds, now }: CopyObservations): QueueEntry => {
  if (!isInFlight(entry)) return entry;
  const age = ageSeconds(entry.askedAt, now);
  // a copy of an image has a client token: a repeated request returns the same one
  if (isImageEntry(entry)) return entry.copy === null && age >= visibleSeconds ? { ...entry, askedAt: null } : entry;
  if (entry.copy === null) {
    const shown = pending.find(({ tags }) => tags[tagKeys.sourceSnapshot] === entry.from)?.id ?? found?.get(entry.from);
    if (shown) return { ...entry, copy: shown };
    return found && age >= doubtSeconds ? { ...entry, askedAt: null } : entry;
  }
  if (pending.some(({ id }) => id === entry.copy)) return entry;
  const shownBy = usualSeconds !== null && usualSeconds < visibleSeconds ? quickSeconds : visibleSeconds;
  return seen.has(entry.copy) || age >= shownBy ? { ...entry, ended: true } : entry;
};

/** One entry that may start, by its place. */
export type Start = { chunk: QueueChunk; at: number; entry: QueueEntry };

export type StartConditions = {
  /** Resources whose copies AWS refuses. */
  refused: ReadonlySet<string>;
  pending: SnapshotFact[];
  /** Pending source snapshots, by id and as `sourceOf` says; null = not known. */
  sources: ReadonlySet<string> | null;
  now: Date;
};

/**
 * The copies that may start, in the order of the chunks: earliest deadline first, and within a point as it was written, largest
 * first. Never a second copy of a volume of which one is pending. [EBS:ebs-copy-snapshot]
 */
export const startable = (chunks: QueueChunk[], { refused, pending, sources, now }: StartConditions): Start[] => {
  const busy = new Set(pending.flatMap(({ tags }) => tags[tagKeys.volume] ?? []));
  for (const { entries } of chunks)
    for (const entry of entries) if (isInFlight(entry)) busy.add(entry.volume || entry.server);

  const found: Start[] = [];
  for (const chunk of chunks) {
    if (refused.has(chunk.resource)) continue;
    for (const [at, entry] of chunk.entries.entries()) {
      const busyKey = entry.volume || entry.server;
      if (entry.askedAt !== null || entry.ended || busy.has(busyKey) || !isReady(chunk, entry, sources, now)) continue;
      busy.add(busyKey);
      found.push({ chunk, at, entry });
    }
  }
  return found;
};

const isReady = (chunk: QueueChunk, entry: QueueEntry, sources: ReadonlySet<string> | null, now: Date) =>
  chunk.sourcesReady ||
  (sources !== null &&
    !sources.has(isImageEntry(entry) ? sourceOf(chunk.point, entry.server) : entry.from) &&
    ageSeconds(chunk.takenAt, now) >= visibleSeconds);

/** The name in `sources` for the pending snapshots of an image-based server: its entry has the id of the image only. */
export const sourceOf = (point: string, server: string) => `${point} ${server}`;

/** The chunk once none of its sources is pending any more: they need not be listed again. */
export const withSources = (chunk: QueueChunk, sources: ReadonlySet<string> | null, now: Date): QueueChunk =>
  !chunk.sourcesReady && chunk.entries.every((entry) => isReady(chunk, entry, sources, now))
    ? { ...chunk, sourcesReady: true }
    : chunk;

/** The chunks with some of their entries changed; chunks without any stay the same objects. */
export const withEntries = (
  chunks: QueueChunk[],
  starts: readonly Start[],
  change: (entry: QueueEntry, start: Start) => QueueEntry,
): QueueChunk[] =>
  chunks.map((chunk) => {
    const own = starts.filter((start) => isSame(start.chunk, chunk));
    if (own.length === 0) return chunk;
    const byPlace = new Map(own.map((start) => [start.at, start]));
    const entries = chunk.entries.map((entry, at) => {
      const start = byPlace.get(at);
      return start ? change(entry, start) : entry;
    });
    return { ...chunk, entries };
  });

const isSame = (a: QueueChunk, b: QueueChunk) => a.point === b.point && a.number === b.number;
