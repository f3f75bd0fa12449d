import type { Call } from "../../functions/aws/calls/clients.ts";
import { unproven } from "../../functions/core/readiness/proof.ts";
import { aManifest, aPoint } from "./builders.ts";
import { aCommandScene } from "./command-scene.ts";

export const keyArn = (id: string) => `arn:aws:kms:eu-central-1:111122223333:key/${id}`;
export const checkId = "22222222-2222-4222-8222-222222222222";
const own = { application: "pair", resource: "server" };
export const point = aPoint({ ...own, id: "server.20260302T113000Z" });
const at = "2026-03-02T11:00:00.000Z";

type Answers = NonNullable<NonNullable<Parameters<typeof aCommandScene>[0]>["answers"]>;

/** The source's one server, as its tags select it. */
const server = {
  InstanceId: "i-0a",
  InstanceType: "m5.large",
  State: { Name: "running" },
  Tags: [{ Key: "Name", Value: "web-1" }],
};
const type = (InstanceType: string) => ({
  InstanceType,
  ProcessorInfo: { SupportedArchitectures: ["x86_64"] },
  VCpuInfo: { DefaultVCpus: 2 },
});
const set = (role: "PRIMARY" | "SECONDARY", identifier: string, Value: string) => ({
  Name: "pair.example.com.",
  Type: "A",
  TTL: 30,
  SetIdentifier: identifier,
  Failover: role,
  ResourceRecords: [{ Value }],
  ...(role === "PRIMARY" && { HealthCheckId: checkId }),
});
export const takeoverCheck = {
  Id: checkId,
  HealthCheckConfig: {
    Type: "CLOUDWATCH_METRIC",
    InsufficientDataHealthStatus: "LastKnownStatus",
    AlarmIdentifier: { Name: "lifeboat-takeover-pair", Region: "eu-central-1" },
  },
};
export const records = [set("PRIMARY", "primary", "192.0.2.30"), set("SECONDARY", "recovery", "198.51.100.30")];

/** An account in which everything is there that the plan of two servers names. */
export const allThere: Answers = {
  DescribeKey: { KeyMetadata: { Arn: keyArn("one"), KeyState: "Enabled" } },
  DescribeInstances: ({ region }: Call) => ({ Reservations: region === "eu-west-1" ? [{ Instances: [server] }] : [] }),
  DescribeInstanceAttribute: { DisableApiStop: { Value: false } },
  DescribeVolumes: { Volumes: [{ VolumeId: "vol-1", Size: 8, Attachments: [{ Device: "/dev/xvda" }] }] },
  DescribeSubnets: {
    Subnets: [
      {
        SubnetId: "subnet-0c10",
        VpcId: "vpc-1",
        AvailabilityZone: "eu-central-1a",
        CidrBlock: "10.0.0.0/24",
        AvailableIpAddressCount: 200,
      },
    ],
  },
  DescribeSecurityGroups: { SecurityGroups: [{ GroupId: "sg-0c30", VpcId: "vpc-1" }] },
  DescribeAddresses: { Addresses: [{ AllocationId: "eipalloc-0c40" }, { AllocationId: "eipalloc-0c41" }] },
  DescribeNetworkInterfaces: { NetworkInterfaces: [] },
  DescribeInstanceTypes: { InstanceTypes: [type("m5.large"), type("m6i.large")] },
  DescribeInstanceTypeOfferings: {
    InstanceTypeOfferings: ["m5.large", "m6i.large"].map((InstanceType) => ({
      InstanceType,
      Location: "eu-central-1a",
    })),
  },
  DescribeSnapshots: { Snapshots: [{ SnapshotId: "snap-dst-a", State: "completed" }] },
  GetServiceQuota: { Quota: { Value: 1_000 } },
  ListResourceRecordSets: { ResourceRecordSets: records, IsTruncated: false },
  GetHealthCheck: { HealthCheck: takeoverCheck },
  ListHealthChecks: { HealthChecks: [takeoverCheck], IsTruncated: false },
  GetTopicAttributes: { Attributes: {} },
};

/** The command line before that account, with `over` in place of some answers, and the plan deployed, with a point and a proof. */
export const anOnlineScene = async (over: Answers = {}, { deployed = true } = {}) => {
  const scene = await aCommandScene({ answers: { ...allThere, ...over }, deployed });
  if (!deployed) return scene;
  const { store } = scene;
  await store.savePoint(point);
  await store.saveManifest(aManifest({ ...own, point: point.id }));
  await store.saveProof("pair", { ...unproven(at), at, provenAt: at });
  return scene;
};

export const pairManifest = (over: Parameters<typeof aManifest>[0] = {}) =>
  aManifest({ ...own, point: point.id, ...over });
