import { tagKeys } from "./names.ts";
import type { Manifest, ManifestVolume, Point } from "./point.ts";
import { unseenSeconds } from "./point-sets.ts";
import { byAge, type SnapshotFact } from "./snapshot-fact.ts";

/** Copies of one source snapshot that may end in `error` before the next pass has to clear them away. */
const failedCopiesMax = 2;

/**
 * untaken: no snapshot yet · snapshotting: source pending or not visible yet · unknown: the source Region is silent ·
 * lost: the source snapshot failed or is gone · ready: a copy may start · copying · copied · failed: its copies failed.
 */
export type VolumeState = "untaken" | "snapshotting" | "unknown" | "lost" | "ready" | "copying" | "copied" | "failed";

/** How far one volume of one point is. */
export type VolumeProgress = {
  point: Point;
  server: string;
  volume: ManifestVolume;
  takenAt: string | null;
  state: VolumeState;
  because: string;
  source: SnapshotFact | null;
  /** The copy that counts: the oldest completed one, else the oldest pending one. */
  copy: SnapshotFact | null;
};

/** Snapshots of one point in both Regions; `sources` is null when the source Region gave no answer. */
export type Listed = { sources: SnapshotFact[] | null; copies: SnapshotFact[] };

export const progressOf = (point: Point, manifests: Manifest[], listed: Listed, now: Date): VolumeProgress[] =>
  manifests.flatMap((manifest) =>
    manifest.volumes.map((volume) => {
      const copies = copiesOf(volume, listed.copies);
      const copy = copyThatCounts(copies);
      const source = listed.sources?.find(({ id }) => id === volume.sourceSnapshot) ?? null;
      const takenAt = manifest.takenAt ?? null;
      const judged = judge(volume, { takenAt, copies, copy, source, silent: listed.sources === null }, now);
      return { point, server: manifest.server, volume, takenAt, source, copy, ...judged };
    }),
  );

/** Copies of the volume's source snapshot, oldest first. */
const copiesOf = ({ sourceSnapshot }: ManifestVolume, copies: SnapshotFact[]) =>
  sourceSnapshot ? copies.filter(({ tags }) => tags[tagKeys.sourceSnapshot] === sourceSnapshot).sort(byAge) : [];

const copyThatCounts = (copies: SnapshotFact[]) =>
  copies.find(({ state }) => state === "completed") ?? copies.find(({ state }) => state === "pending") ?? null;

type Seen = {
  takenAt: string | null;
  copies: SnapshotFact[];
  copy: SnapshotFact | null;
  source: SnapshotFact | null;
  silent: boolean;
};

const judge = (
  { volume, sourceSnapshot }: ManifestVolume,
  { takenAt, copies, copy, source, silent }: Seen,
  now: Date,
): { state: VolumeState; because: string } => {
  if (!sourceSnapshot) return { state: "untaken", because: `${volume} has no snapshot yet` };
  if (copy?.state === "completed") return { state: "copied", because: `${copy.id} is completed` };
  if (copy) return { state: "copying", because: `${copy.id} is at ${copy.progress} %` };
  if (copies.length >= failedCopiesMax) {
    const reason = copies.at(-1)?.because ?? "no reason given";
    return { state: "failed", because: `${copies.length} copies of ${sourceSnapshot} ended in error: ${reason}` };
  }
  if (silent) return { state: "unknown", because: "the source Region gave no answer" };
  if (!source) {
    const young = now.getTime() - Date.parse(takenAt ?? "") < unseenSeconds * 1_000;
    if (young) return { state: "snapshotting", because: `${sourceSnapshot} is not visible yet` };
    return { state: "lost", because: `${sourceSnapshot} of ${volume} is gone` };
  }
  if (source.state === "completed") return { state: "ready", because: `${sourceSnapshot} is completed` };
  if (source.state === "error")
    return { state: "lost", because: `${sourceSnapshot} of ${volume} failed: ${source.because ?? "no reason given"}` };
  return { state: "snapshotting", because: `${sourceSnapshot} is at ${source.progress} %` };
};

/**
 * Snapshots of one point that no recovery needs. Of an open point: other sets of its servers, further copies of the same
 * source snapshot, copies that failed. Of a complete point: all but what its manifests name. Of a discarded one: all.
 * While a server has no set on record, its source snapshots are all kept: one of them may become the set.
 */
export const surplusOf = (point: Point, manifests: Manifest[], listed: Listed): Surplus => {
  if (point.state === "discarded") return { sources: listed.sources ?? [], copies: listed.copies };
  const volumes = manifests.flatMap((manifest) => manifest.volumes);
  const taken = new Set(manifests.filter(({ takenAt }) => takenAt).map(({ server }) => server));
  const kept = new Set(volumes.flatMap(({ sourceSnapshot }) => sourceSnapshot ?? []));
  const counted = new Set(
    volumes.flatMap((volume) =>
      point.state === "complete"
        ? (volume.snapshot ?? [])
        : (copyThatCounts(copiesOf(volume, listed.copies))?.id ?? []),
    ),
  );
  const isDecided = ({ tags }: SnapshotFact) =>
    taken.has(tags[tagKeys.server] ?? "") || !point.servers.includes(tags[tagKeys.server] ?? "");
  return {
    sources: (listed.sources ?? []).filter((snapshot) => isDecided(snapshot) && !kept.has(snapshot.id)),
    copies: listed.copies.filter((snapshot) => isDecided(snapshot) && !counted.has(snapshot.id)),
  };
};
export type Surplus = { sources: SnapshotFact[]; copies: SnapshotFact[] };
