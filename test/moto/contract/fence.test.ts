import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateScheduleGroupCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { describe, expect, it } from "vitest";
import { describeGroups, resumeProcesses, suspendProcesses } from "../../../functions/aws/auto-scaling.ts";
import { describeInstancesById } from "../../../functions/aws/ec2/instances.ts";
import {
  aclsOf,
  deleteUnusedAcls,
  interfacesIn,
  isolationAcl,
  replaceAcl,
} from "../../../functions/aws/ec2/network-acls.ts";
import { invokeOnce } from "../../../functions/aws/scheduler.ts";
import { everyAws } from "../given.ts";
import { primary, recovery } from "../shop.ts";

const application = "shop";

describe.each(everyAws)("the subnet of a server on %s", (_, on) => {
  it("is closed by a network ACL that denies all, made once, and opened again", async () => {
    const seen = await on(async ({ clients, servers: [server = ""] }) => {
      const [instance] = await describeInstancesById(clients, primary, [server]);
      const [subnet, vpc] = [instance!.SubnetId!, instance!.VpcId!];
      const acls = () => aclsOf(clients, primary, application, [subnet]);
      const close = () => isolationAcl(clients, primary, { application, vpc, by: "run-1", token: "token-1" });

      const attached = (await interfacesIn(clients, primary, [subnet])).map((one) => one.server);
      const [before] = await acls();
      const made = [await close(), await close()];
      await replaceAcl(clients, primary, before!.association, made[0]!);
      const [closed] = await acls();
      await deleteUnusedAcls(clients, primary, application, [vpc]);
      const stillThere = await close();
      await replaceAcl(clients, primary, closed!.association, before!.acl);
      await deleteUnusedAcls(clients, primary, application, [vpc]);
      const [after] = await acls();
      return { server, attached, before: before!, made, closed: closed!, stillThere, after: after! };
    });

    expect(seen.attached).toContain(seen.server);
    expect(seen.before).toMatchObject({ isOurs: false, deniesAll: false });
    expect(new Set([...seen.made, seen.stillThere]).size).toBe(1);
    expect(seen.closed).toMatchObject({ acl: seen.made[0], isOurs: true, deniesAll: true });
    expect(seen.closed.association).not.toBe(seen.before.association);
    expect(seen.after).toMatchObject({ acl: seen.before.acl, isOurs: false });
  });
});

// the simulator makes groups with its world, and schedules in groups that it takes for granted
const [[, onMoto]] = everyAws;

it("a group's processes are suspended and resumed, twice as well as once; an unknown group is left out", async () => {
  const seen = await onMoto(async ({ clients, servers: [server = ""] }) => {
    const [instance] = await describeInstancesById(clients, primary, [server]);
    const client = clients(AutoScalingClient, primary);
    const [LaunchConfigurationName, AutoScalingGroupName] = ["config", "web"];
    await client.send(
      new CreateLaunchConfigurationCommand({
        LaunchConfigurationName,
        ImageId: instance!.ImageId,
        InstanceType: instance!.InstanceType,
      }),
    );
    await client.send(
      new CreateAutoScalingGroupCommand({
        LaunchConfigurationName,
        AutoScalingGroupName,
        MinSize: 0,
        MaxSize: 0,
        AvailabilityZones: [`${primary}a`],
      }),
    );
    const groups = async () => {
      const found = await describeGroups(clients, primary, [AutoScalingGroupName, "unknown"]);
      // moto lists them in the order of a Python set
      return found.map((group) => ({ ...group, suspended: group.suspended.toSorted() }));
    };
    const before = await groups();
    for (const _ of [1, 2]) await suspendProcesses(clients, primary, AutoScalingGroupName, ["Launch", "Terminate"]);
    const suspended = await groups();
    for (const _ of [1, 2]) await resumeProcesses(clients, primary, AutoScalingGroupName, ["Launch"]);
    return [before, suspended, await groups()];
  });
  expect(seen).toEqual([
    [{ name: "web", suspended: [] }],
    [{ name: "web", suspended: ["Launch", "Terminate"] }],
    [{ name: "web", suspended: ["Terminate"] }],
  ]);
});

it("a look is booked once", async () => {
  const booked = await onMoto(async ({ clients }) => {
    const group = "lifeboat-shop";
    await clients(SchedulerClient, recovery).send(new CreateScheduleGroupCommand({ Name: group }));
    const book = () =>
      invokeOnce(clients, recovery, {
        group,
        name: "look",
        at: "2030-01-01T00:03:00.000Z",
        input: { application },
        target: `arn:aws:lambda:${recovery}:123456789012:function:lifeboat-detect`,
        role: "arn:aws:iam::123456789012:role/lifeboat-look",
      });
    return [await book(), await book()];
  });
  expect(booked).toEqual([{ booked: true }, { booked: false }]);
});
