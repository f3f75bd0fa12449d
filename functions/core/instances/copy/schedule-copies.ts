import type { Run } from "../../model/run.ts";
import type { SnapshotFact } from "../capture/snapshot.ts";
import type { Demand } from "./copy-slots.ts";
import { fitting, freeSlots } from "./copy-slots.ts";
import type { CopyMemory } from "./pass-state.ts";
import { furtherSlots, inFlightOf, leftOf, unseenSlots } from "./progress.ts";
import { type Proof, proofOf, type ShownCopies } from "./prove-copies.ts";
import type { QueueChunk } from "./queue.ts";
import { type Start, startable } from "./startable.ts";

/** The stored queue, as far as there is something to do, and what the Regions show of its copies. */
export type QueueView = {
  /** As they were stored, and as they are now; in the same order. */
  stored: QueueChunk[];
  chunks: QueueChunk[];
  /** Further chunks follow the last one that was read. */
  isCut: boolean;
  /** Pending copies of the target Region, of all owners. */
  pending: SnapshotFact[];
  /** Pending source snapshots, as `startable` expects them; null = not listed, or the source Region did not respond. */
  sources: ReadonlySet<string> | null;
  isSilent: boolean;
};

/** Everything that a pass reads before it acts. `demands`: of the applications that copy into the same Region. */
export type PassFacts = {
  run: Pick<Run, "application" | "source" | "target">;
  known: CopyMemory;
  demands: Demand[];
  view: QueueView;
};

export type PassJudgement = Proof & {
  /** Copy slots that this application may take now, and the copies to start in them, in order. */
  free: number;
  starts: Start[];
  at: Date;
};

/** Decides which points are lost, which copies are to be started again, and which copies start now. */
export const judgePass = (facts: PassFacts, shown: ShownCopies, now: Date): PassJudgement => {
  const { view, known } = facts;
  const proof = proofOf(view, shown, known.proven, now);
  const proven = { ...facts, view: { ...view, chunks: proof.chunks } };
  const free = freeOf(proven, now);
  const open = startsOf(proven, now).filter(({ chunk }) => !proof.lost.has(chunk.point));
  return { ...proof, free, starts: fitting(open, free, inFlightOf(proof.chunks)), at: now };
};

/** True when enough of the queue was read for this pass: no slot is free, or some copy can start. */
export const hasEnough = (facts: PassFacts, now: Date): boolean =>
  freeOf(facts, now) === 0 || startsOf(facts, now).length > 0;

const startsOf = ({ known, view: { chunks, pending, sources } }: PassFacts, now: Date) =>
  startable(chunks, { refused: new Set(Object.keys(known.refused)), pending, sources, now });

const freeOf = ({ run, known, demands, view: { pending, chunks } }: PassFacts, now: Date): number => {
  const { open, deadline } = leftOf(known);
  return freeSlots({
    application: run.application,
    pending,
    unseen: unseenSlots(chunks, pending),
    limit: known.slots,
    demands,
    waiting: open - inFlightOf(chunks).length + furtherSlots(chunks),
    deadline,
    now,
  });
};
