import { DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { SecurityGroup } from "../../core/instances/launch/network-rules.ts";
import type { Clients } from "../calls/clients.ts";
import { pagesOf } from "../calls/filters.ts";

/** The security groups of these ids that exist in the Region; asked by filter, as one unknown id would hide the others. */
export const describeSecurityGroups = async (
  clients: Clients,
  region: string,
  ids: string[],
): Promise<SecurityGroup[]> => {
  const ec2 = clients(EC2Client, region);
  const ask = (page: object) => ec2.send(new DescribeSecurityGroupsCommand({ MaxResults: 1000, ...page }));
  const found: SecurityGroup[] = [];
  for await (const { SecurityGroups = [] } of pagesOf([{ Name: "group-id", Values: ids }], ask))
    for (const { GroupId, VpcId } of SecurityGroups) found.push({ id: GroupId ?? "", vpc: VpcId ?? "" });
  return found;
};
