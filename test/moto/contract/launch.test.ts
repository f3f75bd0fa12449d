import { CreateTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { associateElasticIp, describeElasticIps } from "../../../functions/aws/addresses.ts";
import { describeTargetGroup, registerTarget, targetHealth } from "../../../functions/aws/elastic-load-balancing.ts";
import {
  creditsOf,
  describeInstances,
  describeInstancesById,
  statusOf,
  userDataOf,
} from "../../../functions/aws/instances.ts";
import { sendShell, shellResult } from "../../../functions/aws/ssm.ts";
import { usedAddresses } from "../../../functions/aws/subnets.ts";
import { tagsOf } from "../../../functions/aws/tags.ts";
import { volumesOf } from "../../../functions/aws/volumes.ts";
import { tagKeys } from "../../../functions/core/names.ts";
import { probeCommand } from "../../../functions/core/verify.ts";
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
        ...{ InstanceId: id, State: { Name: "running" }, InstanceType: instanceType },
        ...{ PrivateIpAddress: "10.0.0.10", SubnetId: names.subnets[0] },
        ...{ SecurityGroups: [{ GroupId: names.securityGroup }], MetadataOptions: { HttpTokens: "required" } },
      },
    ]);
    expect(tagsOf(found[0]!.Tags)).toEqual(tags);
    expect(volumes.map(({ Tags }) => tagsOf(Tags))).toEqual([tags, tags]);
    expect(used).toMatchObject([{ subnet: names.subnets[0], address: "10.0.0.10" }]);
  });

  it("takes its address for its run, as its interface's tag says (moto does not tag it in the launch)", async () => {
    const { used, network } = await on(async (given) => {
      const { clients, names, settle } = given;
      const { NetworkInterfaces } = await launched(given, tags);
      const network = NetworkInterfaces![0]!.NetworkInterfaceId!;
      const Tags = [{ Key: tagKeys.run, Value: "run-1" }];
      await settle();
      await clients(EC2Client, recovery).send(new CreateTagsCommand({ Resources: [network], Tags }));
      await settle();
      return { used: await usedAddresses(clients, recovery, names.subnets), network };
    });
    expect(used).toMatchObject([{ interface: network, run: "run-1" }]);
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
      return [await userDataOf(given.clients, recovery, id), await statusOf(given.clients, recovery, id)];
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
      const health = () => targetHealth(clients, recovery, names.targetGroup, id);
      const before = await health();
      await registerTarget(clients, recovery, names.targetGroup, id);
      await registerTarget(clients, recovery, names.targetGroup, id);
      await settle();
      const none = await describeTargetGroup(clients, recovery, names.targetGroup.replace(/\w{4}$/, "0000"));
      const group = await describeTargetGroup(clients, recovery, names.targetGroup);
      return [before.state, (await health()).state, none, group?.targetType];
    });
    expect(found).toEqual(["unused", "healthy", null, "instance"]);
  });

  it("runs a shell line that Systems Manager sends", async () => {
    const result = await on(async (given) => {
      const { clients, settle } = given;
      const { InstanceId: instance = "" } = await launched(given, tags);
      await settle();
      const line = probeCommand({ protocol: "http", port: 80, path: "/healthz" });
      const command = await sendShell(clients, recovery, { instance, line, comment: "lifeboat run-1".repeat(10) });
      await settle();
      return shellResult(clients, recovery, command!, instance);
    });
    expect(result).toEqual({ state: "succeeded", because: "the command succeeded" });
  });
});
