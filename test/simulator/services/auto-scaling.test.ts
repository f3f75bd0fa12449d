import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from "@aws-sdk/client-auto-scaling";
import { EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { isServing } from "../../../simulator/ec2/serves.ts";
import { ec2Of } from "../../../simulator/ec2/state.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const region = "eu-west-1";
const inventory = {
  servers: {
    web: [
      { name: "web-1", autoScaling: true },
      { name: "web-2", autoScaling: true },
    ],
  },
};
const instancesOf = ({ world }: Simulated) => [...ec2Of(world, region).instances.values()];
const groups = { AutoScalingGroupNames: ["web-group"] };
const group = { AutoScalingGroupName: "web-group" };

test("a group replaces a server that is stopped, by one that serves", () =>
  simulated({ inventory }, async (scene) => {
    const [first] = instancesOf(scene);
    await scene.clients(EC2Client, region).send(new StopInstancesCommand({ InstanceIds: [first!.id] }));
    await scene.advance(600);

    expect(instancesOf(scene).map(({ state }) => state)).toEqual(["terminated", "running", "running"]);
    const made = instancesOf(scene)[2]!;
    expect(made.tags).toEqual(first!.tags);
    expect(isServing(scene.world, region, made)).toBe(true);
    const { AutoScalingGroups } = await scene
      .clients(AutoScalingClient, region)
      .send(new DescribeAutoScalingGroupsCommand(groups));
    expect(AutoScalingGroups?.[0]?.Instances?.map(({ InstanceId }) => InstanceId)).toContain(made.id);
  }));

test("a suspended one does not, until it is resumed", () =>
  simulated({ inventory }, async (scene) => {
    const scaling = scene.clients(AutoScalingClient, region);
    const [first] = instancesOf(scene);
    await scaling.send(new SuspendProcessesCommand({ ...group, ScalingProcesses: ["ReplaceUnhealthy"] }));
    await scene.clients(EC2Client, region).send(new StopInstancesCommand({ InstanceIds: [first!.id] }));
    await scene.advance(600);
    expect(instancesOf(scene).map(({ state }) => state)).toEqual(["stopped", "running"]);
    const { AutoScalingGroups } = await scaling.send(new DescribeAutoScalingGroupsCommand({}));
    expect(AutoScalingGroups).toMatchObject([
      { ...group, DesiredCapacity: 2, SuspendedProcesses: [{ ProcessName: "ReplaceUnhealthy" }] },
    ]);

    await scaling.send(new ResumeProcessesCommand(group));
    await scene.advance(600);
    expect(instancesOf(scene).filter(({ state }) => state === "running")).toHaveLength(2);
  }));

test("processes and groups that there are not are refused", () =>
  simulated({ inventory }, async ({ clients }) => {
    const scaling = clients(AutoScalingClient, region);
    const unknown = { AutoScalingGroupName: "other" };
    await expect(scaling.send(new SuspendProcessesCommand(unknown))).rejects.toThrow("name not found");
    await expect(scaling.send(new SuspendProcessesCommand({ ...group, ScalingProcesses: ["Lunch"] }))).rejects.toThrow(
      "Invalid process",
    );
    const { AutoScalingGroups } = await scaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ["other"] }),
    );
    expect(AutoScalingGroups).toEqual([]);
  }));
