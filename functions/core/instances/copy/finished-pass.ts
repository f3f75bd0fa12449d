import { tagKeys } from "../../names.ts";
import { type CopyMemory, mustCount, remember } from "./pass-state.ts";
import { endedSince, isDone } from "./progress.ts";
import type { QueueChunk } from "./queue.ts";
import type { PassFacts, PassJudgement } from "./schedule-copies.ts";

/** Result of starting copies. `keys`, `refused` and `problems` by resource. */
export type Started = Pick<CopyMemory, "keys" | "refused" | "problems"> & {
  started: number;
  isFull: boolean;
  isLost: boolean;
};

/** Result of settling points. `failed`: resource -> copies found in error; `requeued`: entries back in the queue. */
export type Settled = Pick<CopyMemory, "completed" | "discarded" | "problems" | "settling"> & {
  failed: Map<string, number>;
  requeued: number;
};

/** One pass after its acts. `chunks`: the queue without lost points. */
export type Pass = {
  facts: PassFacts;
  judged: PassJudgement;
  order: Started;
  settled: Settled;
  chunks: QueueChunk[];
};

/** The memory for the next pass. */
export const memoryAfter = ({ facts, judged, order, settled, chunks }: Pass, now: Date): CopyMemory => {
  const { view, known } = facts;
  const unready = view.isSilent ? chunks.filter(({ sourcesReady }) => !sourcesReady) : [];
  const silent = Object.fromEntries(unready.map(({ resource }) => [resource, `${facts.run.source} did not respond`]));
  const { completed, discarded, settling } = settled;
  return remember(
    known,
    {
      ...order,
      completed,
      discarded,
      settling,
      failed: failedOf(judged, settled),
      proven: judged.proven,
      seen: ownCopies(facts).map(({ id }) => id),
      ended: endedSince(view.stored, judged.chunks),
      inFlight: view.pending.length + order.started,
      problems: { ...silent, ...order.problems, ...settled.problems },
    },
    now,
  );
};

/** True when the queue must be counted again. A pass that died may have left a point unsettled: only a count shows it. */
export const mustRecount = (earlier: CopyMemory, memory: CopyMemory, pass: Pass): boolean => {
  const { completed, discarded, requeued } = pass.settled;
  return completed.length + discarded.length + requeued > 0 || (!mustCount(earlier) && isOver(memory, pass));
};

/** True when no further pass is needed, or allowed. */
export const isOver = (memory: CopyMemory, { facts: { view }, settled, chunks }: Pass) =>
  isDone({ ...memory, ...view, chunks, settling: memory.settling.length + settled.requeued });

/** Pending copies of this application. */
export const ownCopies = ({ run, view }: PassFacts) =>
  view.pending.filter(({ tags }) => tags[tagKeys.application] === run.application);

/** Resource -> copies that this pass found in error. */
export const failedOf = (judged: PassJudgement, settled: Settled): Map<string, number> => {
  const failed = new Map(judged.failed);
  for (const [resource, count] of settled.failed) failed.set(resource, (failed.get(resource) ?? 0) + count);
  return failed;
};
