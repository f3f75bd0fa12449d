import { describe, expect, it } from "vitest";
import { describeInstanceTypes, describeOfferings } from "../../../functions/aws/ec2/instance-types.ts";
import {
  describeInstances,
  describeInstancesById,
  describeSelected,
  isStopProtected,
  listStatuses,
  startInstances,
  stopInstances,
  userDataOf,
} from "../../../functions/aws/ec2/instances.ts";
import { protectionsOf } from "../../../functions/aws/ec2/protections.ts";
import { zonesOf } from "../../../functions/aws/ec2/regions.ts";
import { describeSecurityGroups } from "../../../functions/aws/ec2/security-groups.ts";
import { describeSubnets } from "../../../functions/aws/ec2/subnets.ts";
import { tagsOf } from "../../../functions/aws/ec2/tags.ts";
import { volumesOf } from "../../../functions/aws/ec2/volumes.ts";
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
      const selected = await describeSelected(clients, primary, { App: "shop", Tier: "web" });
      const stopped = await describeInstances(clients, primary, [...tier("web"), { ...running, Values: ["stopped"] }]);
      const byId = await describeInstancesById(clients, primary, [servers[0]!, unknown]);
      return {
        ids: servers,
        found: [web, selected, stopped, byId].map((list) => list.map(({ InstanceId }) => InstanceId)),
      };
    });
    expect(found.map((list) => list.sort())).toEqual([ids.slice(1).sort(), ids.slice(1).sort(), [], [ids[0]]]);
  });

  it("are described with what a manifest keeps", async () => {
    const { instance, volumes, rootDevice } = await on(async ({ clients, servers, rootDevice }) => {
      const [instance] = await describeInstancesById(clients, primary, [servers[0]!]);
      return { instance: instance!, volumes: await volumesOf(clients, primary, [servers[0]!]), rootDevice };
    });
    expect(instance).toMatchObject({
      InstanceType: instanceType,
      Architecture: "x86_64",
      RootDeviceName: rootDevice,
      PrivateIpAddress: shop[0]!.address,
      Placement: { AvailabilityZone: `${primary}a` },
      MetadataOptions: { HttpTokens: "required" },
      LaunchTime: expect.any(Date),
      State: { Name: "running" },
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
      (await listStatuses(clients, primary)).get(first),
      (await listStatuses(clients, primary)).get(unknown),
    ]);
    expect(found).toEqual([shop[0]!.userData, { system: "ok", instance: "ok" }, undefined]);
  });

  it("tell whether they are protected against stopping", async () => {
    const found = await on(({ clients, servers: [first = ""] }) => isStopProtected(clients, primary, first));
    expect(found).toBe(false);
  });

  it("tell what keeps them from being stopped and ended, and what their own shutdown does", async () => {
    const found = await on(({ clients, servers: [first = ""] }) => protectionsOf(clients, primary, first));
    expect(found).toEqual({ stop: false, termination: false, endsItself: false });
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

describe.each(everyAws)("the places for servers on %s", (_, on) => {
  it("are subnets with their zone, network and free addresses; an unknown one is left out", async () => {
    const { names, found } = await on(async ({ clients, names }) => ({
      names,
      found: await describeSubnets(clients, recovery, [...names.subnets, "subnet-0123456789abcdef0"]),
    }));
    const [a, b] = names.subnets;
    expect(found.sort((one, other) => (one.zone < other.zone ? -1 : 1))).toEqual([
      { id: a, zone: `${recovery}a`, cidr: "10.0.0.0/24", freeAddresses: 251, vpc: expect.stringMatching(/^vpc-/) },
      { id: b, zone: `${recovery}b`, cidr: "10.0.1.0/24", freeAddresses: 251, vpc: expect.stringMatching(/^vpc-/) },
    ]);
  });

  it("have security groups of their VPC; an unknown one is left out", async () => {
    const { names, subnets, groups } = await on(async ({ clients, names }) => ({
      names,
      subnets: await describeSubnets(clients, recovery, names.subnets),
      groups: await describeSecurityGroups(clients, recovery, [names.securityGroup, "sg-0123456789abcdef0"]),
    }));
    expect(groups).toEqual([{ id: names.securityGroup, vpc: subnets[0]!.vpc }]);
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
    expect(types.sort((one, other) => (one.name < other.name ? -1 : 1))).toMatchObject([
      { name: "m5.large", architectures: ["x86_64"], vcpus: 2, enaSupport: "required", virtualization: ["hvm"] },
      { name: "m6g.large", architectures: ["arm64"], vcpus: 2, enaSupport: "required", virtualization: ["hvm"] },
    ]);
  });
});
