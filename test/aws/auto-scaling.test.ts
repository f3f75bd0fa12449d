import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from "@aws-sdk/client-auto-scaling";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { describeGroups, resumeProcesses, suspendProcesses } from "../../functions/aws/auto-scaling.ts";
import { aContext } from "../support/context.ts";

const scaling = mockClient(AutoScalingClient);
const { clients } = aContext();
const region = "eu-west-1";

beforeEach(() => scaling.reset());

describe("Auto Scaling groups", () => {
  it("Auto Scaling groups are read by name over all pages, a hundred names at a time, with what is suspended", async () => {
    const group = (AutoScalingGroupName: string, ...names: string[]) => ({
      AutoScalingGroupName,
      SuspendedProcesses: names.map((ProcessName) => ({ ProcessName })),
      MinSize: 0,
      MaxSize: 1,
      DesiredCapacity: 1,
      DefaultCooldown: 0,
      AvailabilityZones: [],
      HealthCheckType: "EC2",
      CreatedTime: new Date(0),
    });
    scaling
      .on(DescribeAutoScalingGroupsCommand)
      .resolvesOnce({ AutoScalingGroups: [group("g-0", "Launch", "Terminate")], NextToken: "2" })
      .resolvesOnce({ AutoScalingGroups: [group("g-1")] })
      .resolves({ AutoScalingGroups: undefined });
    const names = Array.from({ length: 101 }, (_, at) => `g-${at}`);

    expect(await describeGroups(clients, region, names)).toEqual([
      { name: "g-0", suspended: ["Launch", "Terminate"] },
      { name: "g-1", suspended: [] },
    ]);
    const asked = scaling.commandCalls(DescribeAutoScalingGroupsCommand).map(({ args }) => args[0].input);
    expect(asked.map(({ AutoScalingGroupNames, NextToken }) => [AutoScalingGroupNames?.length, NextToken])).toEqual([
      [100, undefined],
      [100, "2"],
      [1, undefined],
    ]);
  });

  it("Auto Scaling groups have just the named processes suspended and resumed", async () => {
    await suspendProcesses(clients, region, "web", ["Launch"]);
    await resumeProcesses(clients, region, "web", ["Launch"]);
    const input = { AutoScalingGroupName: "web", ScalingProcesses: ["Launch"] };
    expect(scaling).toHaveReceivedCommandWith(SuspendProcessesCommand, input);
    expect(scaling).toHaveReceivedCommandWith(ResumeProcessesCommand, input);
  });
});
