import {
  AssociateAddressCommand,
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeleteSubnetCommand,
  EC2Client,
  ReleaseAddressCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DisableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import {
  ChangeResourceRecordSetsCommand,
  DeleteHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { DeleteTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { unproven } from "../../functions/core/readiness/proof.ts";
import { aReadyWorld, pointIdOf, type World } from "./ready.ts";
import { host, keyAlias, primary, recovery } from "./shop.ts";

beforeAll(() => {
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, "moto");
});

const ec2 = ({ clients }: World) => clients(EC2Client, recovery);
const kms = ({ clients }: World) => clients(KMSClient, recovery);

const vpc = async (world: World) =>
  (await ec2(world).send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }))).Vpc!.VpcId!;

const targetGroup = async ({ clients, document }: World, given: { VpcId?: string; TargetType: "instance" | "ip" }) => {
  const { TargetGroups } = await clients(ElasticLoadBalancingV2Client, recovery).send(
    new CreateTargetGroupCommand({ Name: "other", Protocol: "HTTP", Port: 80, ...given }),
  );
  document.protect[1].launch.targetGroups = [TargetGroups![0]!.TargetGroupArn];
};

/** A key of another make answers to the plan's alias. */
const otherKey = async (world: World, then: (id: string) => Promise<unknown>, given: object = {}) => {
  const { KeyMetadata } = await kms(world).send(new CreateKeyCommand(given));
  await kms(world).send(new DeleteAliasCommand({ AliasName: keyAlias }));
  await kms(world).send(new CreateAliasCommand({ AliasName: keyAlias, TargetKeyId: KeyMetadata!.KeyId }));
  await then(KeyMetadata!.KeyId!);
};

/** Changes the pair of the shop: what `change` gives replaces a set, nothing deletes it. */
const records = async (
  { clients, names }: World,
  change: (set: ResourceRecordSet) => ResourceRecordSet | null,
): Promise<void> => {
  const route53 = clients(Route53Client, "us-east-1");
  const HostedZoneId = names.zone;
  const { ResourceRecordSets = [] } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
  const pair = ResourceRecordSets.filter(({ Name }) => Name === `${host}.`);
  const Changes = pair.map((set) => {
    const changed = change(set);
    return changed
      ? { Action: "UPSERT" as const, ResourceRecordSet: changed }
      : { Action: "DELETE" as const, ResourceRecordSet: set };
  });
  await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
};

const runThere = async (world: World, over: object) => {
  const { Instances } = await ec2(world).send(
    new RunInstancesCommand({ ImageId: "ami-1", MinCount: 1, MaxCount: 1, InstanceType: "m5.large", ...over }),
  );
  return Instances![0]!.InstanceId!;
};
const long = "2026-01-01T00:00:00.000Z";

/** What is taken away, and how it is named. */
const missing: [what: string, take: (world: World) => Promise<unknown>, named: (world: World) => string][] = [
  [
    "a subnet",
    (world) => ec2(world).send(new DeleteSubnetCommand({ SubnetId: world.names.subnets[1] })),
    ({ names }) => `web: subnet ${names.subnets[1]} does not exist`,
  ],
  [
    "the security group",
    (world) => ec2(world).send(new DeleteSecurityGroupCommand({ GroupId: world.names.securityGroup })),
    ({ names }) => `app: security group ${names.securityGroup} does not exist in ${recovery}`,
  ],
  [
    "a security group of the subnets' VPC",
    async (world) => {
      const group = { VpcId: await vpc(world), GroupName: "other", Description: "other" };
      const { GroupId } = await ec2(world).send(new CreateSecurityGroupCommand(group));
      world.document.protect[0].launch.securityGroups = [GroupId];
    },
    ({ document, names }) =>
      `app: security group ${document.protect[0].launch.securityGroups[0]} belongs to vpc-.*, but ${names.subnets[0]} to vpc-`,
  ],
  [
    "an Elastic IP",
    (world) => ec2(world).send(new ReleaseAddressCommand({ AllocationId: world.names.elasticIps[0]!.id })),
    ({ names }) => `web: Elastic IP ${names.elasticIps[0]!.id} does not exist`,
  ],
  [
    "an Elastic IP that is free",
    async (world) => {
      const InstanceId = await runThere(world, { SubnetId: world.names.subnets[0] });
      const AllocationId = world.names.elasticIps[1]!.id;
      await ec2(world).send(new AssociateAddressCommand({ AllocationId, InstanceId }));
    },
    ({ names }) => `web: Elastic IP ${names.elasticIps[1]!.id} is in use by i-`,
  ],
  [
    "the free address of a server",
    (world) => runThere(world, { SubnetId: world.names.subnets[0], PrivateIpAddress: "10.0.0.10" }),
    ({ names }) => `app-1: its address 10.0.0.10 in ${names.subnets[0]} is in use by eni-`,
  ],
  [
    "the target group",
    ({ clients, names }) =>
      clients(ElasticLoadBalancingV2Client, recovery).send(
        new DeleteTargetGroupCommand({ TargetGroupArn: names.targetGroup }),
      ),
    ({ names }) => `web: target group ${names.targetGroup} does not exist`,
  ],
  [
    "a target group for instances",
    async (world) => targetGroup(world, { TargetType: "ip", VpcId: await vpc(world) }),
    () => "web: target group .* takes targets of type ip, not instances",
  ],
  [
    "a target group of the subnets' VPC",
    async (world) => targetGroup(world, { TargetType: "instance", VpcId: await vpc(world) }),
    ({ names }) => `web: target group .* belongs to vpc-.*, but ${names.subnets[0]} to vpc-`,
  ],
  [
    "the key",
    (world) => kms(world).send(new DeleteAliasCommand({ AliasName: keyAlias })),
    () => `app: key ${keyAlias} does not exist in ${recovery}`,
  ],
  [
    "a key that is enabled",
    (world) => otherKey(world, (KeyId) => kms(world).send(new DisableKeyCommand({ KeyId }))),
    () => `app: key ${keyAlias} is Disabled, not Enabled`,
  ],
  [
    "a key that stays",
    (world) => otherKey(world, (KeyId) => kms(world).send(new ScheduleKeyDeletionCommand({ KeyId }))),
    () => `app: key ${keyAlias} is PendingDeletion, not Enabled: it will be deleted`,
  ],
  [
    "a symmetric key",
    (world) => otherKey(world, async () => {}, { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" }),
    () => `app: key ${keyAlias} is RSA_2048 for ENCRYPT_DECRYPT: EBS takes symmetric encryption keys only`,
  ],
  ...([recovery, primary] as const).map((region): (typeof missing)[number] => [
    `the topic in ${region}`,
    ({ clients, names }) =>
      clients(SNSClient, region).send(
        new DeleteTopicCommand({ TopicArn: region === recovery ? names.topic : names.farTopic }),
      ),
    ({ names }) => `notify: topic ${region === recovery ? names.topic : names.farTopic} does not exist`,
  ]),
  [
    "the SECONDARY record",
    (world) => records(world, (set) => (set.Failover === "SECONDARY" ? null : set)),
    () => `${host} A: expected a PRIMARY and a SECONDARY set \\(got PRIMARY\\)`,
  ],
  [
    "the health check on the PRIMARY record",
    (world) => records(world, ({ HealthCheckId: _, ...set }) => set),
    () => `${host} A: the PRIMARY set has no health check, so the takeover would not move it`,
  ],
  [
    "a SECONDARY record without a health check",
    (world) => records(world, (set) => ({ ...set, HealthCheckId: world.names.healthCheck })),
    () => `${host} A: the takeover's health check is on the SECONDARY set too, so nothing would move`,
  ],
  [
    "the recovery side's own value",
    (world) =>
      records(world, (set) =>
        set.Failover === "SECONDARY" ? { ...set, ResourceRecords: [{ Value: "198.51.100.99" }] } : set,
      ),
    () => `${host} A: the set "recovery" has 198.51.100.99, the plan `,
  ],
  [
    "the hosted zone",
    async (world) => {
      await records(world, () => null);
      await world.clients(Route53Client, "us-east-1").send(new DeleteHostedZoneCommand({ Id: world.names.zone }));
    },
    ({ names }) => `the records: .*${names.zone}`,
  ],
  [
    "a copy",
    (world) => ec2(world).send(new DeleteSnapshotCommand({ SnapshotId: world.names.snapshots[0]! })),
    ({ names }) => `app-1: snapshot ${names.snapshots[0]} of /dev/xvda is missing`,
  ],
  [
    "a complete point",
    async ({ store }) => {
      await store.removePoint({ application: "shop", id: pointIdOf("web") });
      await store.saveProof("shop", {
        ...unproven(long),
        at: new Date().toISOString(),
        provenAt: new Date().toISOString(),
      });
    },
    () => `web: no complete recovery point in ${recovery}`,
  ],
  [
    "a manifest",
    async ({ store, names }) => {
      const point = (await store.point("shop", pointIdOf("app")))!;
      await store.savePoint({ ...point, servers: [names.instances[0]!, "i-0f"] });
    },
    () => `app: i-0f has no manifest in recovery point ${pointIdOf("app")}`,
  ],
  [
    "servers that the tags select",
    ({ clients, names }) =>
      clients(EC2Client, primary).send(new TerminateInstancesCommand({ InstanceIds: [names.instances[0]!] })),
    () => `app: no instance in ${primary} has the tags App=shop, Tier=app`,
  ],
  [
    "a right",
    ({ store }) => {
      const denied = [{ step: "fence", action: "ec2:StopInstances", region: primary, because: "no" }];
      return store.saveProof("shop", { ...unproven(long), at: new Date().toISOString(), denied });
    },
    () => `missing ec2:StopInstances in ${primary} \\(fence\\): no`,
  ],
];

describe("whether a failover would work, on moto", () => {
  it("is READY where all is there, with a test message in each topic", async () => {
    const world = await aReadyWorld();
    expect(await world.look()).toEqual({ found: "", value: null });
    const { code, out } = await world.check();
    expect(out).toContain("READY\n");
    expect(out).not.toContain("NOT READY");
    expect(code).toBe(0);
  });

  it.each(missing)(
    "names %s: in check --online, which ends with 2, and in the look, which makes the alarm ring",
    async (_, take, named) => {
      const world = await aReadyWorld();
      await take(world);
      const { code, out } = await world.check();
      expect(out).toMatch(new RegExp(`^problem: .*${named(world)}`, "m"));
      expect(out).toMatch(/^NOT READY: \d+ reasons?$/m);
      expect(code).toBe(2);
      const { found, value } = await world.look();
      expect(found).toMatch(new RegExp(named(world)));
      expect(value).toBeGreaterThanOrEqual(1);
    },
  );

  it("names the instance profile that a plan names and IAM does not have", async () => {
    const world = await aReadyWorld();
    world.document.protect[0].launch.instanceProfile = "web-role";
    const { code, out } = await world.check();
    expect(out).toMatch(/^problem: app: instance profile web-role does not exist$/m);
    expect(code).toBe(2);
  });
});
