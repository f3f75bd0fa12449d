import { DescribeVolumesCommand, EC2Client, type Volume } from "@aws-sdk/client-ec2";
import type { Clients } from "./clients.ts";

export type { Volume } from "@aws-sdk/client-ec2";

/** Values of one filter in one request. [SDK EC2: Filter] */
const filterValuesMax = 200;

/** Every volume that is attached to these instances, over all pages. */
export const volumesOf = async (clients: Clients, region: string, instances: string[]): Promise<Volume[]> => {
  const ec2 = clients(EC2Client, region);
  const found: Volume[] = [];
  for (let from = 0; from < instances.length; from += filterValuesMax) {
    const Values = instances.slice(from, from + filterValuesMax);
    let NextToken: string | undefined;
    do {
      const Filters = [{ Name: "attachment.instance-id", Values }];
      const page = await ec2.send(new DescribeVolumesCommand({ Filters, MaxResults: 500, NextToken }));
      found.push(...(page.Volumes ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return found;
};
