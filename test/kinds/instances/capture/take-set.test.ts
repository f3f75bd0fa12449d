import {
  CreateSnapshotsCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { snapshot } from "../../../../functions/snapshot.ts";
import { aPlan, aResource } from "../../../support/builders.ts";
import { anUntaken, theOpenPoint } from "../../../support/replication.ts";
import {
  aScene,
  ec2,
  fault,
  input,
  instance,
  keep,
  listed,
  manifestOf,
  own,
  pointOf,
  reset,
  run,
  setOf,
  showing,
} from "../../../support/snapshot-scene.ts";

beforeEach(reset);

describe("a reply that was lost", () => {
  it("a set whose reply was lost is found by its tags, and taken over", async () => {
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
        { Name: "tag:lifeboat:server", Values: ["i-1", "i-2"] },
      ],
    });
  });

  it("a pass waits for a set of which only a part is visible", async () => {
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
  it("a server is left out with the reason when it vanished since the listing", async () => {
    const context = await aScene();
    ec2
      .on(CreateSnapshotsCommand)
      .rejectsOnce(fault("InvalidInstanceID.NotFound", "i-1 does not exist"))
      .resolves(setOf("i-2"));
    const because = "1 of 2 servers left out: i-1: InvalidInstanceID.NotFound: i-1 does not exist";
    expect(await snapshot(input, context)).toMatchObject({ done: true, started: 1, problems: { web: because } });
    expect(await pointOf(context)).toMatchObject({ servers: ["i-2"], because, queued: true });
  });

  it("a server is taken without a volume that was gone before its snapshot, and the volume is named", async () => {
    ec2.on(DescribeVolumesCommand).resolves({
      Volumes: ["vol-i-1", "vol-gone"].map((VolumeId) => ({ VolumeId, Attachments: [{ InstanceId: "i-1" }] })),
    });
    const devices = ["vol-i-1", "vol-gone"].map((VolumeId, at) => ({ DeviceName: `/dev/xvd${at}`, Ebs: { VolumeId } }));
    const one = { ...instance("i-1"), BlockDeviceMappings: devices };
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [one] }] });
    const context = await aScene();
    expect(await snapshot(input, context)).toMatchObject({
      done: true,
      next: "copy",
      started: 1,
      problems: { web: "volumes gone before their snapshots: vol-gone of i-1" },
    });
    expect((await manifestOf(context)).volumes).toHaveLength(1);
  });

  it("a server is left out alone when AWS refuses it alone", async () => {
    const context = await aScene();
    ec2
      .on(CreateSnapshotsCommand, { InstanceSpecification: { InstanceId: "i-1" } })
      .rejects(fault("InvalidParameterValue", "odd"));
    const because = "1 of 2 servers left out: i-1: InvalidParameterValue: odd";
    expect(await snapshot(input, context)).toMatchObject({ done: true, next: "copy", problems: { web: because } });
  });

  it("a point is not made when its only server cannot be snapshotted", async () => {
    showing("i-1");
    ec2.on(CreateSnapshotsCommand).rejects(fault("InvalidInstanceID.NotFound", "gone"));
    const context = await aScene();
    const because = "1 of 1 servers left out: i-1: InvalidInstanceID.NotFound: gone";
    expect(await snapshot(input, context)).toMatchObject({ done: true, next: "catalog", problems: { web: because } });
    expect(await pointOf(context)).toMatchObject({ state: "discarded", because });
  });

  it("a server is left out when it has lost all its volumes since", async () => {
    const context = await aScene();
    ec2.on(CreateSnapshotsCommand).resolvesOnce({ Snapshots: [] }).resolves(setOf("i-2"));
    await snapshot(input, context);
    expect((await pointOf(context)).because).toContain("i-1 has none of its volumes any more");
  });

  it("a permanent refusal of AWS ends the point, and leaves the other resources as they are", async () => {
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

  it("a server whose sets keep ending in error ends the point", async () => {
    const context = await aScene();
    const failed = [1, 2, 3].map((at) => ({
      ...listed("i-1"),
      State: "error" as const,
      StartTime: new Date(at),
      StateMessage: "broken",
    }));
    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: failed });
    expect((await snapshot(input, context)).problems.web).toBe(
      "1 of 2 servers left out: i-1: 3 sets ended in error: broken",
    );
  });
});

describe("back-pressure", () => {
  test.each(["SnapshotCreationPerVolumeRateExceeded", "ConcurrentSnapshotLimitExceeded", "IncorrectInstanceState"])(
    "%s waits",
    async (name) => {
      const context = await aScene();
      ec2.on(CreateSnapshotsCommand).rejectsOnce(fault(name)).resolves(setOf("i-2"));
      expect(await snapshot(input, context)).toMatchObject({ done: false, started: 1, problems: {} });
    },
  );

  it("a pass goes on without a server whose throttle lasts longer than five minutes", async () => {
    let now = new Date(run.startedAt);
    const context = await aScene(aPlan(), { now: () => now });
    ec2
      .on(CreateSnapshotsCommand, { InstanceSpecification: { InstanceId: "i-1" } })
      .rejects(fault("ConcurrentSnapshotLimitExceeded"));
    const first = await snapshot(input, context);
    expect(first).toMatchObject({ done: false, waitSeconds: 15, started: 1 });
    now = new Date("2026-03-02T12:05:01.000Z");
    const second = await snapshot({ ...input, snapshot: { value: first } }, context);
    expect(second).toMatchObject({ done: true, next: "copy" });
    expect(second.problems.web).toContain("1 of 2 servers left out: i-1: ConcurrentSnapshotLimitExceeded");
    expect((await pointOf(context)).servers).toEqual(["i-2"]);
  });

  it("a throttle ends the starting for this time", async () => {
    const context = await aScene();
    ec2.on(CreateSnapshotsCommand).rejects(fault("RequestLimitExceeded"));
    expect(await snapshot(input, context)).toMatchObject({ done: false, started: 0 });
    expect(ec2).toHaveReceivedCommandTimes(CreateSnapshotsCommand, 1);
  });

  it("no more than half of the bucket is spent in one invocation, and the wait fills it again", async () => {
    showing(...Array.from({ length: 50 }, (_, at) => `i-${10 + at}`));
    const context = await aScene(aPlan({ protect: [aResource(), aResource({ name: "db" })] }));
    const first = await snapshot(input, context);
    expect(first).toMatchObject({ done: false, next: "again", started: 50, waitSeconds: 10, points: [own] });
    const second = await snapshot({ ...input, snapshot: { value: first } }, context);
    expect(second).toMatchObject({ done: true, next: "copy", started: 100 });
    expect(ec2).toHaveReceivedCommandTimes(CreateSnapshotsCommand, 100);
  });
});
