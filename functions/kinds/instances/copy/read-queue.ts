import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { secondsSince } from "../../../core/clock/time.ts";
import { visibleSeconds } from "../../../core/clock/visibility.ts";
import { isCopy, type SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import type { QueueChunk } from "../../../core/instances/copy/queue.ts";
import {
  followChunk,
  isImage,
  isInDoubt,
  isInFlight,
  sourceOf,
  startable,
  withSources,
} from "../../../core/instances/copy/schedule.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { unlessSilent } from "../capture/replication.ts";

/** Chunks of one page, and pages of one pass. */
const chunksPerPage = 16;
const pagesMax = 30;

export type QueueLook = {
  /** As they were stored, and as they are now; in the same order. */
  stored: QueueChunk[];
  chunks: QueueChunk[];
  /** Chunks stand behind the last one that was read. */
  isCut: boolean;
  /** Pending copies of the target Region, anybody's. */
  pending: SnapshotFact[];
  /** Pending source snapshots, as core/copy-queue.ts wants them; null = not asked, or no answer. */
  sources: ReadonlySet<string> | null;
  isSilent: boolean;
};

type Asked = {
  seen: ReadonlySet<string>;
  usualSeconds: number | null;
  refused: ReadonlySet<string>;
  /** Copies that may start, given what is pending and queued. */
  free: (look: QueueLook) => number;
};

/**
 * Reads the queue as far as there is something to do, and what the Regions show of it: one listing of pending copies,
 * one of pending sources while some were not completed yet, and one look-up when a reply was lost.
 */
export const lookAtQueue = async (context: Context, run: Run, asked: Asked): Promise<QueueLook> => {
  const { refused, free } = asked;
  const look: QueueLook = { stored: [], chunks: [], isCut: false, pending: [], sources: null, isSilent: false };
  let [hasPending, hasSources] = [false, false];
  let after: string | undefined;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const page = await context.store.queue(run.application, chunksPerPage, after);
    const own = page.items;
    const isOpen = ({ resource }: QueueChunk) => !refused.has(resource);
    if (!hasPending && own.some((chunk) => isOpen(chunk) || chunk.entries.some(isInFlight))) {
      look.pending = await pendingCopies(context, run);
      hasPending = true;
    }
    if (!hasSources && own.some((chunk) => isOpen(chunk) && !chunk.sourcesReady)) {
      look.sources = await pendingSources(context, run);
      look.isSilent = look.sources === null;
      hasSources = true;
    }
    look.stored.push(...own);
    look.chunks.push(...(await followed(context, run, own, look, asked)));
    after = page.after ?? undefined;
    look.isCut = after !== undefined;
    const { chunks, pending, sources } = look;
    if (!after || free(look) === 0) break;
    if (startable(chunks, { refused, pending, sources, now: context.now() }).length > 0) break;
  }
  return look;
};

const followed = async (
  context: Context,
  run: Run,
  chunks: QueueChunk[],
  { pending, sources }: QueueLook,
  { seen, usualSeconds }: Asked,
): Promise<QueueChunk[]> => {
  const now = context.now();
  const shown = { pending, seen, usualSeconds, now };
  const first = chunks.map((chunk) => withSources(followChunk(chunk, { ...shown, found: null }), sources, now));
  const entries = first.flatMap((chunk) => chunk.entries);
  const doubted = entries.filter(
    (entry) => isInDoubt(entry) && !isImage(entry) && secondsSince(entry.askedAt ?? "", now) >= visibleSeconds,
  );
  if (doubted.length === 0) return first;
  const found = await copiesOf(
    context,
    run,
    doubted.map(({ from }) => from),
  );
  return first.map((chunk) => followChunk(chunk, { ...shown, found }));
};

/** Ours and anybody's: all of them take slots. */
const pendingCopies = async ({ clients }: Context, run: Run): Promise<SnapshotFact[]> => {
  const pending = await listSnapshots(clients, run.target, [{ Name: "status", Values: ["pending"] }]);
  return pending.filter(isCopy);
};

const pendingSources = async (context: Context, run: Run): Promise<ReadonlySet<string> | null> => {
  const filters = [
    { Name: `tag:${tagKeys.application}`, Values: [run.application] },
    { Name: "status", Values: ["pending"] },
  ];
  const found = await unlessSilent(context, run, () => listSnapshots(context.clients, run.source, filters));
  const serverOf = ({ tags }: SnapshotFact) => sourceOf(tags[tagKeys.point] ?? "", tags[tagKeys.server] ?? "");
  return found && new Set(found.flatMap((source) => [source.id, serverOf(source)]));
};

/** Copies of these source snapshots that the target Region shows, whatever their state. */
const copiesOf = async ({ clients }: Context, run: Run, sources: string[]): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  const filters = [
    { Name: `tag:${tagKeys.application}`, Values: [run.application] },
    { Name: `tag:${tagKeys.sourceSnapshot}`, Values: sources },
  ];
  for (const copy of await listSnapshots(clients, run.target, filters))
    if (copy.state !== "error") found.set(copy.tags[tagKeys.sourceSnapshot] ?? "", copy.id);
  return found;
};
