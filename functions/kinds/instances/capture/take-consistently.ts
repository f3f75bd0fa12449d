import type { Budget } from "../../../core/budget.ts";
import type { CaptureProgress } from "../../../core/instances/capture/capture-progress.ts";
import { isFrozen } from "../../../core/instances/capture/consistency.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import type { Manifest } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { counted } from "../../../core/tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { type Documents, freezeServers, thaw } from "./consistency.ts";
import { type Slice, type SliceResult, takeSlice } from "./snapshot-sets.ts";

/** Servers that are frozen at the same time: few, as each is frozen until the snapshots of all of them are taken. */
export const frozenAtOnceMax = 20;

/** A server with work left: it lacks its set, or a pass that died left it frozen. */
export const isUnfinished = (manifest: Manifest) => !manifest.takenAt || isFrozen(manifest);

/**
 * As `takeSlice`, with the applications frozen before and thawed after, also when the snapshots failed. A server that
 * must be snapshotted again later is frozen again then. Safe to run twice.
 */
export const takeConsistently = async (
  context: Context,
  run: Run,
  documents: Documents,
  slice: Slice,
  sets: Map<string, SnapshotFact[]>,
  budget: Budget,
): Promise<SliceResult> => {
  const forgotten = slice.lacking.filter(({ takenAt }) => takenAt);
  const lacking = slice.lacking.filter(({ takenAt }) => !takenAt);
  const { ready, pending } = await freezeServers(context, run, documents, lacking);
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
  const ended = await thaw(context, run, documents, toRelease);

  const progress = ended.reduce(withOutcome, taken.progress);
  if (taken.action === "refused") return { ...taken, progress };
  const isLeft = pending + making.size > 0 || ended.length < toRelease.length;
  return isLeft
    ? { ...taken, action: "again", progress: { ...progress, after: slice.progress.after } }
    : { ...taken, progress };
};

const serverOf = ({ server }: Manifest) => server;

/** An image's snapshots begin after EC2's reply: its server stays frozen until they are visible, within its limit. */
const mayWait = ({ consistency }: Manifest) => consistency?.state === "frozen" && !consistency.because;

const withOutcome = (progress: CaptureProgress, { server, takenAt, consistency }: Manifest): CaptureProgress =>
  takenAt && consistency?.state === "crash"
    ? { ...progress, inconsistent: counted(progress.inconsistent, `${server}: ${consistency.because}`) }
    : progress;
