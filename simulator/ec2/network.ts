/** Subnets, security groups, network interfaces and their addresses. */

import type {
  DescribeNetworkInterfacesRequest,
  DescribeSecurityGroupsRequest,
  DescribeSubnetsRequest,
} from "@aws-sdk/client-ec2";
import { AwsError, type Services, type World } from "../kernel.ts";
import { isUsable, rangeOf, toAddress } from "./cidr.ts";
import { type Fields, list } from "./listing.ts";
import { ec2Of, kept, known, type NetworkInterface, type SecurityGroup, type Subnet } from "./state.ts";

const addressesIn = (world: World, region: string, subnet: string) =>
  new Set(
    [...ec2Of(world, region).networkInterfaces.values()]
      .filter((one) => one.subnet === subnet)
      .flatMap(({ privateAddress, secondaryAddresses = [] }) => [privateAddress, ...secondaryAddresses]),
  );

/** The address that was asked for, when it is free in the subnet, or the next free one. */
export const takeAddress = (world: World, region: string, subnet: Subnet, wanted: string | undefined): string => {
  const taken = addressesIn(world, region, subnet.id);
  if (wanted && taken.has(wanted)) throw new AwsError("InvalidIPAddress.InUse", `Address ${wanted} is in use.`);
  if (wanted && !isUsable(subnet.cidr, wanted))
    throw new AwsError("InvalidParameterValue", `Address ${wanted} does not fall within the subnet's address range`);
  if (wanted) return wanted;
  const { first, size } = rangeOf(subnet.cidr);
  for (let host = 4; host < size - 1; host++) if (!taken.has(toAddress(first + host))) return toAddress(first + host);
  throw new AwsError("InsufficientFreeAddressesInSubnet", `${subnet.id} has not enough free addresses`);
};

/** Takes an address of a subnet for an instance, or for something else (`instance` null), as a network interface does. */
export const addNetworkInterface = (
  world: World,
  region: string,
  {
    subnet,
    privateAddress,
    instance,
    securityGroups,
    tags = [],
  }: Omit<NetworkInterface, keyof ReturnType<typeof kept>> & {
    tags?: NetworkInterface["tags"];
  },
): NetworkInterface => {
  const made = { ...kept(world, region, "eni", tags), subnet, privateAddress, instance, securityGroups };
  ec2Of(world, region).networkInterfaces.set(made.id, made);
  return made;
};

export const network: Services["EC2"] & object = {
  DescribeSubnets(input: DescribeSubnetsRequest, { world, region }) {
    const { subnets } = ec2Of(world, region);
    for (const id of input.SubnetIds ?? []) known(world, subnets, id, "subnet");
    const from = [...subnets.values()].filter(({ id }) => input.SubnetIds?.includes(id) ?? true);
    const { items, NextToken } = list(world, from, subnetFields, input);
    const free = ({ id, cidr }: Subnet) => rangeOf(cidr).size - 5 - addressesIn(world, region, id).size;
    const Subnets = items.map((subnet) => ({
      SubnetId: subnet.id,
      VpcId: subnet.vpc,
      CidrBlock: subnet.cidr,
      AvailabilityZone: subnet.zone,
      AvailableIpAddressCount: free(subnet),
      State: "available",
      MapPublicIpOnLaunch: false,
      Ipv6CidrBlockAssociationSet: subnet.ipv6
        ? [{ Ipv6CidrBlock: `${subnet.ipv6}/64`, Ipv6CidrBlockState: { State: "associated" as const } }]
        : [],
      Tags: subnet.tags,
    }));
    return { Subnets, NextToken };
  },

  DescribeNetworkInterfaces(input: DescribeNetworkInterfacesRequest, { world, region }) {
    const { networkInterfaces, subnets } = ec2Of(world, region);
    for (const id of input.NetworkInterfaceIds ?? []) known(world, networkInterfaces, id, "interface");
    const from = [...networkInterfaces.values()].filter(({ id }) => input.NetworkInterfaceIds?.includes(id) ?? true);
    const { items, NextToken } = list(world, from, interfaceFields, input);
    const NetworkInterfaces = items.map((one) => ({
      NetworkInterfaceId: one.id,
      SubnetId: one.subnet,
      VpcId: subnets.get(one.subnet)?.vpc,
      PrivateIpAddress: one.privateAddress,
      PrivateIpAddresses: [one.privateAddress, ...(one.secondaryAddresses ?? [])].map((PrivateIpAddress, at) => ({
        PrivateIpAddress,
        Primary: at === 0,
      })),
      Groups: one.securityGroups.map((GroupId) => ({ GroupId })),
      Status: one.instance ? "in-use" : "available",
      ...(one.instance && { Attachment: { InstanceId: one.instance, DeviceIndex: 0, Status: "attached" } }),
      TagSet: one.tags,
    }));
    return { NetworkInterfaces, NextToken };
  },

  DescribeSecurityGroups(input: DescribeSecurityGroupsRequest, { world, region }) {
    const { securityGroups } = ec2Of(world, region);
    for (const id of input.GroupIds ?? []) known(world, securityGroups, id, "group");
    const from = [...securityGroups.values()].filter(({ id }) => input.GroupIds?.includes(id) ?? true);
    const { items, NextToken } = list(world, from, groupFields, input);
    const SecurityGroups = items.map(({ id, name, vpc, tags }) => ({
      GroupId: id,
      GroupName: name,
      VpcId: vpc,
      Description: name,
      Tags: tags,
    }));
    return { SecurityGroups, NextToken };
  },
};

const subnetFields: Fields<Subnet> = {
  "subnet-id": ({ id }) => [id],
  "vpc-id": ({ vpc }) => [vpc],
  "availability-zone": ({ zone }) => [zone],
  "cidr-block": ({ cidr }) => [cidr],
};
const interfaceFields: Fields<NetworkInterface> = {
  "addresses.private-ip-address": ({ privateAddress }) => [privateAddress],
  "private-ip-address": ({ privateAddress }) => [privateAddress],
  "subnet-id": ({ subnet }) => [subnet],
  "network-interface-id": ({ id }) => [id],
  "attachment.instance-id": ({ instance }) => [instance],
};
const groupFields: Fields<SecurityGroup> = {
  "group-id": ({ id }) => [id],
  "group-name": ({ name }) => [name],
  "vpc-id": ({ vpc }) => [vpc],
};
