import {
  CreateSnapshotsCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import type { Manifest, Point } from "../../functions/core/point.ts";
import { snapshot } from "../../functions/snapshot.ts";
import { aPlan, aResource, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { aHeldRow, anUntaken, aPass, aTaken, aVolume, theOpenPoint } from "../support/replication.ts";

const ec2 = mockClient(EC2Client);
const run = aPass();
const lease = { value: { generation: 1 } };
const input = { run, lease };
const own = "web.20260302T120000Z";
const takenAt = new Date("2026-03-02T12:00:02.000Z");

const aScene = (plan = aPlan(), over: Parameters<typeof aContext>[0] = {}) =>
  withTable(aContext(over), { plan, row: aHeldRow(run) });
type Scene = Awaited<ReturnType<typeof aScene>>;
const pointOf = ({ store }: Scene, id = own) => store.point("shop", id) as Promise<Point>;
const manifestOf = ({ store }: Scene, server = "i-1", id = own) =>
  store.manifest("shop", id, server) as Promise<Manifest>;
const keep = async ({ store }: Scene, point: Point, ...manifests: Manifest[]) => {
  await store.savePoint(point);
  for (const manifest of manifests) await store.saveManifest({ ...manifest, point: point.id });
};

const instance = (id: string) => ({
  InstanceId: id,
  InstanceType: "m5.large" as const,
  SubnetId: "subnet-1",
  LaunchTime: new Date("2026-01-01T00:00:00.000Z"),
  RootDeviceName: "/dev/xvda",
  BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeId: `vol-${id}` } }],
});
const volume = (id: string) => ({ VolumeId: `vol-${id}`, Attachments: [{ InstanceId: id }] });
const showing = (...ids: string[]) => {
  ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: ids.map(instance) }] });
  ec2.on(DescribeVolumesCommand).resolves({ Volumes: ids.map(volume) });
};
const setOf = (id: string, StartTime = takenAt) => ({
  Snapshots: [{ SnapshotId: `snap-${id}`, VolumeId: `vol-${id}`, StartTime }],
});
const listed = (id: string, point = own) => ({
  ...setOf(id).Snapshots[0],
  Tags: [
    { Key: "lifeboat:point", Value: point },
    { Key: "lifeboat:server", Value: id },
  ],
});
const fault = (name: string, message = name) => Object.assign(new Error(message), { name });

beforeEach(() => {
  ec2.reset();
  ec2.on(DescribeSnapshotsCommand).resolves({});
  ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [{ SubnetId: "subnet-1", CidrBlock: "10.0.0.0/24" }] });
  ec2.on(DescribeInstanceTypesCommand).resolves({ InstanceTypes: [{ InstanceType: "m5.large" }] });
  ec2.on(DescribeInstanceAttributeCommand).resolves({ UserData: { Value: "IyE=" } });
  ec2.on(CreateSnapshotsCommand).callsFake(({ InstanceSpecification: { InstanceId } }) => setOf(InstanceId));
  showing("i-1", "i-2");
});

describe("a point that is due", () => {
  it("gets one set for each server, and remembers it before anything else is asked", async () => {
    const context = await aScene();

    expect(await snapshot(input, context)).toEqual({
      ...{ done: true, passes: 1, waitSeconds: 15, started: 2, points: [own], problems: {} },
    });

    expect(ec2).toHaveReceivedCommandTimes(CreateSnapshotsCommand, 2);
    expect(ec2).toHaveReceivedCommandWith(CreateSnapshotsCommand, {
      InstanceSpecification: { InstanceId: "i-1" },
      TagSpecifications: [
        {
          ResourceType: "snapshot",
          Tags: [
            { Key: "lifeboat:application", Value: "shop" },
            { Key: "lifeboat:resource", Value: "web" },
            { Key: "lifeboat:point", Value: own },
            { Key: "lifeboat:server", Value: "i-1" },
            { Key: "lifeboat:source-region", Value: "eu-west-1" },
          ],
        },
      ],
    });
    expect(await pointOf(context)).toMatchObject({ state: "open", servers: ["i-1", "i-2"], pointAt: null });
    const manifest = await manifestOf(context);
    expect(manifest).toMatchObject({ takenAt: takenAt.toISOString(), userData: "i-1.1767225600000" });
    expect(manifest.volumes).toMatchObject([{ volume: "vol-i-1", sourceSnapshot: "snap-i-1", snapshot: null }]);
    expect(await context.store.ledger("shop", run.name)).toMatchObject([{ subject: "web", outcome: "Taken" }]);
  });

  it("finds servers by all tags of the selection, running or stopped", async () => {
    await snapshot(input, await aScene(aPlan({ protect: [aResource({ select: { tags: { App: "a", Tier: "b" } } })] })));
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DescribeInstancesCommand, {
      Filters: [
        { Name: "tag:App", Values: ["a"] },
        { Name: "tag:Tier", Values: ["b"] },
        { Name: "instance-state-name", Values: ["running", "stopped"] },
      ],
      MaxResults: 1000,
    });
  });

  it("asks for nothing a second time when the step runs twice", async () => {
    const context = await aScene();
    await snapshot(input, context);
    const again = await snapshot({ ...input, snapshot: { value: { passes: 1, started: 2, problems: {} } } }, context);
    expect(again).toMatchObject({ done: true, passes: 2, started: 2, points: [own] });
    expect(ec2).toHaveReceivedCommandTimes(CreateSnapshotsCommand, 2);
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 1);
  });

  it("reads user data once for each start of an instance, also when there is none", async () => {
    ec2.on(DescribeInstanceAttributeCommand).resolves({});
    const context = await aScene();
    await snapshot(input, context);
    await snapshot({ ...input, run: { ...run, startedAt: "2026-03-02T12:30:00.000Z" } }, context);
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstanceAttributeCommand, 2);
    expect((await manifestOf(context)).userData).toBeNull();
  });

  it("leaves out volumes that the plan excludes, and servers that then have none", async () => {
    const context = await aScene(aPlan({ protect: [aResource({ exclude: { volumes: ["/dev/xvda"] } })] }));
    const { problems } = await snapshot(input, context);
    expect(problems.web).toBe("i-1 has no EBS volume to protect; i-2 has no EBS volume to protect");
    expect(await pointOf(context)).toBeNull();
  });
});

describe("nothing due", () => {
  it("touches nothing when the newest point is fresh and complete", async () => {
    const context = await aScene();
    await keep(context, theOpenPoint({ state: "complete", openedAt: "2026-03-02T11:50:00.000Z" }));
    expect(await snapshot(input, context)).toMatchObject({ done: true, started: 0, points: [] });
    expect(ec2.calls()).toHaveLength(0);
  });

  it("finishes the fresh point that a dead pass left open", async () => {
    const context = await aScene();
    const point = theOpenPoint({ openedAt: "2026-03-02T11:50:00.000Z", servers: ["i-1", "i-2"] });
    const volumes = [aVolume({ volume: "vol-i-2", sourceSnapshot: null })];
    await keep(context, point, aTaken({ server: "i-1" }), anUntaken({ server: "i-2", volumes }));
    expect(await snapshot(input, context)).toMatchObject({ done: true, started: 1, points: [point.id] });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(CreateSnapshotsCommand, {
      InstanceSpecification: { InstanceId: "i-2" },
      TagSpecifications: expect.anything(),
    });
  });
});

describe("a reply that was lost", () => {
  it("is looked for by its tags, and taken over", async () => {
    const context = await aScene();
    ec2
      .on(CreateSnapshotsCommand)
      .rejectsOnce(Object.assign(new Error("reset"), { code: "ECONNRESET" }))
      .callsFake(({ InstanceSpecification: { InstanceId } }) => setOf(InstanceId));
    const first = await snapshot(input, context);
    expect(first).toMatchObject({ done: false, started: 0, waitSeconds: 15 });
    expect(ec2).toHaveReceivedCommandTimes(CreateSnapshotsCommand, 1);

    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [listed("i-1")] });
    const second = await snapshot({ ...input, snapshot: { value: first } }, context);

    expect(second).toMatchObject({ done: true, passes: 2, started: 1 });
    expect(ec2).toHaveReceivedCommandTimes(CreateSnapshotsCommand, 2);
    expect((await manifestOf(context)).volumes[0]?.sourceSnapshot).toBe("snap-i-1");
    expect(ec2).toHaveReceivedCommandWith(DescribeSnapshotsCommand, {
      OwnerIds: ["self"],
      Filters: [
        { Name: "tag:lifeboat:application", Values: ["shop"] },
        { Name: "tag:lifeboat:point", Values: [own] },
      ],
    });
  });

  it("waits for a set of which only a part is visible", async () => {
    const context = await aScene(aPlan(), { now: () => new Date("2026-03-02T12:00:30.000Z") });
    const two = anUntaken({
      server: "i-1",
      volumes: ["vol-i-1", "vol-other"].map((volume) => ({ ...anUntaken().volumes[0]!, volume })),
    });
    await keep(context, theOpenPoint({ id: own, openedAt: run.startedAt, servers: ["i-1"] }), two);
    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [listed("i-1")] });
    expect(await snapshot(input, context)).toMatchObject({ done: false, started: 0 });
    expect(ec2).toHaveReceivedCommandTimes(CreateSnapshotsCommand, 0);
  });
});

describe("a server that cannot be snapshotted", () => {
  it("is left out with the reason when it vanished since the listing", async () => {
    const context = await aScene();
    ec2
      .on(CreateSnapshotsCommand)
      .rejectsOnce(fault("InvalidInstanceID.NotFound", "i-1 does not exist"))
      .resolves(setOf("i-2"));
    expect(await snapshot(input, context)).toMatchObject({ done: true, started: 1, problems: {} });
    const point = await pointOf(context);
    expect(point.servers).toEqual(["i-2"]);
    expect(point.because).toContain("left out: i-1: InvalidInstanceID.NotFound");
  });

  it("is left out when it has lost all its volumes since", async () => {
    const context = await aScene();
    ec2.on(CreateSnapshotsCommand).resolvesOnce({ Snapshots: [] }).resolves(setOf("i-2"));
    await snapshot(input, context);
    expect((await pointOf(context)).because).toContain("i-1 has none of its volumes any more");
  });

  it("ends the point when AWS refuses for good, and leaves the other resources as they are", async () => {
    const protect = [aResource(), aResource({ name: "db" })];
    const context = await aScene(aPlan({ protect }));
    ec2.on(CreateSnapshotsCommand).callsFake(({ InstanceSpecification: { InstanceId }, TagSpecifications }) => {
      if (JSON.stringify(TagSpecifications).includes('"web"')) throw fault("SnapshotLimitExceeded", "quota");
      return setOf(InstanceId);
    });
    const result = await snapshot(input, context);
    expect(result).toMatchObject({ done: true, started: 2, problems: { web: "i-1: SnapshotLimitExceeded: quota" } });
    expect(await pointOf(context)).toMatchObject({ state: "discarded", because: "i-1: SnapshotLimitExceeded: quota" });
    expect(await context.store.ledger("shop", run.name)).toMatchObject([
      { subject: "db", outcome: "Taken" },
      { subject: "web", outcome: "Failed", detail: { failed: ["web"] } },
    ]);
  });

  it("ends the point when its sets keep ending in error", async () => {
    const context = await aScene();
    const failed = [1, 2, 3].map((at) => ({
      ...listed("i-1"),
      ...{ State: "error" as const, StartTime: new Date(at), StateMessage: "broken" },
    }));
    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: failed });
    expect((await snapshot(input, context)).problems.web).toBe("i-1: 3 sets ended in error: broken");
  });
});

describe("back-pressure", () => {
  test.each(["SnapshotCreationPerVolumeRateExceeded", "ConcurrentSnapshotLimitExceeded"])("%s waits", async (name) => {
    const context = await aScene();
    ec2.on(CreateSnapshotsCommand).rejectsOnce(fault(name)).resolves(setOf("i-2"));
    expect(await snapshot(input, context)).toMatchObject({ done: false, started: 1, problems: {} });
  });

  it("is told as a problem when it lasts longer than a quarter of an hour", async () => {
    const context = await aScene(aPlan(), { now: () => new Date("2026-03-02T12:16:00.000Z") });
    const point = theOpenPoint({ id: own, openedAt: run.startedAt, servers: ["i-1"] });
    await keep(context, point, anUntaken({ server: "i-1" }));
    ec2.on(CreateSnapshotsCommand).rejects(fault("ConcurrentSnapshotLimitExceeded"));
    const result = await snapshot(input, context);
    expect(result.done).toBe(true);
    expect(result.problems.web).toContain("ConcurrentSnapshotLimitExceeded");
    expect((await pointOf(context)).state).toBe("open");
  });

  it("a throttle ends the starting for this time", async () => {
    const context = await aScene();
    ec2.on(CreateSnapshotsCommand).rejects(fault("RequestLimitExceeded"));
    expect(await snapshot(input, context)).toMatchObject({ done: false, started: 0 });
    expect(ec2).toHaveReceivedCommandTimes(CreateSnapshotsCommand, 1);
  });

  it("no more than half of the bucket is spent in one invocation", async () => {
    showing(...Array.from({ length: 60 }, (_, at) => `i-${at}`));
    const context = await aScene();
    const first = await snapshot(input, context);
    expect(first).toMatchObject({ done: false, started: 50 });
    expect(await snapshot({ ...input, snapshot: { value: first } }, context)).toMatchObject({
      done: true,
      started: 60,
    });
  });

  it("reads at most 100 user data in one invocation, and goes on in the next", async () => {
    showing(...Array.from({ length: 101 }, (_, at) => `i-${at}`));
    const context = await aScene();
    const first = await snapshot(input, context);
    expect(first).toMatchObject({ done: false, started: 0, points: [] });
    expect(await snapshot({ ...input, snapshot: { value: first } }, context)).toMatchObject({ started: 50 });
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstanceAttributeCommand, 101);
  });
});

describe("what cannot be protected", () => {
  it("names the tags that match nothing", async () => {
    ec2.on(DescribeInstancesCommand).resolves({});
    const result = await snapshot(input, await aScene());
    expect(result).toMatchObject({ done: true, points: [] });
    expect(result.problems.web).toBe("no running or stopped instance in eu-west-1 has the tags App=shop");
  });

  it("asks a silent source Region once, whatever the number of resources", async () => {
    ec2.on(DescribeInstancesCommand).rejects(fault("TimeoutError"));
    const context = await aScene(aPlan({ protect: [aResource(), aResource({ name: "db" })] }));
    const { done, problems } = await snapshot(input, context);
    expect(done).toBe(true);
    expect(problems).toEqual({ web: "eu-west-1 gave no answer", db: "eu-west-1 gave no answer" });
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 1);
  });

  it("tells a source Region that falls silent before the snapshots", async () => {
    ec2.on(DescribeSnapshotsCommand).rejects(Object.assign(new Error("503"), { $metadata: { httpStatusCode: 503 } }));
    const context = await aScene();
    expect(await snapshot(input, context)).toMatchObject({ done: true, problems: { web: "eu-west-1 gave no answer" } });
    expect((await pointOf(context)).state).toBe("open");
  });

  it("is not tried again by the next invocation of the same pass", async () => {
    const before = { value: { passes: 1, started: 0, problems: { web: "no" } } };
    const result = await snapshot({ ...input, snapshot: before }, await aScene());
    expect(result).toMatchObject({ done: true, passes: 2, problems: { web: "no" } });
    expect(ec2.calls()).toHaveLength(0);
  });

  it("a throttled listing makes the step run again", async () => {
    ec2.on(DescribeInstancesCommand).rejects(fault("RequestLimitExceeded"));
    await expect(snapshot(input, await aScene())).rejects.toThrow("RequestLimitExceeded");
  });
});

it("stops before anything when a run has taken over", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
  await expect(snapshot(input, context)).rejects.toMatchObject({ name: "StaleLeaseError" });
  expect(ec2.calls()).toHaveLength(0);
});
