import { DescribeVolumeStatusCommand, DescribeVolumesCommand, EC2Client, type Volume } from "@aws-sdk/client-ec2";
import { batchesOf } from "../../core/batches.ts";
import type { Loading } from "../../core/instances/launch/verify.ts";
import type { Clients } from "../calls/clients.ts";
import { pagesOf } from "../calls/filters.ts";

export type { Volume } from "@aws-sdk/client-ec2";

/** Every volume that is attached to these instances, over all pages. */
export const volumesOf = (clients: Clients, region: string, instances: string[]): Promise<Volume[]> =>
  listVolumes(clients, region, "attachment.instance-id", instances);

/** Those of these volumes that are still there, attached or not. */
export const existingVolumes = async (clients: Clients, region: string, ids: string[]): Promise<Set<string>> =>
  new Set((await listVolumes(clients, region, "volume-id", ids)).flatMap(({ VolumeId }) => VolumeId ?? []));

/**
 * How far EBS has come with those volumes of these instances that were made from snapshots; by instance, none for one
 * without any. `percent` is null while EBS says nothing of it. [SDK EC2: InitializationStatusDetails]
 */
export const volumesLoading = async (
  clients: Clients,
  region: string,
  instances: string[],
): Promise<Map<string, Loading[]>> => {
  const made = (await volumesOf(clients, region, instances)).filter(({ SnapshotId }) => SnapshotId);
  const percents = await loadedPercents(
    clients,
    region,
    made.flatMap(({ VolumeId }) => VolumeId ?? []),
  );
  const of = (instance: string) =>
    made.flatMap(({ VolumeId = "", Attachments = [] }) =>
      Attachments.some(({ InstanceId }) => InstanceId === instance)
        ? [{ volume: VolumeId, percent: percents.get(VolumeId) ?? null }]
        : [],
    );
  return new Map(instances.map((instance) => [instance, of(instance)]));
};

/** Asked by id: DescribeVolumeStatus has no filter of instances. */
const volumesPerCall = 200;

const loadedPercents = async (clients: Clients, region: string, volumes: string[]) => {
  const found = new Map<string, number | null>();
  for (const VolumeIds of batchesOf(volumes, volumesPerCall)) {
    const page = await clients(EC2Client, region).send(new DescribeVolumeStatusCommand({ VolumeIds }));
    for (const { VolumeId, InitializationStatusDetails } of page.VolumeStatuses ?? [])
      found.set(VolumeId ?? "", InitializationStatusDetails?.Progress ?? null);
  }
  return found;
};

const listVolumes = async (clients: Clients, region: string, Name: string, Values: string[]): Promise<Volume[]> => {
  const ec2 = clients(EC2Client, region);
  const ask = (page: object) => ec2.send(new DescribeVolumesCommand({ MaxResults: 500, ...page }));
  const found = new Map<string, Volume>();
  for await (const { Volumes = [] } of pagesOf([{ Name, Values }], ask))
    for (const volume of Volumes) found.set(volume.VolumeId ?? "", volume);
  return [...found.values()];
};
