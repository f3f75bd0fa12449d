import { CreateSnapshotsCommand, DescribeInstancesCommand, DescribeSnapshotsCommand } from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { snapshot } from "../../functions/snapshot.ts";
import { aPlan, aResource, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { anUntaken, aTaken, aVolume, theOpenPoint } from "../support/replication.ts";
import {
  aScene,
  ec2,
  fault,
  input,
  keep,
  manifestOf,
  own,
  pointOf,
  reset,
  run,
  takenAt,
} from "../support/snapshot-scene.ts";

beforeEach(reset);

describe("a point that is due", () => {
  it("a due point gets one set for each server, and remembers it before anything else is asked", async () => {
    const context = await aScene();

    expect(await snapshot(input, context)).toEqual({
      done: true,
      next: "copy",
      passes: 1,
      waitSeconds: 3,
      started: 2,
      points: [own],
      problems: {},
      taking: [],
      then: "copy",
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
    expect(manifest).toMatchObject({ takenAt: takenAt.toISOString(), launchedAt: "2026-01-01T00:00:00.000Z" });
    expect(manifest.volumes).toMatchObject([{ volume: "vol-i-1", sourceSnapshot: "snap-i-1", snapshot: null }]);
    expect(await context.store.ledger("shop", run.name)).toMatchObject([{ subject: "web", outcome: "Taken" }]);
  });

  it("a due point finds servers by all tags of the selection, also while they start or stop", async () => {
    await snapshot(input, await aScene(aPlan({ protect: [aResource({ select: { tags: { App: "a", Tier: "b" } } })] })));
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DescribeInstancesCommand, {
      Filters: [
        { Name: "tag:App", Values: ["a"] },
        { Name: "tag:Tier", Values: ["b"] },
        { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
      ],
      MaxResults: 1000,
    });
  });

  it("a due point asks for nothing a second time when the step runs twice", async () => {
    const context = await aScene();
    await snapshot(input, context);
    expect(await snapshot(input, context)).toMatchObject({ done: true, next: "copy", started: 0, points: [] });
    expect(ec2).toHaveReceivedCommandTimes(CreateSnapshotsCommand, 2);
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 1);
  });

  it("a due point leaves out volumes that the plan excludes, and servers that then have none", async () => {
    const context = await aScene(aPlan({ protect: [aResource({ exclude: { volumes: ["/dev/xvda"] } })] }));
    const { problems } = await snapshot(input, context);
    expect(problems.web).toBe("i-1 has no EBS volume to protect; i-2 has no EBS volume to protect");
    expect(await pointOf(context)).toBeNull();
  });
});

describe("nothing due", () => {
  it("snapshot changes nothing when the newest point is fresh and complete", async () => {
    const context = await aScene();
    await keep(context, theOpenPoint({ state: "complete", openedAt: "2026-03-02T11:50:00.000Z" }));
    const result = await snapshot(input, context);
    expect(result).toMatchObject({ done: true, next: "catalog", started: 0, points: [] });
    expect(ec2.calls()).toHaveLength(0);
  });

  it("snapshot ends the pass when there is nothing to catalogue either, and reports the age of the newest point", async () => {
    const context = await aScene();
    const openedAt = "2026-03-02T11:50:00.000Z";
    await keep(context, theOpenPoint({ state: "complete", openedAt, pointAt: openedAt, imaged: true, swept: true }));
    expect(await snapshot(input, context)).toMatchObject({ done: true, next: "rest" });
    expect(context.told.metrics).toEqual([
      { name: "RecoveryPointAgeSeconds", value: 600, dimensions: { Application: "shop", Resource: "web" } },
    ]);
  });

  it("snapshot goes to the report when the newest point is older than the objective allows", async () => {
    const context = await aScene(aPlan({ protect: [aResource({ everySeconds: 86_400 })] }));
    const openedAt = "2026-03-02T10:50:00.000Z";
    await keep(context, theOpenPoint({ state: "complete", openedAt, pointAt: openedAt, imaged: true, swept: true }));
    expect((await snapshot(input, context)).next).toBe("catalog");
  });

  it("snapshot follows copies that an earlier pass left in the queue", async () => {
    const context = await aScene();
    const openedAt = "2026-03-02T11:50:00.000Z";
    const point = theOpenPoint({ openedAt, deadline: openedAt, servers: ["i-0a"] });
    await keep(context, point, aTaken());
    expect((await snapshot(input, context)).next).toBe("copy");
    expect((await pointOf(context, point.id)).queued).toBe(true);
    expect(await snapshot(input, context)).toMatchObject({ next: "copy", points: [] });
  });

  it("snapshot finishes the fresh point that a dead pass left open", async () => {
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

describe("what cannot be protected", () => {
  it("snapshot names the tags that match nothing", async () => {
    ec2.on(DescribeInstancesCommand).resolves({});
    const result = await snapshot(input, await aScene());
    expect(result).toMatchObject({ done: true, points: [] });
    expect(result.problems.web).toBe("no instance in eu-west-1 has the tags App=shop");
  });

  it("snapshot asks a silent source Region once, whatever the number of resources", async () => {
    ec2.on(DescribeInstancesCommand).rejects(fault("TimeoutError"));
    const context = await aScene(aPlan({ protect: [aResource(), aResource({ name: "db" })] }));
    const { done, problems } = await snapshot(input, context);
    expect(done).toBe(true);
    expect(problems).toEqual({ web: "eu-west-1 did not respond", db: "eu-west-1 did not respond" });
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 1);
  });

  it("snapshot reports a source Region that falls silent before the snapshots", async () => {
    ec2.on(DescribeSnapshotsCommand).rejects(Object.assign(new Error("503"), { $metadata: { httpStatusCode: 503 } }));
    const context = await aScene();
    expect(await snapshot(input, context)).toMatchObject({
      done: true,
      problems: { web: "eu-west-1 did not respond" },
    });
    expect((await pointOf(context)).state).toBe("open");
  });

  it("a throttled listing makes the step run again", async () => {
    ec2.on(DescribeInstancesCommand).rejects(fault("RequestLimitExceeded"));
    await expect(snapshot(input, await aScene())).rejects.toThrow("RequestLimitExceeded");
  });
});

it("snapshot stops before it changes anything when a run has taken over", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
  await expect(snapshot(input, context)).rejects.toMatchObject({ name: "StaleLeaseError" });
  expect(ec2.calls()).toHaveLength(0);
});
