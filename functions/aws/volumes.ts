import { DescribeVolumesCommand, EC2Client, type Volume } from "@aws-sdk/client-ec2";
import type { Clients } from "./clients.ts";

export type { Volume } from "@aws-sdk/client-ec2";

/** Values of one filter in one request. [SDK EC2: Filter] */
const filterValuesMax = 200;

/** Every volume that is attached to these instances, over all pages. */
export const volumesOf = (clients: Clients, region: string, instances: string[]): Promise<Volume[]> =>
  listVolumes(clients, region, "attachment.instance-id", instances);

/** Those of these volumes that are still there, attached or not. */
export const existingVolumes = async (clients: Clients, region: string, ids: string[]): Promise<Set<string>> =>
  new Set((await listVolumes(clients, region, "volume-id", ids)).flatMap(({ VolumeId }) => VolumeId ?? []));

const listVolumes = async (clients: Clients, region: string, Name: string, values: string[]): Promise<Volume[]> => {
  const ec2 = clients(EC2Client, region);
  const found: Volume[] = [];
  for (let from = 0; from < values.length; from += filterValuesMax) {
    const Filters = [{ Name, Values: values.slice(from, from + filterValuesMax) }];
    let NextToken: string | undefined;
    do {
      const page = await ec2.send(new DescribeVolumesCommand({ Filters, MaxResults: 500, NextToken }));
      found.push(...(page.Volumes ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return found;
};
