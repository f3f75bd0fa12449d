import { codeOf, isPassing } from "../../aws/errors.ts";
import { createSnapshots } from "../../aws/snapshots.ts";
import { tagKeys } from "../../core/names.ts";
import type { Manifest } from "../../core/point.ts";
import { chooseSet, withSet } from "../../core/point-sets.ts";
import type { Run } from "../../core/run.ts";
import type { SnapshotFact } from "../../core/snapshot-fact.ts";
import type { Context } from "../../runtime/context.ts";

/**
 * found · started · wait: look again later · stop: AWS wants a pause, or a reply was lost, so nothing more is asked for
 * now · gone: the instance is no more · refused: trying again changes nothing.
 */
export type SetOutcome = {
  outcome: "found" | "started" | "wait" | "stop" | "gone" | "refused";
  because: string;
};

const gone = ["InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed", "IncorrectInstanceState"];
const later = ["SnapshotCreationPerVolumeRateExceeded", "ConcurrentSnapshotLimitExceeded"];

/** Gives one server its set: the one that its tags show, or, when `mayStart` says so, a new one. */
export const takeSet = async (
  context: Context,
  run: Run,
  manifest: Manifest,
  found: SnapshotFact[],
  mayStart: () => boolean,
): Promise<SetOutcome> => {
  const { server } = manifest;
  const choice = chooseSet(manifest, found, context.now());
  if (choice.action === "adopt") {
    await context.store.saveManifest(withSet(manifest, choice.set));
    return { outcome: "found", because: choice.because };
  }
  if (choice.action === "giveUp") return { outcome: "refused", because: `${server}: ${choice.because}` };
  if (choice.action === "wait") return { outcome: "wait", because: `${server}: ${choice.because}` };
  if (!mayStart()) return { outcome: "stop", because: "enough was started for now" };

  try {
    const set = await createSnapshots(context.clients, run.source, server, manifest.excluded, tagsOf(run, manifest));
    const taken = withSet(manifest, set);
    if (taken.volumes.length === 0) return { outcome: "gone", because: `${server} has none of its volumes any more` };
    await context.store.saveManifest(taken);
    return { outcome: "started", because: `${set.length} snapshots` };
  } catch (error) {
    const code = codeOf(error);
    const because = `${server}: ${code}: ${(error as Error).message}`;
    if (gone.includes(code)) return { outcome: "gone", because };
    if (later.includes(code)) return { outcome: "wait", because };
    return { outcome: isPassing(error) ? "stop" : "refused", because };
  }
};

const tagsOf = (run: Run, manifest: Manifest) => ({
  [tagKeys.application]: run.application,
  [tagKeys.resource]: manifest.resource,
  [tagKeys.point]: manifest.point,
  [tagKeys.server]: manifest.server,
  [tagKeys.sourceRegion]: run.source,
});
