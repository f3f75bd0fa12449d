import type { Budget } from "../../../core/budget.ts";
import type { Taking } from "../../../core/instances/capture/capture-progress.ts";
import { isHeld } from "../../../core/instances/capture/consistency.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import type { Manifest } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { counted } from "../../../core/tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { type Documents, letGoOn, makeReady } from "./consistency.ts";
import { type Slice, type SliceTaken, takeSlice } from "./snapshot-sets.ts";

/** Servers that stand still at the same time: few, as each does so until the snapshots of all of them are taken. */
export const heldAtOnceMax = 20;

/** A server of which something is still to be done: it lacks its set, or was left standing still by a pass that died. */
export const isUnfinished = (manifest: Manifest) => !manifest.takenAt || isHeld(manifest);

/**
 * As `takeSlice`, with the applications brought into a consistent state before, and let go on after, whatever became of
 * the snapshots. A server that must be snapshotted again later is asked again then. Safe to run twice.
 */
export const takeConsistently = async (
  context: Context,
  run: Run,
  documents: Documents,
  slice: Slice,
  sets: Map<string, SnapshotFact[]>,
  budget: Budget,
): Promise<SliceTaken> => {
  const forgotten = slice.lacking.filter(({ takenAt }) => takenAt);
  const lacking = slice.lacking.filter(({ takenAt }) => !takenAt);
  const { ready, pending } = await makeReady(context, run, documents, lacking);
  const taken = await takeSlice(
    context,
    run,
    { ...slice, lacking: ready, end: slice.end && pending === 0 },
    sets,
    budget,
  );
  const now = new Map([...ready, ...taken.changed].map((manifest) => [manifest.server, manifest]));
  const making = new Set(ready.filter((one) => taken.making.includes(one.server) && mayWait(one)).map(serverOf));
  const toRelease = [...forgotten, ...now.values()].filter(({ server }) => !making.has(server));
  const ended = await letGoOn(context, run, documents, toRelease);

  const taking = ended.reduce(withOutcome, taken.taking);
  if (taken.action === "refused") return { ...taken, taking };
  const isLeft = pending + making.size > 0 || ended.length < toRelease.length;
  return isLeft
    ? { ...taken, action: "again", taking: { ...taking, after: slice.taking.after } }
    : { ...taken, taking };
};

const serverOf = ({ server }: Manifest) => server;

/** An image's snapshots begin after EC2's reply: its server stands still until they are seen, as long as it may. */
const mayWait = ({ consistency }: Manifest) => consistency?.state === "frozen" && !consistency.because;

const withOutcome = (taking: Taking, { server, takenAt, consistency }: Manifest): Taking =>
  takenAt && consistency?.state === "crash"
    ? { ...taking, inconsistent: counted(taking.inconsistent, `${server}: ${consistency.because}`) }
    : taking;
