import { tagKeys } from "../../names.ts";
import type { SnapshotFact } from "../capture/snapshot.ts";
import type { CopyMemory } from "./pass-state.ts";
import { agesOf, type ResourceFacts, remainingSeconds } from "./projection.ts";
import type { QueueChunk, QueueEntry } from "./queue.ts";
import { isImageEntry, isInFlight, sourceOf } from "./startable.ts";

/** Passes of one run; the next run continues. The history of an execution needs room for failures and retries. [SFN:service-quotas] */
export const copyPassesMax = 1_200;
/** Replies lost in a row, with nothing in flight, after which a run leaves what waits to the next one. */
const lostRepliesMax = 5;

const entriesOf = (chunks: QueueChunk[]): QueueEntry[] => chunks.flatMap(({ entries }) => entries);

export const inFlightOf = (chunks: QueueChunk[]): QueueEntry[] => entriesOf(chunks).filter(isInFlight);

/**
 * Ids of the copies whose end is worth another poll: every one while something waits for their slots, else only the one that
 * has the longest way to go.
 */
export const awaitedOf = (chunks: QueueChunk[], copies: SnapshotFact[], isQueued: boolean): string[] => {
  const progress = new Map(copies.map(({ id, progress }) => [id, progress]));
  const ids = inFlightOf(chunks)
    .flatMap(({ copy }) => copy ?? [])
    .sort((a, b) => (progress.get(a) ?? 0) - (progress.get(b) ?? 0) || a.localeCompare(b));
  return ids.slice(0, isQueued ? awaitedMax : 1);
};
const awaitedMax = 40;

/** Slots beyond one each of the entries that wait: an image takes as many as it has volumes. */
export const furtherSlots = (chunks: QueueChunk[]): number =>
  entriesOf(chunks).reduce((sum, { askedAt, ended, slots }) => sum + (askedAt === null && !ended ? slots - 1 : 0), 0);

/** Slots of copies that were started, and that no listing shows yet. */
export const unseenSlots = (chunks: QueueChunk[], pending: SnapshotFact[]): number => {
  const shown = new Set(
    pending.flatMap(({ id, tags }) => [id, sourceOf(tags[tagKeys.point] ?? "", tags[tagKeys.server] ?? "")]),
  );
  const isShown = (chunk: QueueChunk, entry: QueueEntry) =>
    shown.has(isImageEntry(entry) ? sourceOf(chunk.point, entry.server) : (entry.copy ?? ""));
  return chunks.reduce(
    (sum, chunk) =>
      chunk.entries.reduce((own, entry) => own + (isInFlight(entry) && !isShown(chunk, entry) ? entry.slots : 0), sum),
    0,
  );
};

/** Entries that have ended since they were stored, by resource. */
export const endedSince = (stored: QueueChunk[], chunks: QueueChunk[]) =>
  chunks.flatMap((chunk, index) =>
    chunk.entries
      .filter((entry, at) => entry.ended && !stored[index]?.entries[at]?.ended)
      .map(({ askedAt }) => ({ resource: chunk.resource, askedAt: askedAt ?? "" })),
  );

/** True when no entry of this point is left in the queue, as far as it was read. Chunks are in the order of deadline and point. */
export const hasLeftQueue = (
  settling: { point: string; deadline: string },
  chunks: QueueChunk[],
  isCut: boolean,
): boolean => {
  const open = chunks.filter(({ entries }) => entries.some(({ ended }) => !ended));
  if (open.some(({ point }) => point === settling.point)) return false;
  const isBehind = ({ deadline, point }: QueueChunk) =>
    deadline > settling.deadline || (deadline === settling.deadline && point > settling.point);
  return !isCut || chunks.some(isBehind);
};

/** Points to settle: those of earlier passes, and those of which a chunk has ended now. */
export const settlingOf = (settling: CopyMemory["settling"], chunks: QueueChunk[]): CopyMemory["settling"] => {
  const byPoint = new Map(settling.map((one) => [one.point, one]));
  for (const { point, deadline, entries } of chunks)
    if (entries.every(({ ended }) => ended)) byPoint.set(point, { point, deadline });
  return [...byPoint.values()];
};

export type RunState = {
  chunks: QueueChunk[];
  isCut: boolean;
  isSilent: boolean;
  refused: Record<string, string>;
  settling: number;
  passes: number;
  lostReplies: number;
};

/** True when a further pass of this run has nothing to do, or may not go on. */
export const isDone = ({ chunks, isCut, isSilent, refused, settling, passes, lostReplies }: RunState): boolean => {
  if (passes >= copyPassesMax) return true;
  if (entriesOf(chunks).some((entry) => isInFlight(entry) && entry.copy !== null)) return false;
  if (lostReplies >= lostRepliesMax) return true;
  const mayGoOn = ({ resource, sourcesReady }: QueueChunk) =>
    !Object.hasOwn(refused, resource) && (sourcesReady || !isSilent);
  const isWaiting = (chunk: QueueChunk) => mayGoOn(chunk) && chunk.entries.some(({ ended }) => !ended);
  return settling === 0 && !isCut && !chunks.some(isWaiting) && !entriesOf(chunks).some(isInFlight);
};

/** Age of the newest complete point of each resource, and the age that it will have when the next one takes its place. */
export const projectedAges = (
  { resources, since, copied }: Pick<CopyMemory, "resources" | "since" | "copied">,
  copies: SnapshotFact[],
  now: Date,
) => {
  const halfDone = copies.reduce((sum, { progress }) => sum + progress / 100, 0);
  const all = Object.values(resources);
  return Object.entries(resources).map(([resource, facts]) => {
    const done = { since, copies: copied > 0 ? copied + halfDone : 0 };
    const remaining = remainingSeconds(facts, all, halfDone, done, now);
    return { resource, ...agesOf(facts, remaining, now) };
  });
};

/** Entries that have not ended: all, and those that AWS copies, with the time when the first of them must be done. */
export const leftOf = ({ resources, refused }: Pick<CopyMemory, "resources" | "refused">) => {
  const sum = (all: [string, ResourceFacts][]) => all.reduce((total, [, { left }]) => total + left, 0);
  const all = Object.entries(resources);
  const open = all.filter(([name, { left }]) => left > 0 && !Object.hasOwn(refused, name));
  const [deadline] = open.flatMap(([, facts]) => facts.deadline ?? []).sort();
  return { left: sum(all), open: sum(open), deadline: deadline ?? null };
};

/** Since when sources are pending that could be copied once they are completed; null = none is known to be. */
export const sourcesSince = (
  chunks: QueueChunk[],
  refused: Record<string, string>,
  isSilent: boolean,
): string | null => {
  const pending = isSilent
    ? []
    : chunks.filter((chunk) => !chunk.sourcesReady && !Object.hasOwn(refused, chunk.resource));
  const [first] = pending.map(({ takenAt }) => takenAt).sort();
  return first ?? null;
};
