import { describe, expect, it } from "vitest";
import type { Call } from "../../functions/aws/calls/clients.ts";
import { unproven } from "../../functions/core/readiness/proof.ts";
import { aRow } from "../support/builders.ts";
import { awsError, planFile } from "../support/command-scene.ts";
import {
  allThere,
  anOnlineScene,
  checkId,
  pairManifest,
  point,
  records,
  takeoverCheck,
} from "../support/online-scene.ts";

type Scene = Awaited<ReturnType<typeof anOnlineScene>>;
type Missing = [
  what: string,
  over: Parameters<typeof anOnlineScene>[0],
  named: string,
  edit?: (scene: Scene) => unknown,
];

const [subnet] = (allThere.DescribeSubnets as { Subnets: object[] }).Subnets;
const [primary, secondary] = records as [object, object];
const quota = (code: string, Value: number) => ({
  GetServiceQuota: ({ input }: Call) => ({ Quota: { Value: input.QuotaCode === code ? Value : 1_000 } }),
});
const sets = (...ResourceRecordSets: object[]) => ({
  ListResourceRecordSets: { ResourceRecordSets, IsTruncated: false },
});
const check = (over: object) => ({
  GetHealthCheck: {
    HealthCheck: { ...takeoverCheck, HealthCheckConfig: { ...takeoverCheck.HealthCheckConfig, ...over } },
  },
});
const denied = { step: "launch", action: "ec2:RunInstances", region: "eu-central-1", because: "no" };
const at = "2026-03-02T11:00:00.000Z";

/** Each thing that a failover needs, missing alone, and how it is named. */
const missing: Missing[] = [
  ["the subnet", { DescribeSubnets: { Subnets: [] } }, "server: subnet subnet-0c10 does not exist"],
  [
    "room in the subnet",
    { DescribeSubnets: { Subnets: [{ ...subnet, AvailableIpAddressCount: 0 }] } },
    "web-1: no room left in subnet-0c10",
  ],
  [
    "the free address",
    {
      DescribeNetworkInterfaces: {
        NetworkInterfaces: [
          {
            NetworkInterfaceId: "eni-1",
            SubnetId: "subnet-0c10",
            PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.10" }],
          },
        ],
      },
    },
    "web-1: its address 10.0.0.10 in subnet-0c10 is in use by eni-1",
  ],
  [
    "the security group",
    { DescribeSecurityGroups: { SecurityGroups: [] } },
    "server: security group sg-0c30 does not exist in eu-central-1",
  ],
  [
    "a security group of the subnet's VPC",
    { DescribeSecurityGroups: { SecurityGroups: [{ GroupId: "sg-0c30", VpcId: "vpc-2" }] } },
    "server: security group sg-0c30 belongs to vpc-2, but subnet-0c10 to vpc-1",
  ],
  [
    "the Elastic IP",
    { DescribeAddresses: { Addresses: [{ AllocationId: "eipalloc-0c41" }] } },
    "server: Elastic IP eipalloc-0c40 does not exist",
  ],
  [
    "an Elastic IP that is free",
    { DescribeAddresses: { Addresses: [{ AllocationId: "eipalloc-0c40", InstanceId: "i-0f" }] } },
    "server: Elastic IP eipalloc-0c40 is in use by i-0f",
  ],
  [
    "the key",
    { DescribeKey: awsError("NotFoundException") },
    "server: key alias/lifeboat does not exist in eu-central-1",
  ],
  [
    "a key that is enabled",
    { DescribeKey: { KeyMetadata: { Arn: "arn:k", KeyState: "PendingDeletion" } } },
    "server: key alias/lifeboat is PendingDeletion, not Enabled: it will be deleted, and what it encrypts with it",
  ],
  [
    "a key for encryption",
    { DescribeKey: { KeyMetadata: { Arn: "arn:k", KeyState: "Enabled", KeySpec: "RSA_2048" } } },
    "server: key alias/lifeboat is RSA_2048 for ENCRYPT_DECRYPT: EBS takes symmetric encryption keys only",
  ],
  ["the copies", { DescribeSnapshots: { Snapshots: [] } }, "web-1: snapshot snap-dst-a of /dev/xvda is missing"],
  [
    "copies that are whole",
    { DescribeSnapshots: { Snapshots: [{ SnapshotId: "snap-dst-a", State: "error" }] } },
    "web-1: snapshot snap-dst-a of /dev/xvda is error",
  ],
  [
    "the image with the licence",
    { DescribeImages: { Images: [] } },
    "web-1: image ami-0w is missing",
    ({ store }) => store.saveManifest(pairManifest({ platform: "Windows", byImage: true, image: "ami-0w" })),
  ],
  [
    "the types of the plan in its zones",
    { DescribeInstanceTypeOfferings: { InstanceTypeOfferings: [] } },
    "web-1: none of m5.large, m6i.large is offered for x86_64 in the zones of subnet-0c10",
  ],
  ["vCPUs", quota("L-1216C47A", 0), "vCPU quota of standard instances: 2 needed, 0 left of 0"],
  [
    "the hosted zone",
    { ListResourceRecordSets: awsError("NoSuchHostedZone", "No hosted zone found with ID: Z0123456789PAIREXMPL") },
    "the records: No hosted zone found with ID: Z0123456789PAIREXMPL",
  ],
  ["the records", sets(), "pair.example.com A: expected a PRIMARY and a SECONDARY set (got neither)"],
  ["the SECONDARY record", sets(primary), "pair.example.com A: expected a PRIMARY and a SECONDARY set (got PRIMARY)"],
  [
    "the health check on the PRIMARY record",
    sets({ ...primary, HealthCheckId: undefined }, secondary),
    "pair.example.com A: the PRIMARY set has no health check, so the takeover would not move it",
  ],
  [
    "the health check itself",
    { GetHealthCheck: awsError("NoSuchHealthCheck") },
    `pair.example.com A: health check ${checkId} of the PRIMARY set does not exist`,
  ],
  [
    "a health check of the switch's own alarm",
    check({ AlarmIdentifier: { Name: "other", Region: "eu-west-1" } }),
    `pair.example.com A: health check ${checkId} of the PRIMARY set follows an alarm in eu-west-1, not in eu-central-1`,
  ],
  [
    "a health check that keeps its status",
    check({ InsufficientDataHealthStatus: "Healthy" }),
    `health check ${checkId} of the PRIMARY set does not keep its last known status when data is missing`,
  ],
  [
    "values as the plan has them",
    sets(primary, { ...secondary, ResourceRecords: [{ Value: "198.51.100.99" }] }),
    'pair.example.com A: the set "recovery" has 198.51.100.99, the plan has 198.51.100.30',
  ],
  [
    "servers that the tags select",
    { DescribeInstances: { Reservations: [] } },
    "server: no instance in eu-west-1 has the tags App=pair",
  ],
  [
    "a server that may be stopped, or cut off",
    { DescribeInstanceAttribute: { DisableApiStop: { Value: true } } },
    "is protected against stopping",
  ],
  [
    "a complete point",
    {},
    "server: no complete recovery point in eu-central-1",
    async ({ store }) => {
      await store.removePoint(point);
      const since = "2026-03-01T00:00:00.000Z";
      await store.saveProof("pair", { ...unproven(since), at, provenAt: at });
    },
  ],
  [
    "a complete point, of a resource that was tried long before the plan was deployed again",
    {},
    "server: no complete recovery point in eu-central-1",
    async ({ store }) => {
      await store.savePoint({ ...point, state: "open", completedAt: null, openedAt: "2026-03-01T00:00:00.000Z" });
      await store.saveProof("pair", { ...unproven(at), at, provenAt: at });
    },
  ],
  [
    "the point's manifest",
    {},
    "server: i-0b has no manifest in recovery point server.20260302T113000Z",
    ({ store }) => store.savePoint({ ...point, servers: ["i-0a", "i-0b"] }),
  ],
  [
    "a right",
    {},
    `rights of a failover, tried at ${at}: missing ec2:RunInstances in eu-central-1 (launch): no`,
    ({ store }) => store.saveProof("pair", { ...unproven(at), at, denied: [denied] }),
  ],
  [
    "the instance profile",
    {},
    "Invalid IAM Instance Profile name",
    ({ store }) =>
      store.saveProof("pair", {
        ...unproven(at),
        at,
        provenAt: at,
        unknown: [
          "ec2:RunInstances in eu-central-1 (launch): InvalidParameterValue: Invalid IAM Instance Profile name",
        ],
      }),
  ],
  [
    "a young proof",
    {},
    "the rights of a failover were last proven 51 hours ago",
    ({ store }) => {
      const old = "2026-02-28T09:00:00.000Z";
      return store.saveProof("pair", { ...unproven(old), at: old, provenAt: old });
    },
  ],
  [
    "the primary Region as the one that serves",
    {},
    "it is served from eu-central-1, and has no protection against the loss of that Region",
    ({ table, plan }) =>
      table.put({ pk: "pair", sk: "row" }, { ...aRow({ application: "pair", active: plan.regions.recovery }) }),
  ],
];

describe("lifeboat check --online, with something missing", () => {
  it.each(missing)("names %s, and ends with 2", async (_what, over, named, edit) => {
    const scene = await anOnlineScene(over);
    await edit?.(scene);
    const { code, out } = await scene.run("check", "--online", planFile);
    expect(
      out
        .split("\n")
        .filter((line) => line.includes("problem:"))
        .join("\n"),
    ).toContain(named);
    expect(out).toMatch(/NOT READY: \d+ reasons?\n/);
    expect(code).toBe(2);
  });

  it("says READY and ends with 0 when all is there", async () => {
    const { code, out } = await (await anOnlineScene()).run("check", "--online", planFile);
    expect([code, out]).toEqual([0, expect.stringContaining(`${planFile}: READY\n`)]);
  });

  it("warns of records that lead elsewhere than to the Elastic IPs of the plan", async () => {
    const DescribeAddresses = { Addresses: [{ AllocationId: "eipalloc-0c40", PublicIp: "203.0.113.7" }] };
    const { out } = await (await anOnlineScene({ DescribeAddresses })).run("check", "--online", planFile);
    expect(out).toContain("traffic: the A records lead to 198.51.100.30, the servers get 203.0.113.7");
  });

  it("says what is to do by hand after the deployment, with the id of the health check and the name of the record", async () => {
    const unwired = sets({ ...primary, HealthCheckId: undefined }, secondary);
    const { out } = await (await anOnlineScene(unwired)).run("check", "--online", planFile);
    expect(out).toContain(
      `to do: set HealthCheckId ${checkId} on the PRIMARY set of pair.example.com A in zone Z0123456789PAIREXMPL\n`,
    );
  });

  it("knows before the deployment that its health check comes with it", async () => {
    const over = {
      ...sets({ ...primary, HealthCheckId: undefined }, secondary),
      ListHealthChecks: { HealthChecks: [] },
    };
    const { code, out } = await (await anOnlineScene(over, { deployed: false })).run("check", "--online", planFile);
    expect([code, out]).toEqual([0, expect.not.stringContaining("READY")]);
    expect(out).toContain("to do: set HealthCheckId (output HealthCheckId of the switch stack) on the PRIMARY set of");
  });

  it("names what belongs to another account", async () => {
    const scene = await anOnlineScene();
    scene.plan.protect[0]!.launch.targetGroups = [];
    const { judgeAccounts } = await import("../../functions/core/readiness/readiness.ts");
    const notify = { ...scene.plan.notify, topics: ["arn:aws:sns:eu-central-1:999922223333:lifeboat"] };
    expect(judgeAccounts({ ...scene.plan, notify }, "111122223333").problems).toEqual([
      "notify: topic arn:aws:sns:eu-central-1:999922223333:lifeboat belongs to account 999922223333, not to 111122223333, which Lifeboat runs in",
    ]);
  });
});
