import { describe, expect, it, test } from "vitest";
import {
  groupIdsOf,
  judgeSecurityGroups,
  judgeTargetGroupVpc,
} from "../../../../functions/core/instances/launch/network-rules.ts";
import type { Launch } from "../../../../functions/core/model/plan.ts";
import { aResource } from "../../../support/builders.ts";

const launchWith = (over: Partial<Launch>) => aResource({ launch: { ...aResource().launch, ...over } });
const subnet = (id: string, vpc: string) => ({ id, zone: "", cidr: "", freeAddresses: 9, vpc });
const subnets = [subnet("subnet-a", "vpc-1"), subnet("subnet-b", "vpc-1"), subnet("subnet-own", "vpc-2")];

describe("the security groups of a resource", () => {
  const judge = (over: Partial<Launch>, ...existing: [string, string][]) =>
    judgeSecurityGroups(
      launchWith(over),
      "eu-central-1",
      existing.map(([id, vpc]) => ({ id, vpc })),
      subnets,
    );

  test("the security groups of a resource that lie in the VPC of its subnets pass", () => {
    expect(judge({}, ["sg-1", "vpc-1"])).toEqual([]);
  });

  test("the security groups of a resource that do not exist are named once", () => {
    const overrides = { "web-1": { subnet: "subnet-b" } };
    expect(judge({ overrides })).toEqual(["web: security group sg-1 does not exist in eu-central-1"]);
  });

  test("the security groups of a resource that belong to another VPC than a subnet are named with both", () => {
    expect(judge({ subnets: { "eu-central-1a": ["subnet-a"] } }, ["sg-1", "vpc-9"])).toEqual([
      "web: security group sg-1 belongs to vpc-9, but subnet-a to vpc-1",
    ]);
  });

  test("the security groups of one server are judged by its own subnet", () => {
    const overrides = {
      "web-1": { subnet: "subnet-own" },
      "web-2": { subnet: "subnet-own", securityGroups: ["sg-2"] },
    };
    expect(judge({ overrides }, ["sg-1", "vpc-1"], ["sg-2", "vpc-2"])).toEqual([
      "web: security group sg-1 belongs to vpc-1, but subnet-own to vpc-2",
    ]);
    expect(groupIdsOf([launchWith({ overrides })])).toEqual(["sg-1", "sg-2"]);
  });
});

it("a target group of another VPC than a subnet is named with both", () => {
  const resource = launchWith({ subnets: { "eu-central-1a": ["subnet-a"] } });
  const judge = (vpc?: string) => judgeTargetGroupVpc(resource, { arn: "arn:tg", ...(vpc && { vpc }) }, subnets);
  expect([judge(), judge("vpc-1")]).toEqual([[], []]);
  expect(judge("vpc-2")).toEqual(["web: target group arn:tg belongs to vpc-2, but subnet-a to vpc-1"]);
});
