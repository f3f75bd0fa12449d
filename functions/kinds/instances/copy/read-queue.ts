import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { isCopy, type SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import type { Demand } from "../../../core/instances/copy/copy-slots.ts";
import type { CopyMemory } from "../../../core/instances/copy/pass-state.ts";
import { copiesToProve, type ShownCopies } from "../../../core/instances/copy/prove-copies.ts";
import type { QueueChunk, QueueEntry } from "../../../core/instances/copy/queue.ts";
import { hasEnough, type PassFacts, type QueueView } from "../../../core/instances/copy/schedule-copies.ts";
import {
  followChunk,
  isImageEntry,
  isInFlight,
  mustLookUp,
  sourceOf,
  withSources,
} from "../../../core/instances/copy/startable.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { unlessSilent } from "../capture/replication.ts";
import { imageCopyStates } from "./copy-images.ts";

/** Chunks of one page, and pages of one pass. */
const chunksPerPage = 16;
const pagesMax = 30;

/**
 * Reads the queue as far as there is something to do, and the state of its copies: one listing of pending copies,
 * one of pending sources while some are not completed, and one look-up by tag when a reply was lost.
 */
export const readQueue = async (
  context: Context,
  run: Run,
  known: CopyMemory,
  demands: Demand[],
): Promise<PassFacts> => {
  const view: QueueView = { stored: [], chunks: [], isCut: false, pending: [], sources: null, isSilent: false };
  const facts = { run, known, demands, view };
  let [hasPending, hasSources] = [false, false];
  let after: string | undefined;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const page = await context.store.queue(run.application, chunksPerPage, after);
    const isOpen = ({ resource }: QueueChunk) => !Object.hasOwn(known.refused, resource);
    if (!hasPending && page.items.some((chunk) => isOpen(chunk) || chunk.entries.some(isInFlight))) {
      view.pending = await pendingCopies(context, run);
      hasPending = true;
    }
    if (!hasSources && page.items.some((chunk) => isOpen(chunk) && !chunk.sourcesReady)) {
      view.sources = await pendingSources(context, run);
      view.isSilent = view.sources === null;
      hasSources = true;
    }
    view.stored.push(...page.items);
    view.chunks.push(...(await followed(context, run, page.items, facts)));
    after = page.after ?? undefined;
    view.isCut = after !== undefined;
    if (!after || hasEnough(facts, context.now())) break;
  }
  return facts;
};

/** What the target Region shows of the copies that this pass must prove. */
export const readCopies = async (context: Context, run: Run, { view, known }: PassFacts): Promise<ShownCopies> => {
  const toProve = copiesToProve(view, known.proven);
  if (toProve.length === 0) return { images: new Map(), snapshots: new Map() };
  const idsOf = (entries: QueueEntry[]) => entries.flatMap(({ copy }) => copy ?? []);
  const ids = idsOf(toProve.filter(isImageEntry));
  const images = ids.length ? await imageCopyStates(context, run.target, ids) : new Map();
  const filters = [{ Name: "snapshot-id", Values: idsOf(toProve.filter((entry) => !isImageEntry(entry))) }];
  const listed = await listSnapshots(context.clients, run.target, filters);
  return { images, snapshots: new Map(listed.map((fact) => [fact.id, fact])) };
};

const followed = async (
  context: Context,
  run: Run,
  chunks: QueueChunk[],
  { known, view: { pending, sources } }: PassFacts,
): Promise<QueueChunk[]> => {
  const now = context.now();
  const shown = { pending, seen: new Set(known.seen), usualSeconds: known.usualSeconds, now };
  const first = chunks.map((chunk) => withSources(followChunk(chunk, { ...shown, found: null }), sources, now));
  const doubtful = first.flatMap(({ entries }) => entries.filter((entry) => mustLookUp(entry, now)));
  if (doubtful.length === 0) return first;
  const froms = doubtful.map(({ from }) => from);
  const found = await copiesOf(context, run, froms);
  return first.map((chunk) => followChunk(chunk, { ...shown, found }));
};

/** Pending copies of all owners: each takes slots. */
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

/** Copies of these source snapshots that the target Region shows, except those in error. */
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
