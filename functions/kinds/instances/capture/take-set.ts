import { codeOf, isPassing } from "../../../aws/calls/errors.ts";
import { createSnapshots } from "../../../aws/ec2/snapshots.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import { chooseSet, withSet } from "../../../core/instances/capture/snapshot-sets.ts";
import type { Manifest } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";

/**
 * found · started: `manifest` is to be saved, `lost` are volumes that were gone · wait: poll again later · stop: AWS
 * throttles, or a reply was lost, so nothing more is requested now · out: this server cannot be snapshotted ·
 * refused: no server can.
 */
export type SetOutcome =
  | { outcome: "found" | "started"; because: string; manifest: Manifest; lost: string[] }
  | { outcome: "wait" | "stop" | "out" | "refused"; because: string };

/** A volume that was snapshotted just now, or a server that is just starting: the call may succeed a moment later. */
const later = ["SnapshotCreationPerVolumeRateExceeded", "ConcurrentSnapshotLimitExceeded", "IncorrectInstanceState"];
/** An error with one of these codes would meet every server. */
const forAll = [
  "SnapshotLimitExceeded",
  "UnauthorizedOperation",
  "AuthFailure",
  "OptInRequired",
  "PendingVerification",
];

/** Gives one server its set: the one that its tags show, or, when `mayStart` says so, a new one. `own`: the plan's tags. */
export const takeSet = async (
  context: Context,
  run: Run,
  manifest: Manifest,
  found: SnapshotFact[],
  mayStart: () => boolean,
  own: Record<string, string> = {},
): Promise<SetOutcome> => {
  const { server } = manifest;
  const choice = chooseSet(manifest, found, context.now());
  if (choice.action === "adopt") return outcomeOf("found", manifest, choice.set);
  if (choice.action === "giveUp") return { outcome: "out", because: `${server}: ${choice.because}` };
  if (choice.action === "wait") return { outcome: "wait", because: `${server}: ${choice.because}` };
  if (!mayStart()) return { outcome: "stop", because: "enough was started for now" };

  try {
    const set = await createSnapshots(context.clients, run.source, server, manifest.excluded, {
      ...own,
      ...tagsOf(run, manifest),
    });
    return outcomeOf("started", manifest, set);
  } catch (error) {
    return refusalOf(server, error);
  }
};

/** The outcome for a server whose set could not be taken. */
export const refusalOf = (server: string, error: unknown): SetOutcome => {
  const code = codeOf(error);
  const because = `${server}: ${code}: ${(error as Error).message}`;
  if (later.includes(code)) return { outcome: "wait", because };
  if (isPassing(error)) return { outcome: "stop", because };
  return { outcome: forAll.includes(code) ? "refused" : "out", because };
};

export const outcomeOf = (outcome: "found" | "started", manifest: Manifest, set: SnapshotFact[]): SetOutcome => {
  const { server } = manifest;
  const taken = withSet(manifest, set);
  if (taken.volumes.length === 0) return { outcome: "out", because: `${server} has none of its volumes any more` };
  const kept = new Set(taken.volumes.map(({ volume }) => volume));
  const lost = manifest.volumes.flatMap(({ volume }) => (kept.has(volume) ? [] : `${volume} of ${server}`));
  return { outcome, because: `${set.length} snapshots`, manifest: taken, lost };
};

/** Tags of a set. */
export const tagsOf = (run: Run, manifest: Manifest) => ({
  [tagKeys.application]: run.application,
  [tagKeys.resource]: manifest.resource,
  [tagKeys.point]: manifest.point,
  [tagKeys.server]: manifest.server,
  [tagKeys.sourceRegion]: run.source,
});
