import { DescribeNetworkInterfacesCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { describeSubnets, usedAddresses } from "../../../functions/aws/ec2/subnets.ts";
import { aContext } from "../../support/context.ts";

const ec2 = mockClient(EC2Client);
const { clients } = aContext();

beforeEach(() => ec2.reset());

it("reads subnets over all pages", async () => {
  const first = { SubnetId: "subnet-a", AvailabilityZone: "eu-central-1a", CidrBlock: "10.0.0.0/24" };
  ec2
    .on(DescribeSubnetsCommand)
    .resolvesOnce({ Subnets: [{ ...first, AvailableIpAddressCount: 7 }], NextToken: "2" })
    .resolvesOnce({ Subnets: [{}] })
    .resolves({});
  expect(await describeSubnets(clients, "eu-central-1", ["subnet-a"])).toEqual([
    { id: "subnet-a", zone: "eu-central-1a", cidr: "10.0.0.0/24", freeAddresses: 7 },
    { id: "", zone: "", cidr: "", freeAddresses: 0 },
  ]);
  expect(await describeSubnets(clients, "eu-central-1", ["subnet-a"])).toEqual([]);
});

it("reads every address in use, and the instance that has it", async () => {
  ec2
    .on(DescribeNetworkInterfacesCommand, { Filters: [{ Name: "subnet-id", Values: ["subnet-a"] }] })
    .resolvesOnce({
      NetworkInterfaces: [
        {
          SubnetId: "subnet-a",
          NetworkInterfaceId: "eni-1",
          PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.4" }, { PrivateIpAddress: "10.0.0.5" }, {}],
        },
      ],
      NextToken: "2",
    })
    .resolvesOnce({
      NetworkInterfaces: [
        { PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.6" }], Attachment: { InstanceId: "i-1" } },
        {},
      ],
    })
    .resolves({});
  expect(await usedAddresses(clients, "eu-central-1", ["subnet-a"])).toEqual([
    { subnet: "subnet-a", address: "10.0.0.4", interface: "eni-1", instance: null },
    { subnet: "subnet-a", address: "10.0.0.5", interface: "eni-1", instance: null },
    { subnet: "", address: "10.0.0.6", interface: "", instance: "i-1" },
  ]);
  expect(await usedAddresses(clients, "eu-central-1", ["subnet-a"])).toEqual([]);
});
