import {
  CopySnapshotCommand,
  type CopySnapshotCommandInput,
  CreateSnapshotsCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type Filter,
  LockSnapshotCommand,
  type Snapshot,
  type SnapshotInfo,
} from "@aws-sdk/client-ec2";
import type { SnapshotFact } from "../../core/instances/capture/snapshot.ts";
import type { Manifest } from "../../core/model/recovery-point.ts";
import type { Clients } from "../calls/clients.ts";
import { pagesOf } from "../calls/filters.ts";
import { unlessGone } from "../calls/gone.ts";
import { tagSpecification, tagsOf } from "./tags.ts";

/**
 * Every snapshot of this account that matches all filters, over all pages. `where` drops further ones page by page;
 * with `limit`, pages are read only until so many are found.
 */
export const listSnapshots = async (
  clients: Clients,
  region: string,
  filters: Filter[],
  { where = () => true, limit = Number.POSITIVE_INFINITY }: Wanted = {},
): Promise<SnapshotFact[]> => {
  const ec2 = clients(EC2Client, region);
  const ask = (page: object) =>
    ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"], MaxResults: 1000, ...page }));
  const found: SnapshotFact[] = [];
  for await (const { Snapshots = [] } of pagesOf(filters, ask)) {
    found.push(...Snapshots.map(factOf).filter(where));
    if (found.length >= limit) break;
  }
  return found;
};
type Wanted = { where?: (snapshot: SnapshotFact) => boolean; limit?: number };

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
 * Starts a copy in `region` and gives its id. `key`: ARN of a key of `region`, or null for what EBS does by itself;
 * `minutes`: duration of a time-based copy, or null for a normal one.
 * No client token: look up by tag first. The source must be completed. [EBS:ebs-copy-snapshot]
 */
export const copySnapshot = async (
  clients: Clients,
  region: string,
  source: { region: string; snapshot: string },
  key: string | null,
  tags: Record<string, string>,
  minutes: number | null = null,
): Promise<string> => {
  const command = new CopySnapshotCommand({
    SourceRegion: source.region,
    SourceSnapshotId: source.snapshot,
    ...(key && { Encrypted: true, KmsKeyId: key }),
    ...(minutes && { CompletionDurationMinutes: minutes }),
    TagSpecifications: [tagSpecification("snapshot", tags)],
  });
  presignWithoutTags(command.middlewareStack);
  const { SnapshotId } = await clients(EC2Client, region, "once").send(command);
  return SnapshotId ?? "";
};

/**
 * The SDK signs a URL for the source Region from every parameter as text, so that the tags become `[object Object]`. They
 * stand in the request, as the copy is found by them (invariant 5), and not in the URL, which needs what is copied and where
 * to. [SDK EC2: CopySnapshotRequest]
 */
const presignWithoutTags = (stack: { addRelativeTo(middleware: unknown, options: unknown): void }) => {
  const toMiddleware = "crossRegionPresignedUrlMiddleware";
  let tags: CopySnapshotCommandInput["TagSpecifications"];
  const without = (next: Serialize) => (args: Parameters<Serialize>[0]) => {
    const { TagSpecifications, ...input } = args.input;
    tags = TagSpecifications;
    return next({ ...args, input });
  };
  const back = (next: Serialize) => (args: Parameters<Serialize>[0]) =>
    next({ ...args, input: { ...args.input, TagSpecifications: tags } });
  stack.addRelativeTo(without, { relation: "before", toMiddleware, name: "lifeboatTagsAway" });
  stack.addRelativeTo(back, { relation: "after", toMiddleware, name: "lifeboatTagsBack" });
};
type Serialize = (args: { input: CopySnapshotCommandInput }) => Promise<unknown>;

/**
 * Locks a snapshot against deletion for so many days; whoever has the right to may unlock it (mode governance). Locked
 * again, it has the new duration. One that is gone is no failure. [SDK EC2: LockSnapshotRequest]
 */
export const lockSnapshot = async (clients: Clients, region: string, id: string, days: number): Promise<void> => {
  const command = new LockSnapshotCommand({ SnapshotId: id, LockMode: "governance", LockDuration: days });
  await unlessGone(() => clients(EC2Client, region).send(command), gone, isThere(clients, region, id));
};

/** A snapshot that is gone already counts as deleted. */
export const deleteSnapshot = async (clients: Clients, region: string, id: string): Promise<void> => {
  const command = new DeleteSnapshotCommand({ SnapshotId: id });
  await unlessGone(() => clients(EC2Client, region).send(command), gone, isThere(clients, region, id));
};

const gone = ["InvalidSnapshot.NotFound"];
const isThere = (clients: Clients, region: string, id: string) => async () =>
  (await listSnapshots(clients, region, [{ Name: "snapshot-id", Values: [id] }])).length > 0;

const factOf = (snapshot: Snapshot & SnapshotInfo): SnapshotFact => ({
  id: snapshot.SnapshotId ?? "",
  volume: snapshot.VolumeId ?? "",
  state: snapshot.State ?? "pending",
  startedAt: (snapshot.StartTime ?? new Date(0)).toISOString(),
  progress: Number.parseInt(snapshot.Progress ?? "", 10) || 0,
  sizeGiB: snapshot.VolumeSize ?? 0,
  encrypted: snapshot.Encrypted ?? false,
  ...(snapshot.KmsKeyId && { key: snapshot.KmsKeyId }),
  ...(snapshot.StorageTier === "archive" && {
    archived: { restoredUntil: snapshot.RestoreExpiryTime?.toISOString() ?? null },
  }),
  because: snapshot.StateMessage ?? null,
  tags: tagsOf(snapshot.Tags),
});
