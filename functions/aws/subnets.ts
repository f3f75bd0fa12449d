import { DescribeNetworkInterfacesCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { tagKeys } from "../core/names.ts";
import type { Subnet } from "../core/slots.ts";
import type { Clients } from "./clients.ts";

/** Values of one filter in one request. [SDK EC2: Filter] */
const filterValuesMax = 200;

/** The subnets of these ids that exist in the Region; an unknown id is left out. */
export const describeSubnets = async (clients: Clients, region: string, ids: string[]): Promise<Subnet[]> => {
  const found: Subnet[] = [];
  for (let from = 0; from < ids.length; from += filterValuesMax)
    found.push(...(await subnetsOf(clients, region, ids.slice(from, from + filterValuesMax))));
  return found;
};

const subnetsOf = async (clients: Clients, region: string, ids: string[]): Promise<Subnet[]> => {
  const found: Subnet[] = [];
  let NextToken: string | undefined;
  do {
    const page = await clients(EC2Client, region).send(
      new DescribeSubnetsCommand({ Filters: [{ Name: "subnet-id", Values: ids }], MaxResults: 1000, NextToken }),
    );
    for (const subnet of page.Subnets ?? [])
      found.push({
        id: subnet.SubnetId ?? "",
        zone: subnet.AvailabilityZone ?? "",
        cidr: subnet.CidrBlock ?? "",
        freeAddresses: subnet.AvailableIpAddressCount ?? 0,
      });
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
};

/** An address in use in a subnet. `run`: the run that launched its server, if one did. */
export type UsedAddress = { subnet: string; address: string; interface: string; run: string | null };

/** Every private IPv4 address in use in these subnets. */
export const usedAddresses = async (clients: Clients, region: string, subnets: string[]): Promise<UsedAddress[]> => {
  const found: UsedAddress[] = [];
  let NextToken: string | undefined;
  do {
    const page = await clients(EC2Client, region).send(
      new DescribeNetworkInterfacesCommand({
        Filters: [{ Name: "subnet-id", Values: subnets }],
        MaxResults: 1000,
        NextToken,
      }),
    );
    for (const { SubnetId, NetworkInterfaceId, PrivateIpAddresses, TagSet } of page.NetworkInterfaces ?? []) {
      const run = TagSet?.find(({ Key }) => Key === tagKeys.run)?.Value ?? null;
      for (const { PrivateIpAddress: address } of PrivateIpAddresses ?? [])
        if (address) found.push({ subnet: SubnetId ?? "", address, interface: NetworkInterfaceId ?? "", run });
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
};
