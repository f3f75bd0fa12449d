import { describe, expect, it } from "vitest";
import { associateElasticIp, describeElasticIps } from "../../../functions/aws/ec2/addresses.ts";
import {
  creditsOf,
  describeInstances,
  describeInstancesById,
  forwardForOthers,
  listStatuses,
  terminateInstances,
  tryRun,
  userDataOf,
} from "../../../functions/aws/ec2/instances.ts";
import { retag } from "../../../functions/aws/ec2/retag.ts";
import { usedAddresses } from "../../../functions/aws/ec2/subnets.ts";
import { tagsOf } from "../../../functions/aws/ec2/tags.ts";
import { volumesOf } from "../../../functions/aws/ec2/volumes.ts";
import { describeTargetGroup, registerTargets, targetHealth } from "../../../functions/aws/elastic-load-balancing.ts";
import { sendShell, sendShellToAll, shellResult } from "../../../functions/aws/ssm.ts";
import { probeCommand } from "../../../functions/core/instances/launch/verify.ts";
import { tagKeys } from "../../../functions/core/names.ts";
import { launched } from "../copied.ts";
import { everyAws } from "../given.ts";
import { instanceType, recovery } from "../shop.ts";

describe.each(everyAws)("a launched server on %s", (_, on) => {
  const tags = { Name: "app-1", [tagKeys.run]: "run-1", [tagKeys.server]: "i-0a" };

  it("stands at its address in its subnet, found by its tags, and its volumes have them too", async () => {
    const { id, found, volumes, used, names } = await on(async (given) => {
      const { clients, names, settle } = given;
      const { InstanceId: id = "" } = await launched(given, tags, { PrivateIpAddress: "10.0.0.10" });
      await settle();
      const filters = [tagKeys.run, tagKeys.server].map((key) => ({ Name: `tag:${key}`, Values: [tags[key]!] }));
      const found = await describeInstances(clients, recovery, filters);
      const volumes = await volumesOf(clients, recovery, [id]);
      return { id, found, volumes, names, used: await usedAddresses(clients, recovery, names.subnets) };
    });
    expect(found).toMatchObject([
      {
        InstanceId: id,
        State: { Name: "running" },
        InstanceType: instanceType,
        PrivateIpAddress: "10.0.0.10",
        SubnetId: names.subnets[0],
        SecurityGroups: [{ GroupId: names.securityGroup }],
        MetadataOptions: { HttpTokens: "required" },
      },
    ]);
    expect(tagsOf(found[0]!.Tags)).toEqual(tags);
    expect(volumes.map(({ Tags }) => tagsOf(Tags))).toEqual([tags, tags]);
    expect(used).toMatchObject([{ subnet: names.subnets[0], address: "10.0.0.10" }]);
  });

  it("holds its address until it is terminated, and can be tagged for another run", async () => {
    const { used, id, run, left } = await on(async (given) => {
      const { clients, names, settle } = given;
      const { InstanceId: id = "" } = await launched(given, tags);
      await settle();
      const used = await usedAddresses(clients, recovery, names.subnets);
      await retag(clients, recovery, [id], { [tagKeys.run]: "run-2" });
      await settle();
      const [instance] = await describeInstancesById(clients, recovery, [id]);
      await terminateInstances(clients, recovery, [id, "i-0123456789abcdef0"]);
      await terminateInstances(clients, recovery, [id]);
      await settle();
      const [gone] = await describeInstancesById(clients, recovery, [id]);
      return { used, id, run: tagsOf(instance!.Tags)[tagKeys.run], left: gone?.State?.Name };
    });
    expect(used).toMatchObject([{ instance: id }]);
    expect([run, left]).toEqual(["run-2", "terminated"]);
  });

  it("forwards for others once it was told to, and again", async () => {
    const found = await on(async (given) => {
      const { InstanceId: id = "" } = await launched(given, tags);
      await given.settle();
      const checks = async () => (await describeInstancesById(given.clients, recovery, [id]))[0]!.SourceDestCheck;
      const before = await checks();
      await forwardForOthers(given.clients, recovery, id);
      await forwardForOthers(given.clients, recovery, id);
      return [before, await checks()];
    });
    expect(found).toEqual([true, false]);
  });

  it("tells its CPU credits", async () => {
    const burstable = { InstanceType: "t3.large" as const, CreditSpecification: { CpuCredits: "standard" } };
    const { id, credits } = await on(async (given) => {
      const { InstanceId: id = "" } = await launched(given, tags, burstable);
      await given.settle();
      return { id, credits: await creditsOf(given.clients, recovery, [id]) };
    });
    expect([...credits]).toEqual([[id, "standard"]]);
  });

  it("is not made by a dry run, which says what would be refused", async () => {
    const found = await on(async (given) => {
      const { clients, names, settle } = given;
      const { ImageId = "" } = await launched(given, tags);
      await settle();
      const input = {
        MinCount: 1,
        MaxCount: 1,
        ImageId,
        InstanceType: "m5.large" as const,
        SubnetId: names.subnets[0],
      };
      return [
        await tryRun(clients, recovery, input),
        await tryRun(clients, recovery, { ...input, ImageId: "ami-0123456789abcdef0" }),
      ];
    });
    expect(found[0]!.found).toBe("allowed");
    expect(["", "InvalidAMIID.NotFound"]).toContain(found[1]!.because.split(":")[0]);
  });

  it("has the volumes of its snapshots", async () => {
    const { snapshots, volumes } = await on(async (given) => {
      const instance = await launched(given, tags);
      await given.settle();
      const volumes = await volumesOf(given.clients, recovery, [instance.InstanceId!]);
      return { snapshots: instance.snapshots, volumes };
    });
    expect(volumes.map(({ SnapshotId }) => SnapshotId).sort()).toEqual(snapshots.sort());
    expect(volumes.map(({ Size }) => Size).sort()).toEqual([20, 8]);
  });

  it("has the user data that it was given, and passes its status checks", async () => {
    const UserData = Buffer.from("#!/bin/sh\necho recovered\n").toString("base64");
    const found = await on(async (given) => {
      const { InstanceId: id = "" } = await launched(given, tags, { UserData });
      await given.settle();
      return [await userDataOf(given.clients, recovery, id), (await listStatuses(given.clients, recovery)).get(id)];
    });
    expect(found).toEqual([UserData, { system: "ok", instance: "ok" }]);
  });

  it("takes an Elastic IP, again too, and nobody else's", async () => {
    const { names, free, taken, given, refused, address } = await on(async (all) => {
      const { clients, names, settle } = all;
      const [{ id = "" } = {}] = names.elasticIps;
      const ask = () => describeElasticIps(clients, recovery, [id, "eipalloc-0123456789abcdef0"]);
      const free = await ask();
      const [one = "", two = ""] = [(await launched(all, tags)).InstanceId, (await launched(all, tags)).InstanceId];
      await settle();
      await associateElasticIp(clients, recovery, id, one);
      await associateElasticIp(clients, recovery, id, one);
      await settle();
      const refused = await associateElasticIp(clients, recovery, id, two).catch((error: Error) => error.name);
      const [instance] = await describeInstancesById(clients, recovery, [one]);
      return { names, free, taken: await ask(), given: one, refused, address: instance!.PublicIpAddress };
    });
    const [{ id, address: publicAddress } = { id: "", address: "" }] = names.elasticIps;
    expect(free).toEqual([{ id, address: publicAddress, instance: null, interface: null }]);
    expect(taken).toEqual([{ id, address: publicAddress, instance: given, interface: expect.stringMatching(/^eni-/) }]);
    expect([refused, address]).toEqual(["Resource.AlreadyAssociated", publicAddress]);
  });

  it("is unused in a target group until it is registered, then healthy in the end", async () => {
    const found = await on(async (given) => {
      const { clients, names, settle } = given;
      const { InstanceId: id = "" } = await launched(given, tags);
      await settle();
      const health = async () => (await targetHealth(clients, recovery, names.targetGroup)).get(id)?.state ?? "unused";
      const before = await health();
      await registerTargets(clients, recovery, names.targetGroup, [id]);
      await registerTargets(clients, recovery, names.targetGroup, [id]);
      await settle();
      const none = await describeTargetGroup(clients, recovery, names.targetGroup.replace(/\w{4}$/, "0000"));
      const group = await describeTargetGroup(clients, recovery, names.targetGroup);
      return [before, await health(), none, group?.targetType];
    });
    expect(found).toEqual(["unused", "healthy", null, "instance"]);
  });

  it("runs a shell line that Systems Manager sends", async () => {
    const result = await on(async (given) => {
      const { clients, settle } = given;
      const { InstanceId: instance = "" } = await launched(given, tags);
      await settle();
      const line = probeCommand({ protocol: "http", port: 80, path: "/healthz" });
      const comment = "lifeboat run-1".repeat(10);
      const command = await sendShell(clients, recovery, { instance, line, comment });
      const other = await sendShellToAll(clients, recovery, { instances: [instance], line, comment });
      await settle();
      return Promise.all([command!, other!].map((id) => shellResult(clients, recovery, id, instance)));
    });
    const well = { state: "succeeded", because: "the command succeeded" };
    expect(result).toEqual([well, well]);
  });
});
