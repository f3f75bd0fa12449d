import type { SnapshotFact } from "../capture/snapshot.ts";
import { type Demand, mustPublish } from "./copy-slots.ts";
import { failedOf, isOver, ownCopies, type Pass } from "./finished-pass.ts";
import type { CopyMemory } from "./pass-state.ts";
import { copyWaitSeconds } from "./poll-interval.ts";
import { awaitedOf, furtherSlots, inFlightOf, leftOf, projectedAges, sourcesSince, unseenSlots } from "./progress.ts";

export type CopyResult = CopyMemory & {
  done: boolean;
  /** Copies that this invocation started. */
  started: number;
  /** Our copies that are pending, as far as they are known. */
  inFlight: number;
  /** Entries that wait for a slot, a source or their turn; and all that have not ended. */
  waiting: number;
  left: number;
  waitSeconds: number;
  /** Ids of the copies, and whether source snapshots too, whose events end the wait. */
  awaited: string[];
  sources: boolean;
};

/** The result, the metrics and the records of a pass. */
export type PassSummary = {
  result: CopyResult;
  /** To be written for the other applications, or null. */
  demand: Demand | null;
  metrics: { name: string; unit: "Count" | "Seconds"; value: number; resource: string }[];
  /** The ledger's entry once the copies of the run have ended, with exact counts. */
  entry: { outcome: "Copied" | "Partial"; detail: Record<string, unknown> } | null;
};

export const summaryOf = (counted: CopyMemory, pass: Pass, now: Date): PassSummary => {
  const { facts, judged, order, settled, chunks } = pass;
  const { application, target } = facts.run;
  const copies = ownCopies(facts);
  const { left, open, deadline } = leftOf(counted);
  const inFlight = inFlightOf(chunks).length;
  const waiting = Math.max(0, open - inFlight);
  const slotsWanted = waiting && waiting + furtherSlots(chunks);
  const since = sourcesSince(chunks, counted.refused, facts.view.isSilent);
  const isNews = counted.shared && mustPublish(counted.demand, slotsWanted, now);
  const demand = { waiting: slotsWanted, at: now.toISOString() };
  const result: CopyResult = {
    ...counted,
    demand: isNews ? demand : counted.demand,
    done: isOver(counted, pass),
    started: order.started,
    inFlight,
    waiting,
    left,
    waitSeconds: copyWaitSeconds({
      copies,
      usualSeconds: counted.usualSeconds,
      isQueued: waiting > 0,
      started: order.started,
      unseen: unseenSlots(chunks, facts.view.pending),
      sourcesSince: since,
      now,
    }),
    awaited: awaitedOf(chunks, copies, waiting > 0 && order.started >= judged.free),
    sources: since !== null,
  };
  return {
    result,
    demand: isNews ? { application, target, deadline, ...demand } : null,
    metrics: metricsOf(result, copies, failedOf(judged, settled), now),
    entry: result.done ? entryOf(result) : null,
  };
};

/** A metric costs by the hours in which it is sent: no failed copy, no metric. */
const metricsOf = (
  memory: CopyMemory,
  copies: SnapshotFact[],
  failed: Map<string, number>,
  now: Date,
): PassSummary["metrics"] =>
  projectedAges(memory, copies, now).flatMap(({ resource, ageSeconds, projectedSeconds }) => {
    const all = [
      { name: "FailedCopies", unit: "Count" as const, value: failed.get(resource) || null },
      { name: "RecoveryPointAgeSeconds", unit: "Seconds" as const, value: ageSeconds },
      { name: "ProjectedRecoveryPointAgeSeconds", unit: "Seconds" as const, value: projectedSeconds },
    ];
    return all.flatMap(({ value, ...metric }) => (value === null ? [] : { ...metric, value, resource }));
  });

const entryOf = ({ copied, failed, left, completed, discarded, refused, problems }: CopyResult) => {
  const reasons = Object.entries({ ...problems, ...refused }).map(([resource, because]) => `${resource}: ${because}`);
  const isPartial = left > 0 || discarded.length > 0 || reasons.length > 0;
  const detail = { copied, failed, left, completed, discarded, because: reasons.join("; ") || null };
  return { outcome: isPartial ? ("Partial" as const) : ("Copied" as const), detail };
};
