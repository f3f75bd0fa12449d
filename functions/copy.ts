import * as z from "zod/mini";
import { freeSlots } from "./core/instances/copy/concurrency.ts";
import { type CopyMemory, freshMemory, mustCount, remember } from "./core/instances/copy/pass-state.ts";
import { copyWaitSeconds } from "./core/instances/copy/poll-interval.ts";
import {
  awaitedOf,
  endedSince,
  furtherSlots,
  inFlightOf,
  isDone,
  leftOf,
  sourcesSince,
  unseenSlots,
} from "./core/instances/copy/progress.ts";
import type { QueueChunk } from "./core/instances/copy/queue.ts";
import type { Run } from "./core/model/run.ts";
import { tagKeys } from "./core/names.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { registerEarly } from "./kinds/instances/catalog/early-images.ts";
import { judgeSources } from "./kinds/instances/copy/check-sources.ts";
import { countQueue } from "./kinds/instances/copy/count-queue.ts";
import { readWishes, tellDemand } from "./kinds/instances/copy/demand.ts";
import { endPoints } from "./kinds/instances/copy/end-points.ts";
import { proveEnded } from "./kinds/instances/copy/prove-copies.ts";
import { lookAtQueue, type QueueLook } from "./kinds/instances/copy/read-queue.ts";
import { tellCopies, tellPass } from "./kinds/instances/copy/report-pass.ts";
import { startNext } from "./kinds/instances/copy/start-copies.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Before = z.object({ value: z.custom<CopyResult>((value) => value !== undefined) });
const Input = z.object({ run: RunInput, lease: LeaseInput, copy: z.optional(Before) });

export type CopyResult = CopyMemory & {
  done: boolean;
  /** Copies that this invocation asked for. */
  started: number;
  /** Copies of ours that are pending, as far as they are known. */
  inFlight: number;
  /** Entries that wait for a slot, a source or their turn; and all that have not ended. */
  waiting: number;
  left: number;
  waitSeconds: number;
  /** Ids of the copies, and whether source snapshots too, whose events end the wait. */
  awaited: string[];
  sources: boolean;
};

/**
 * Keeps the copy slots of the target Region full from the stored queue, earliest deadline first, and settles a point
 * when all its copies have ended; images of servers whose copies are whole are registered meanwhile. What a lost reply hides is found by its tags, so that it is safe to run twice.
 */
export const copy = async (
  { run, lease, copy: before }: z.infer<typeof Input>,
  context: Context,
): Promise<CopyResult> => {
  const startedAt = context.now();
  const { plan } = await beginStep(context, run, lease.value);
  const earlier: CopyMemory = before?.value ?? freshMemory;
  const known = mustCount(earlier) ? await countQueue(context, run, plan, earlier) : earlier;
  const wishes = await readWishes(context, run, known);

  const free = ({ pending, chunks }: QueueLook) =>
    freeSlots({
      application: run.application,
      pending,
      unseen: unseenSlots(chunks, pending),
      limit: known.slots,
      wishes,
      waiting: leftOf(known).open - inFlightOf(chunks).length + furtherSlots(chunks),
      deadline: leftOf(known).deadline,
      now: context.now(),
    });
  const { usualSeconds } = known;
  const [seen, refused] = [new Set(known.seen), new Set(Object.keys(known.refused))];
  const look = await lookAtQueue(context, run, { seen, refused, usualSeconds, free });
  const proof = await proveEnded(context, run, look, known.proven);
  const proven = { ...look, chunks: proof.chunks };
  const slots = free(proven);
  const order = await startNext(context, run, plan, known, proven, { free: slots, lost: proof.lost });
  const sources = await judgeSources(context, run, order);
  const lost = new Map([...proof.lost, ...sources.lost]);
  const at = { chunks: sources.chunks, isCut: look.isCut, startedAt };
  const points = await endPoints(context, run, known, lost, at);
  await registerEarly(context, run, plan, { ...at, settling: points.settling });

  const now = context.now();
  const chunks = sources.chunks.filter(({ point }) => !lost.has(point));
  const copies = look.pending.filter(({ tags }) => tags[tagKeys.application] === run.application);
  const failed = sumOf(proof.failed, points.failed);
  const silent = look.isSilent ? silenceOf(chunks, run) : {};
  const memory = remember(
    known,
    {
      ...order,
      ...points,
      failed,
      proven: proof.proven,
      seen: copies.map(({ id }) => id),
      ended: endedSince(look.stored, proof.chunks),
      inFlight: look.pending.length + order.started,
      problems: { ...silent, ...order.problems, ...points.problems },
    },
    now,
  );
  const isNews = points.completed.length + points.discarded.length + points.requeued > 0;
  const standing = (known: CopyMemory) =>
    isDone({ ...known, ...look, chunks, settling: known.settling.length + points.requeued });
  // a pass that died may have ended the last copies of a point: only a count tells that nobody settled it
  const mustLook = isNews || (!mustCount(earlier) && standing(memory));
  const counted = mustLook ? await countQueue(context, run, plan, memory) : memory;
  const { left, open, deadline } = leftOf(counted);
  const inFlight = inFlightOf(chunks);
  const waiting = Math.max(0, open - inFlight.length);
  const since = sourcesSince(chunks, counted.refused, look.isSilent);
  const result: CopyResult = {
    ...counted,
    demand: await tellDemand(context, run, counted, waiting && waiting + furtherSlots(chunks), deadline),
    done: standing(counted),
    started: order.started,
    inFlight: inFlight.length,
    waiting,
    left,
    waitSeconds: copyWaitSeconds({
      copies,
      usualSeconds: counted.usualSeconds,
      isQueued: waiting > 0,
      started: order.started,
      unseen: unseenSlots(chunks, look.pending),
      sourcesSince: since,
      now,
    }),
    awaited: awaitedOf(chunks, copies, waiting > 0 && order.started >= slots),
    sources: since !== null,
  };
  tellPass(context, run, result, { copies, failed });
  if (result.done) await tellCopies(context, run, startedAt, result, left);
  return result;
};

export const handler = step("copy", Input, copy);

const sumOf = (...all: ReadonlyMap<string, number>[]) => {
  const sum = new Map<string, number>();
  for (const [name, count] of all.flatMap((one) => [...one])) sum.set(name, (sum.get(name) ?? 0) + count);
  return sum;
};

/** Copies in progress are still followed; what has no copy yet is left to the next run. */
const silenceOf = (chunks: QueueChunk[], { source }: Run): Record<string, string> =>
  Object.fromEntries(
    chunks.filter(({ sourcesReady }) => !sourcesReady).map(({ resource }) => [resource, `${source} gave no answer`]),
  );
