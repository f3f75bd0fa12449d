import { DescribeAddressesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { expect, it } from "vitest";
import { describeElasticIps } from "../../../functions/aws/ec2/addresses.ts";
import { aContext } from "../../support/context.ts";

const ec2 = mockClient(EC2Client);

it("reads Elastic IPs by filter, so that an unknown one hides no other", async () => {
  const { clients } = aContext();
  ec2
    .on(DescribeAddressesCommand, { Filters: [{ Name: "allocation-id", Values: ["eipalloc-1", "eipalloc-9"] }] })
    .resolvesOnce({
      Addresses: [
        { AllocationId: "eipalloc-1", PublicIp: "198.51.100.1", InstanceId: "i-1", NetworkInterfaceId: "eni-1" },
        { InstanceId: "" },
      ],
    })
    .resolves({});
  const ask = () => describeElasticIps(clients, "eu-central-1", ["eipalloc-1", "eipalloc-9"]);
  expect(await ask()).toEqual([
    { id: "eipalloc-1", address: "198.51.100.1", instance: "i-1", interface: "eni-1" },
    { id: "", address: "", instance: null, interface: null },
  ]);
  expect(await ask()).toEqual([]);
});
