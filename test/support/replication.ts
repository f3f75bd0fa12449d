import type { SnapshotFact } from "../../functions/core/instances/capture/snapshot.ts";
import type { Manifest, ManifestVolume } from "../../functions/core/model/recovery-point.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { aManifest, aPoint, aRow, aRun } from "./builders.ts";

/** A pass by the schedule, and the row while it holds the lease. */
export const aPass = (over: Parameters<typeof aRun>[0] = {}) => {
  const request = { by: "schedule" as const, reason: null, recoveryPoint: "latest", approve: false, force: false };
  return aRun({ machine: "replicate", name: "pass-1", id: "arn:execution:pass-1", request, ...over });
};
export const aHeldRow = (run = aPass()) =>
  aRow({ protect: { id: run.id, name: run.name, machine: run.machine, acquiredAt: run.startedAt } });

export const theOpenPoint = (over: Parameters<typeof aPoint>[0] = {}) =>
  aPoint({ state: "open", pointAt: null, completedAt: null, ...over });

export const aVolume = (over: Partial<ManifestVolume> = {}): ManifestVolume => ({
  ...aManifest().volumes[0]!,
  snapshot: null,
  ...over,
});

/** A manifest whose snapshots are not taken yet, or, with `takenAt`, are. */
export const anUntaken = (over: Partial<Manifest> = {}): Manifest =>
  aManifest({ image: null, takenAt: null, volumes: [aVolume({ sourceSnapshot: null })], ...over });
export const aTaken = (over: Partial<Manifest> = {}): Manifest =>
  anUntaken({ takenAt: "2026-03-02T11:30:05.000Z", volumes: [aVolume()], ...over });

export const aSource = (over: Partial<SnapshotFact> = {}): SnapshotFact => ({
  id: "snap-src-a",
  volume: "vol-0a",
  state: "completed",
  startedAt: "2026-03-02T11:30:05.000Z",
  progress: 100,
  sizeGiB: 20,
  encrypted: false,
  because: null,
  tags: {
    [tagKeys.application]: "shop",
    [tagKeys.resource]: "web",
    [tagKeys.point]: "web.20260302T113000Z",
    [tagKeys.server]: "i-0a",
  },
  ...over,
});

export const aCopy = ({ of = "snap-src-a", ...over }: Partial<SnapshotFact> & { of?: string } = {}): SnapshotFact => {
  const source = aSource();
  return {
    ...source,
    id: "snap-dst-a",
    volume: "vol-ffffffff",
    startedAt: "2026-03-02T11:33:00.000Z",
    tags: { ...source.tags, [tagKeys.sourceSnapshot]: of },
    ...over,
  };
};
