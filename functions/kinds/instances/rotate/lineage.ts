import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { existingVolumes } from "../../../aws/ec2/volumes.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { unlessSilent } from "../capture/replication.ts";

const volumeOf = ({ tags }: SnapshotFact) => tags[tagKeys.volume] ?? "";

/**
 * Ids among these copies, whose points go, that stay nevertheless: the newest complete copy of a volume that still
 * exists, as without it the next copy would be a full one. [EBS:ebs-copy-snapshot] `newest`: the newest complete points,
 * whose volumes all have a newer copy there. Reads only.
 */
export const newestOfLineages = async (
  context: Context,
  run: Run,
  copies: SnapshotFact[],
  newest: Point[],
): Promise<Set<string>> => {
  const volumes = new Set(copies.filter(({ state }) => state === "completed").map(volumeOf));
  volumes.delete("");
  for (const point of volumes.size > 0 ? newest : [])
    for (const manifest of await context.store.manifests(point.application, point.id))
      for (const { volume, snapshot } of manifest.volumes) if (snapshot) volumes.delete(volume);
  if (volumes.size === 0) return new Set();

  const pending = new Set(copies.map(({ id }) => id));
  const last = [...(await newestCopies(context, run, [...volumes]))].filter(([, { id }]) => pending.has(id));
  const alive = await unlessSilent(context, run, () =>
    existingVolumes(
      context.clients,
      run.source,
      last.map(([volume]) => volume),
    ),
  );
  return new Set(last.filter(([volume]) => !alive || alive.has(volume)).map(([, { id }]) => id));
};

/** Newest completed copy of each volume. */
const newestCopies = async ({ clients }: Context, run: Run, volumes: string[]) => {
  const newest = new Map<string, SnapshotFact>();
  const listed = await listSnapshots(clients, run.target, [
    { Name: `tag:${tagKeys.application}`, Values: [run.application] },
    { Name: `tag:${tagKeys.volume}`, Values: volumes },
  ]);
  for (const copy of listed.filter(({ state }) => state === "completed")) {
    const known = newest.get(volumeOf(copy));
    if (!known || takenAt(copy) > takenAt(known)) newest.set(volumeOf(copy), copy);
  }
  return newest;
};

const takenAt = ({ tags, startedAt }: SnapshotFact) => tags[tagKeys.sourceStartTime] ?? startedAt;
