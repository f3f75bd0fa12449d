import {
  CopySnapshotCommand,
  CreateSnapshotsCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type Filter,
  type Snapshot,
  type SnapshotInfo,
} from "@aws-sdk/client-ec2";
import type { Manifest } from "../core/point.ts";
import type { SnapshotFact } from "../core/snapshot-fact.ts";
import type { Clients } from "./clients.ts";
import { codeOf } from "./errors.ts";
import { tagSpecification, tagsOf } from "./tags.ts";

/** Every snapshot of this account that matches all filters, over all pages. */
export const listSnapshots = async (clients: Clients, region: string, filters: Filter[]): Promise<SnapshotFact[]> => {
  const ec2 = clients(EC2Client, region);
  const found: SnapshotFact[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(
      new DescribeSnapshotsCommand({ OwnerIds: ["self"], Filters: filters, MaxResults: 1000, NextToken }),
    );
    found.push(...(page.Snapshots ?? []).map(factOf));
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
};

/**
 * Snapshots of all volumes of one instance, crash-consistent with one another. No client token: look up by tag first.
 * [EBS:ebs-create-snapshots]
 */
export const createSnapshots = async (
  clients: Clients,
  region: string,
  instance: string,
  excluded: Manifest["excluded"],
  tags: Record<string, string>,
): Promise<SnapshotFact[]> => {
  const { Snapshots } = await clients(EC2Client, region, "once").send(
    new CreateSnapshotsCommand({
      InstanceSpecification: {
        InstanceId: instance,
        ...(excluded?.bootVolume && { ExcludeBootVolume: true }),
        ...(excluded?.dataVolumes.length && { ExcludeDataVolumeIds: excluded.dataVolumes }),
      },
      TagSpecifications: [tagSpecification("snapshot", tags)],
    }),
  );
  return (Snapshots ?? []).map(factOf);
};

/**
 * Starts a copy in `region` and gives its id. `key`: ARN of a key of `region`, or null for what EBS does by itself.
 * No client token: look up by tag first. The source must be completed. [EBS:ebs-copy-snapshot]
 */
export const copySnapshot = async (
  clients: Clients,
  region: string,
  source: { region: string; snapshot: string },
  key: string | null,
  tags: Record<string, string>,
): Promise<string> => {
  const { SnapshotId } = await clients(EC2Client, region, "once").send(
    new CopySnapshotCommand({
      SourceRegion: source.region,
      SourceSnapshotId: source.snapshot,
      ...(key && { Encrypted: true, KmsKeyId: key }),
      TagSpecifications: [tagSpecification("snapshot", tags)],
    }),
  );
  return SnapshotId ?? "";
};

/** A snapshot that is gone already counts as deleted. */
export const deleteSnapshot = async (clients: Clients, region: string, id: string): Promise<void> => {
  try {
    await clients(EC2Client, region).send(new DeleteSnapshotCommand({ SnapshotId: id }));
  } catch (error) {
    if (codeOf(error) !== "InvalidSnapshot.NotFound") throw error;
  }
};

const factOf = (snapshot: Snapshot & SnapshotInfo): SnapshotFact => ({
  id: snapshot.SnapshotId ?? "",
  volume: snapshot.VolumeId ?? "",
  state: snapshot.State ?? "pending",
  startedAt: (snapshot.StartTime ?? new Date(0)).toISOString(),
  progress: Number.parseInt(snapshot.Progress ?? "", 10) || 0,
  sizeGiB: snapshot.VolumeSize ?? 0,
  encrypted: snapshot.Encrypted ?? false,
  because: snapshot.StateMessage ?? null,
  tags: tagsOf(snapshot.Tags),
});
