import { secondsSince } from "../../clock/time.ts";
import { unseenSeconds } from "../../clock/visibility.ts";
import type { Manifest } from "../../model/recovery-point.ts";
import { byAge, type SnapshotFact } from "./snapshot.ts";

/** Sets of one server that may end in `error` before the server is left out. */
const failedSetsMax = 3;

export type SetChoice =
  | { action: "adopt"; code: "Found"; because: string; set: SnapshotFact[] }
  | { action: "wait" | "create" | "giveUp"; code: string; because: string };

/**
 * The next action for a server that has no set on record yet, given its source snapshots of this point: the snapshots of one
 * CreateSnapshots call have one StartTime, and nothing else holds them together. [EBS:ebs-create-snapshots]
 */
export const chooseSet = (manifest: Manifest, found: SnapshotFact[], now: Date): SetChoice => {
  const sets = [...Map.groupBy([...found].sort(byAge), ({ startedAt }) => startedAt).values()];
  const sound = sets.filter((set) => set.every(({ state }) => state !== "error"));
  const whole = sound.find((set) => manifest.volumes.every(({ volume }) => set.some((one) => one.volume === volume)));
  if (whole)
    return { action: "adopt", code: "Found", because: `its set of ${startOf(whole)} was found by tag`, set: whole };

  const young = sound.find((set) => secondsSince(startOf(set), now) < unseenSeconds);
  if (young)
    return { action: "wait", code: "Partial", because: `its set of ${startOf(young)} is not completely visible yet` };

  const failed = sets.filter((set) => !sound.includes(set));
  if (failed.length >= failedSetsMax) {
    const reason = failed.flat().find(({ because }) => because)?.because ?? "no reason given";
    return { action: "giveUp", code: "SetsFailed", because: `${failed.length} sets ended in error: ${reason}` };
  }
  return { action: "create", code: "None", because: "it has no set of this point" };
};

/**
 * The manifest with the set that the server is recovered from. A volume that the set lacks was detached between the
 * listing and the snapshot, and is no longer part of the server.
 */
export const withSet = (manifest: Manifest, set: SnapshotFact[]): Manifest => {
  const byVolume = new Map([...set].sort(byAge).map((snapshot) => [snapshot.volume, snapshot]));
  const volumes = manifest.volumes.flatMap((volume) => {
    const snapshot = byVolume.get(volume.volume);
    return snapshot ? [{ ...volume, sourceSnapshot: snapshot.id, snapshot: null }] : [];
  });
  const [first] = [...set].sort(byAge);
  return { ...manifest, volumes, takenAt: first?.startedAt ?? null };
};

const startOf = ([first]: SnapshotFact[]) => first?.startedAt ?? "";
