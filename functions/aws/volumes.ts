import { DescribeVolumesCommand, EC2Client, type Volume } from "@aws-sdk/client-ec2";
import type { Clients } from "./clients.ts";
import { pagesOf } from "./filters.ts";

export type { Volume } from "@aws-sdk/client-ec2";

/** Every volume that is attached to these instances, over all pages. */
export const volumesOf = (clients: Clients, region: string, instances: string[]): Promise<Volume[]> =>
  listVolumes(clients, region, "attachment.instance-id", instances);

/** Those of these volumes that are still there, attached or not. */
export const existingVolumes = async (clients: Clients, region: string, ids: string[]): Promise<Set<string>> =>
  new Set((await listVolumes(clients, region, "volume-id", ids)).flatMap(({ VolumeId }) => VolumeId ?? []));

const listVolumes = async (clients: Clients, region: string, Name: string, Values: string[]): Promise<Volume[]> => {
  const ec2 = clients(EC2Client, region);
  const ask = (page: object) => ec2.send(new DescribeVolumesCommand({ MaxResults: 500, ...page }));
  const found = new Map<string, Volume>();
  for await (const { Volumes = [] } of pagesOf([{ Name, Values }], ask))
    for (const volume of Volumes) found.set(volume.VolumeId ?? "", volume);
  return [...found.values()];
};
