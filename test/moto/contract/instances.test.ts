import { CreateTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { associateElasticIp, describeElasticIps } from "../../../functions/aws/addresses.ts";
import { describeTargetGroup, registerTarget, targetHealth } from "../../../functions/aws/elastic-load-balancing.ts";
import { describeInstanceTypes, describeOfferings } from "../../../functions/aws/instance-types.ts";
import {
  describeInstances,
  describeInstancesById,
  startInstances,
  statusOf,
  stopInstances,
  userDataOf,
} from "../../../functions/aws/instances.ts";
import { zonesOf } from "../../../functions/aws/regions.ts";
import { sendShell, shellResult } from "../../../functions/aws/ssm.ts";
import { describeSubnets, usedAddresses } from "../../../functions/aws/subnets.ts";
import { tagsOf } from "../../../functions/aws/tags.ts";
import { volumesOf } from "../../../functions/aws/volumes.ts";
import { tagKeys } from "../../../functions/core/names.ts";
import { probeCommand } from "../../../functions/core/verify.ts";
import { launched } from "../copied.ts";
import { everyAws } from "../given.ts";
import { dataDevice, instanceType, primary, recovery, servers as shop } from "../shop.ts";

const unknown = "i-0123456789abcdef0";
const tier = (name: string) =>
  ["App", "Tier"].map((key, at) => ({ Name: `tag:${key}`, Values: [["shop", name][at]!] }));
const running = { Name: "instance-state-name", Values: ["running", "stopped"] };

describe.each(everyAws)("the shop's servers on %s", (_, on) => {
  it("are found by tags and state, or by id; an unknown id is left out", async () => {
    const { ids, found } = await on(async ({ clients, servers }) => {
      const web = await describeInstances(clients, primary, [...tier("web"), running]);
      const stopped = await describeInstances(clients, primary, [...tier("web"), { ...running, Values: ["stopped"] }]);
      const byId = await describeInstancesById(clients, primary, [servers[0]!, unknown]);
      return { ids: servers, found: [web, stopped, byId].map((list) => list.map(({ InstanceId }) => InstanceId)) };
    });
    expect(found.map((list) => list.sort())).toEqual([ids.slice(1).sort(), [], [ids[0]]]);
  });

  it("are described with what a manifest keeps", async () => {
    const { instance, volumes, rootDevice } = await on(async ({ clients, servers, rootDevice }) => {
      const [instance] = await describeInstancesById(clients, primary, [servers[0]!]);
      return { instance: instance!, volumes: await volumesOf(clients, primary, [servers[0]!]), rootDevice };
    });
    expect(instance).toMatchObject({
      ...{ InstanceType: instanceType, Architecture: "x86_64", RootDeviceName: rootDevice },
      ...{ PrivateIpAddress: shop[0]!.address, Placement: { AvailabilityZone: `${primary}a` } },
      ...{ MetadataOptions: { HttpTokens: "required" }, LaunchTime: expect.any(Date), State: { Name: "running" } },
    });
    expect(instance.SecurityGroups).toHaveLength(1);
    expect(instance.NetworkInterfaces).toHaveLength(1);
    expect(tagsOf(instance.Tags)).toMatchObject({ Name: "app-1", App: "shop", Environment: "production" });
    const devices = instance.BlockDeviceMappings!.map(({ DeviceName, Ebs }) => [DeviceName, Ebs!.VolumeId]).sort();
    const attached = volumes.map(({ VolumeId, Attachments }) => [Attachments![0]!.Device, VolumeId]).sort();
    expect(devices).toEqual(attached);
    expect(devices.map(([device]) => device)).toEqual([rootDevice, dataDevice].sort());
    expect(volumes.map(({ Size, VolumeType, Encrypted }) => [Size, VolumeType, Encrypted]).sort()).toEqual([
      [20, "gp3", true],
      [8, "gp3", false],
    ]);
  });

  it("give their user data, and both status checks", async () => {
    const found = await on(async ({ clients, servers: [first = ""] }) => [
      await userDataOf(clients, primary, first),
      await statusOf(clients, primary, first),
      await statusOf(clients, primary, unknown),
    ]);
    expect(found).toEqual([shop[0]!.userData, { system: "ok", instance: "ok" }, null]);
  });

  it("stop, stay so, and start again", async () => {
    const states = await on(async ({ clients, servers: [first = ""], settle }) => {
      const stateNow = async () => (await describeInstancesById(clients, primary, [first]))[0]!.State!.Name;
      const [asked] = await stopInstances(clients, primary, [first]);
      await settle();
      const after = await stateNow();
      await stopInstances(clients, primary, [first]);
      const again = await stateNow();
      const [begun] = await startInstances(clients, primary, [first]);
      await settle();
      return [asked!.state, after, again, begun!.state, await stateNow()];
    });
    expect(states).toEqual(["stopping", "stopped", "stopped", "pending", "running"]);
  });

  it("are not stopped when one of them is not there", async () => {
    const [name, state] = await on(async ({ clients, servers: [first = ""], settle }) => {
      const name = await stopInstances(clients, primary, [first, unknown]).catch((error: Error) => error.name);
      await settle();
      return [name, (await describeInstancesById(clients, primary, [first]))[0]!.State!.Name];
    });
    expect([name, state]).toEqual(["InvalidInstanceID.NotFound", "running"]);
  });
});

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
      const line = probeCommand({ port: 80, path: "/healthz" });
      const command = await sendShell(clients, recovery, { instance, line, comment: "lifeboat run-1".repeat(10) });
      await settle();
      return shellResult(clients, recovery, command!, instance);
    });
    expect(result).toEqual({ state: "succeeded", because: "the command succeeded" });
  });
});

describe.each(everyAws)("the places for servers on %s", (_, on) => {
  it("are subnets with their zone, network and free addresses; an unknown one is left out", async () => {
    const { names, found } = await on(async ({ clients, names }) => ({
      names,
      found: await describeSubnets(clients, recovery, [...names.subnets, "subnet-0123456789abcdef0"]),
    }));
    const [a, b] = names.subnets;
    expect(found.sort((one, other) => (one.zone < other.zone ? -1 : 1))).toEqual([
      { id: a, zone: `${recovery}a`, cidr: "10.0.0.0/24", freeAddresses: 251 },
      { id: b, zone: `${recovery}b`, cidr: "10.0.1.0/24", freeAddresses: 251 },
    ]);
  });

  it("are zones of the Region, each offering the usual types", async () => {
    const [zones, offered] = await on(async ({ clients }) => [
      await zonesOf(clients, recovery),
      await describeOfferings(clients, recovery, [instanceType, "x9.none"]),
    ]);
    expect(zones).toEqual(expect.arrayContaining([`${recovery}a`, `${recovery}b`]));
    expect([...offered].sort()).toEqual([...zones].map((zone) => `${instanceType}/${zone}`).sort());
  });

  it("are of types with their architecture and vCPUs; an unknown one is left out", async () => {
    const types = await on(({ clients }) =>
      describeInstanceTypes(clients, recovery, [instanceType, "m6g.large", "x9.none"]),
    );
    expect(types.sort((one, other) => (one.name < other.name ? -1 : 1))).toEqual([
      { name: "m5.large", architectures: ["x86_64"], vcpus: 2 },
      { name: "m6g.large", architectures: ["arm64"], vcpus: 2 },
    ]);
  });
});
