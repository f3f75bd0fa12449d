import { DescribeFastSnapshotRestoresCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { Clients } from "../calls/clients.ts";
import { listSnapshots } from "./snapshots.ts";

/** States in which a snapshot is restored fast, or is about to be. [SDK EC2: FastSnapshotRestoreStateCode] */
const fast = ["enabling", "optimizing", "enabled"];

/** Volumes of the Region that have a snapshot with fast snapshot restore: a setting of a snapshot in a zone. [EBS: ebs-fast-snapshot-restore] */
export const fastRestored = async (clients: Clients, region: string): Promise<Set<string>> => {
  const snapshots = new Set<string>();
  let NextToken: string | undefined;
  do {
    const page = await clients(EC2Client, region).send(
      new DescribeFastSnapshotRestoresCommand({
        Filters: [{ Name: "state", Values: fast }],
        MaxResults: 200,
        NextToken,
      }),
    );
    for (const { SnapshotId } of page.FastSnapshotRestores ?? []) if (SnapshotId) snapshots.add(SnapshotId);
    NextToken = page.NextToken;
  } while (NextToken);
  if (snapshots.size === 0) return new Set();
  const found = await listSnapshots(clients, region, [{ Name: "snapshot-id", Values: [...snapshots] }]);
  return new Set(found.map(({ volume }) => volume));
};
