import {
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type Subnet as Ec2Subnet,
} from "@aws-sdk/client-ec2";
import type { Subnet } from "../../core/instances/launch/placement.ts";
import type { Clients } from "../calls/clients.ts";
import { pagesOf } from "../calls/filters.ts";

/** The subnets of these ids that exist in the Region; an unknown id is left out. */
export const describeSubnets = async (clients: Clients, region: string, ids: string[]): Promise<Subnet[]> => {
  const ec2 = clients(EC2Client, region);
  const ask = (page: object) => ec2.send(new DescribeSubnetsCommand({ MaxResults: 1000, ...page }));
  const found: Subnet[] = [];
  for await (const { Subnets = [] } of pagesOf([{ Name: "subnet-id", Values: ids }], ask))
    for (const subnet of Subnets)
      found.push({
        id: subnet.SubnetId ?? "",
        zone: subnet.AvailabilityZone ?? "",
        cidr: subnet.CidrBlock ?? "",
        freeAddresses: subnet.AvailableIpAddressCount ?? 0,
        ...(hasIpv6(subnet) && { ipv6: true }),
        ...(subnet.VpcId && { vpc: subnet.VpcId }),
      });
  return found;
};

const hasIpv6 = ({ Ipv6CidrBlockAssociationSet = [] }: Ec2Subnet) =>
  Ipv6CidrBlockAssociationSet.some(({ Ipv6CidrBlockState }) => Ipv6CidrBlockState?.State === "associated");

/** An address in use in a subnet, and the instance that has it, if one does. */
export type UsedAddress = { subnet: string; address: string; interface: string; instance: string | null };

/** Every private IPv4 address in use in these subnets. */
export const usedAddresses = async (clients: Clients, region: string, subnets: string[]): Promise<UsedAddress[]> => {
  const ec2 = clients(EC2Client, region);
  const ask = (page: object) => ec2.send(new DescribeNetworkInterfacesCommand({ MaxResults: 1000, ...page }));
  const found: UsedAddress[] = [];
  for await (const { NetworkInterfaces = [] } of pagesOf([{ Name: "subnet-id", Values: subnets }], ask))
    for (const { SubnetId, NetworkInterfaceId, PrivateIpAddresses, Attachment } of NetworkInterfaces) {
      const instance = Attachment?.InstanceId ?? null;
      for (const { PrivateIpAddress: address } of PrivateIpAddresses ?? [])
        if (address) found.push({ subnet: SubnetId ?? "", address, interface: NetworkInterfaceId ?? "", instance });
    }
  return found;
};
