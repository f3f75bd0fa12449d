import { EC2Client, RunInstancesCommand, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { creditsOf, describeInstancesById } from "../../functions/aws/ec2/instances.ts";
import { usedAddresses } from "../../functions/aws/ec2/subnets.ts";
import { volumesLoading } from "../../functions/aws/ec2/volumes.ts";
import { serverSettings } from "../../functions/core/model/server-settings.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { aCopiedServer, anImage, oneServer, sourceServers } from "../support/ec2.ts";
import { simulated } from "../support/simulated.ts";

const recovery = "eu-central-1";
type Over = Partial<RunInstancesCommandInput>;

const playing = (play: (live: Live) => Promise<void>) =>
  simulated({ plan: oneServer }, async (live) => {
    const copied = await aCopiedServer(live);
    const ImageId = await anImage(live, copied);
    await live.advance(60);
    let tokens = 0;
    const run = async (over: Over = {}) => {
      const place = over.NetworkInterfaces ? {} : { SubnetId: "subnet-a", SecurityGroupIds: ["sg-1"] };
      const ClientToken = `token-${++tokens}`;
      const { Instances } = await live.clients(EC2Client, recovery, "optional").send(
        new RunInstancesCommand({
          ImageId,
          InstanceType: "t3.large",
          ...place,
          MinCount: 1,
          MaxCount: 1,
          ClientToken,
          ...over,
        }),
      );
      return Instances![0]!.InstanceId!;
    };
    await play({ ...live, run, copied });
  });
type Live = Parameters<Parameters<typeof simulated>[1]>[0] & {
  run: (over?: Over) => Promise<string>;
  copied: Awaited<ReturnType<typeof aCopiedServer>>;
};

const nic = { DeviceIndex: 0, SubnetId: "subnet-a", Groups: ["sg-1"] };

test("an instance shows what it was launched with, as a manifest reads it", () =>
  playing(async ({ clients, world, run, advance }) => {
    ec2Of(world, recovery).subnets.get("subnet-a")!.ipv6 = "2001:db8:1::";
    const id = await run({
      MetadataOptions: { HttpTokens: "optional", HttpPutResponseHopLimit: 3, InstanceMetadataTags: "enabled" },
      Monitoring: { Enabled: true },
      Placement: { Tenancy: "dedicated" },
      CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 },
      CreditSpecification: { CpuCredits: "standard" },
      MaintenanceOptions: { AutoRecovery: "disabled" },
      EnclaveOptions: { Enabled: true },
      CapacityReservationSpecification: { CapacityReservationPreference: "none" },
      NetworkInterfaces: [
        {
          ...nic,
          Ipv6AddressCount: 1,
          PrivateIpAddresses: [
            { PrivateIpAddress: "10.0.0.30", Primary: true },
            { PrivateIpAddress: "10.0.0.40", Primary: false },
          ],
        },
      ],
    });
    await advance(60);
    const [instance] = await describeInstancesById(clients, recovery, [id]);
    const credits = (await creditsOf(clients, recovery, [id])).get(id);
    expect(serverSettings(instance!, { vcpus: 2, credits })).toEqual({
      metadata: { hopLimit: 3, endpoint: "enabled", tags: "enabled", ipv6: "disabled" },
      monitoring: true,
      tenancy: "dedicated",
      cpu: { cores: 1, threads: 1 },
      credits: "standard",
      autoRecovery: "disabled",
      enclave: true,
      reservation: "none",
      secondaryAddresses: ["10.0.0.40"],
      ipv6Addresses: [expect.stringMatching(/^2001:db8:1::/)],
    });
    const used = await usedAddresses(clients, recovery, ["subnet-a"]);
    expect(used.map(({ address }) => address).sort()).toEqual(["10.0.0.30", "10.0.0.40"]);
    await expect(run({ PrivateIpAddress: "10.0.0.40" })).rejects.toMatchObject({ name: "InvalidIPAddress.InUse" });
  }));

const invalid = "InvalidParameterValue";
const together = "InvalidParameterCombination";
const refused: [what: string, over: Over, code: string][] = [
  ["a hop limit of 65", { MetadataOptions: { HttpPutResponseHopLimit: 65 } }, invalid],
  [
    "options of a service that is off",
    { MetadataOptions: { HttpEndpoint: "disabled", HttpTokens: "required" } },
    together,
  ],
  [
    "a tag that cannot show in the metadata",
    {
      MetadataOptions: { InstanceMetadataTags: "enabled" },
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "cost centre", Value: "7" }] }],
    },
    invalid,
  ],
  ["credits of a steady type", { InstanceType: "m5.large", CreditSpecification: { CpuCredits: "standard" } }, together],
  ["more cores than the type has", { CpuOptions: { CoreCount: 2, ThreadsPerCore: 2 } }, invalid],
  ["cores without threads", { CpuOptions: { CoreCount: 1 } }, together],
  ["IPv6 in a subnet without it", { Ipv6AddressCount: 1 }, invalid],
  [
    "a secondary address out of the subnet",
    {
      NetworkInterfaces: [
        {
          ...nic,
          PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.30", Primary: true }, { PrivateIpAddress: "10.9.0.1" }],
        },
      ],
    },
    invalid,
  ],
  [
    "addresses and their count",
    {
      NetworkInterfaces: [
        {
          ...nic,
          SecondaryPrivateIpAddressCount: 1,
          PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.30", Primary: true }],
        },
      ],
    },
    together,
  ],
  [
    "hibernation without encryption",
    { HibernationOptions: { Configured: true } },
    "UnsupportedHibernationConfiguration",
  ],
  [
    "hibernation of an enclave's host",
    { HibernationOptions: { Configured: true }, EnclaveOptions: { Enabled: true } },
    together,
  ],
  [
    "a rate of an empty volume",
    { BlockDeviceMappings: [{ DeviceName: "/dev/sdz", Ebs: { VolumeSize: 8, VolumeInitializationRate: 200 } }] },
    together,
  ],
];
test("what EC2 refuses is refused, before anything is made", () =>
  playing(async ({ run, world, advance }) => {
    const met: [string, string][] = [];
    for (const [what, over] of refused) {
      await advance(1);
      met.push([what, await run(over).catch((error: Error) => error.name)]);
    }
    expect(met).toEqual(refused.map(([what, , code]) => [what, code]));
    expect(ec2Of(world, recovery).instances.size).toBe(0);
  }));

test("volumes are loaded from their snapshots, faster at a rate; of an empty one nothing is told", () =>
  playing(async ({ clients, run, advance, copied }) => {
    const rate = copied.copies.map(({ id, device }) => ({
      DeviceName: device,
      Ebs: { SnapshotId: id, VolumeInitializationRate: 300 },
    }));
    const empty = { DeviceName: "/dev/sdz", Ebs: { VolumeSize: 8 } };
    const [slow, fast] = [await run(), await run({ BlockDeviceMappings: [...rate, empty] })];
    const percents = async () => {
      const found = await volumesLoading(clients, recovery, [slow, fast]);
      return [slow, fast].map((id) => found.get(id)!.map(({ percent }) => percent));
    };
    await advance(10);
    expect(await percents()).toEqual([[null], [null]]);
    await advance(60);
    const [[slowly = 0] = [], [quickly = 0] = []] = await percents();
    expect(slowly!).toBeLessThan(quickly!);
    await advance(3_600);
    expect(await percents()).toEqual([[100], [100]]);
  }));

test("only burstable servers have credits", () =>
  playing(async ({ clients, world, run, advance }) => {
    const [usual, steady] = [await run(), await run({ InstanceType: "m5.large" })];
    await advance(60);
    expect(await creditsOf(clients, recovery, [usual])).toEqual(new Map([[usual, "unlimited"]]));
    await expect(creditsOf(clients, recovery, [usual, steady])).rejects.toThrow("not a burstable");
    expect(sourceServers(world)).toHaveLength(1);
  }));
