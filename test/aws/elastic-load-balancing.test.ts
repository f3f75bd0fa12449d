import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { describeTargetGroup, targetHealth } from "../../functions/aws/elastic-load-balancing.ts";
import { aContext } from "../support/context.ts";

const balancer = mockClient(ElasticLoadBalancingV2Client);
const { clients } = aContext();
const named = (name: string) => Object.assign(new Error(name), { name });

beforeEach(() => balancer.reset());

it("finds a target group, or none", async () => {
  balancer
    .on(DescribeTargetGroupsCommand, { TargetGroupArns: ["arn:tg"] })
    .resolvesOnce({ TargetGroups: [{ TargetType: "ip" }] })
    .resolvesOnce({ TargetGroups: [{}] })
    .resolvesOnce({})
    .rejectsOnce(named("TargetGroupNotFoundException"))
    .rejects(named("AccessDenied"));
  const ask = () => describeTargetGroup(clients, "eu-central-1", "arn:tg");
  expect(await ask()).toEqual({ arn: "arn:tg", targetType: "ip" });
  expect(await ask()).toEqual({ arn: "arn:tg", targetType: "instance" });
  expect(await ask()).toBeNull();
  expect(await ask()).toBeNull();
  await expect(ask()).rejects.toThrow("AccessDenied");
});

it("tells the health of every target of a group, with the reason", async () => {
  const health = (Id: string, TargetHealth?: object) => ({ Target: { Id }, ...(TargetHealth && { TargetHealth }) });
  balancer.on(DescribeTargetHealthCommand).resolves({
    TargetHealthDescriptions: [
      health("i-1", { State: "unhealthy", Reason: "Target.Timeout", Description: "Request timed out" }),
      health("i-2", { State: "initial", Reason: "Elb.RegistrationInProgress" }),
      health("i-3"),
    ],
  });
  expect(await targetHealth(clients, "eu-central-1", "arn:tg")).toEqual(
    new Map([
      ["i-1", { state: "unhealthy", because: "Request timed out" }],
      ["i-2", { state: "initial", because: "Elb.RegistrationInProgress" }],
      ["i-3", { state: "unused", because: "" }],
    ]),
  );
});
