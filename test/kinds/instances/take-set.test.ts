import {
  CreateSnapshotsCommand,
  DescribeInstanceAttributeCommand,
  DescribeSnapshotsCommand,
} from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { snapshot } from "../../../functions/snapshot.ts";
import { aPlan, aResource } from "../../support/builders.ts";
import { anUntaken, theOpenPoint } from "../../support/replication.ts";
import {
  aScene,
  ec2,
  fault,
  input,
  keep,
  listed,
  manifestOf,
  own,
  pointOf,
  reset,
  run,
  setOf,
  showing,
} from "../../support/snapshot-scene.ts";

beforeEach(reset);

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
