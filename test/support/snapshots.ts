import type { Snapshot } from "@aws-sdk/client-ec2";
import type { SnapshotFact } from "../../functions/core/instances/capture/snapshot.ts";

/** A snapshot as DescribeSnapshots would show it. */
export const asDescribed = (fact: SnapshotFact): Snapshot => ({
  SnapshotId: fact.id,
  VolumeId: fact.volume,
  State: fact.state as "pending",
  StartTime: new Date(fact.startedAt),
  Progress: `${fact.progress}%`,
  VolumeSize: fact.sizeGiB,
  Encrypted: fact.encrypted,
  Tags: Object.entries(fact.tags).map(([Key, Value]) => ({ Key, Value })),
  ...(fact.because && { StateMessage: fact.because }),
});
