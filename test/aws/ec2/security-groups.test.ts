import { DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { expect, it } from "vitest";
import { createClients } from "../../../functions/aws/calls/clients.ts";
import { describeSecurityGroups } from "../../../functions/aws/ec2/security-groups.ts";

it("reads the groups of the Region over all pages, 200 ids a call", async () => {
  const ec2 = mockClient(EC2Client);
  ec2
    .on(DescribeSecurityGroupsCommand)
    .resolvesOnce({ SecurityGroups: [{ GroupId: "sg-1", VpcId: "vpc-1" }], NextToken: "next" })
    .resolves({ SecurityGroups: [{ GroupId: "sg-2", VpcId: "vpc-1" }] });
  const ids = Array.from({ length: 201 }, (_, at) => `sg-${at}`);
  const found = await describeSecurityGroups(createClients(), "eu-central-1", ids);
  expect(found.map(({ id }) => id)).toEqual(["sg-1", "sg-2", "sg-2"]);
  const asked = ec2.commandCalls(DescribeSecurityGroupsCommand).map(({ args }) => args[0].input);
  expect(asked.map(({ Filters, NextToken }) => [Filters?.[0]?.Values?.length, NextToken])).toEqual([
    [200, undefined],
    [200, "next"],
    [1, undefined],
  ]);
});
