import { DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { SecurityGroup } from "../core/network-rules.ts";
import type { Clients } from "./clients.ts";

/** Values of one filter in one request. [SDK EC2: Filter] */
const filterValuesMax = 200;

/** The security groups of these ids that exist in the Region; asked by filter, as one unknown id would hide the others. */
export const describeSecurityGroups = async (
  clients: Clients,
  region: string,
  ids: string[],
): Promise<SecurityGroup[]> => {
  const found: SecurityGroup[] = [];
  for (let from = 0; from < ids.length; from += filterValuesMax) {
    const Filters = [{ Name: "group-id", Values: ids.slice(from, from + filterValuesMax) }];
    let NextToken: string | undefined;
    do {
      const page = await clients(EC2Client, region).send(
        new DescribeSecurityGroupsCommand({ Filters, MaxResults: 1000, NextToken }),
      );
      for (const { GroupId, VpcId } of page.SecurityGroups ?? []) found.push({ id: GroupId ?? "", vpc: VpcId ?? "" });
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return found;
};
