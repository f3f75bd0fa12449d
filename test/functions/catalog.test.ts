import {
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type Image,
  RegisterImageCommand,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { catalog } from "../../functions/catalog.ts";
import { limits } from "../../functions/core/limits.ts";
import type { Manifest, Point } from "../../functions/core/point.ts";
import type { SnapshotFact } from "../../functions/core/snapshot-fact.ts";
import { aPlan, aPoint, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { aCopy, aHeldRow, aPass, aSource, aTaken, aVolume, theOpenPoint } from "../support/replication.ts";
import { asDescribed } from "../support/snapshots.ts";

const ec2 = mockClient(EC2Client);
const run = aPass();
const input = { run, lease: { value: { generation: 1 } } };
const id = "web.20260302T113000Z";
const fault = (name: string, message = name) => Object.assign(new Error(message), { name });

const aScene = async (...points: { point: Point; manifests: Manifest[] }[]) => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aHeldRow(run) });
  for (const { point, manifests } of points) {
    await context.store.savePoint(point);
    for (const manifest of manifests) await context.store.saveManifest({ ...manifest, point: point.id });
  }
  return context;
};
const open = (...manifests: Manifest[]) => ({
  point: theOpenPoint({ servers: manifests.map(({ server }) => server) }),
  manifests,
});
const complete = (over: Partial<Point> = {}, manifest: Partial<Manifest> = {}) => ({
  point: aPoint({ swept: true, ...over }),
  manifests: [aTaken({ volumes: [aVolume({ snapshot: "snap-dst-a" })], image: "ami-1", ...manifest })],
});
const showing = (sources: SnapshotFact[] | null, copies: SnapshotFact[]) =>
  ec2.on(DescribeSnapshotsCommand).callsFake(async (_, client) => {
    if ((await client().config.region()) === "eu-central-1") return { Snapshots: copies.map(asDescribed) };
    if (!sources) throw fault("TimeoutError");
    return { Snapshots: sources.map(asDescribed) };
  });
const imageOf = (point: string, over: Partial<Image> = {}, resource = "web"): Image => ({
  ...{ ImageId: "ami-1", Name: `lifeboat-shop-${point}-i-0a`, State: "available" },
  Tags: Object.entries({ resource, point, server: "i-0a" }).map(([key, Value]) => ({ Key: `lifeboat:${key}`, Value })),
  ...over,
});
const deleted = () => ec2.commandCalls(DeleteSnapshotCommand).map(({ args: [{ input }] }) => input.SnapshotId);

beforeEach(() => {
  ec2.reset();
  showing([], []);
  ec2.on(DescribeImagesCommand).resolves({});
  ec2.on(RegisterImageCommand).resolves({ ImageId: "ami-1" });
});

describe("a point whose copies are all completed", () => {
  it("is complete, registered as an image, and its age is published", async () => {
    showing([aSource()], [aCopy()]);
    const context = await aScene(open(aTaken()));

    expect(await catalog(input, context)).toEqual({
      ...{ done: true, passes: 1, waitSeconds: 10, complete: [id], discarded: [] },
      ...{ rpoSeconds: { web: 1795 }, problems: {} },
    });

    expect(await context.store.point("shop", id)).toMatchObject({
      state: "complete",
      pointAt: "2026-03-02T11:30:05.000Z",
    });
    const [manifest] = await context.store.manifests("shop", id);
    expect(manifest).toMatchObject({ image: "ami-1", volumes: [{ snapshot: "snap-dst-a" }] });
    expect(context.told.metrics).toEqual([
      { name: "RecoveryPointAgeSeconds", value: 1795, dimensions: { Application: "shop", Resource: "web" } },
    ]);
    expect(await context.store.ledger("shop", run.name)).toMatchObject([{ state: "Catalog", outcome: "Catalogued" }]);
    expect(deleted()).toEqual([]);
  });

  it("stays as it is when the step runs twice", async () => {
    showing([aSource()], [aCopy()]);
    const context = await aScene(open(aTaken()));
    const first = await catalog(input, context);
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(id)] });
    const second = await catalog({ ...input, catalog: { value: first } }, context);
    expect(second).toMatchObject({ done: true, passes: 2, complete: [id] });
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, 1);
    expect(deleted()).toEqual([]);
  });

  it("is complete even though the source Region is dark", async () => {
    showing(null, [aCopy()]);
    expect(await catalog(input, await aScene(open(aTaken())))).toMatchObject({ complete: [id], done: true });
  });
});

describe("an open point", () => {
  it("is kept while copies are in progress; there is no RPO to publish", async () => {
    showing([aSource()], [aCopy({ state: "pending" })]);
    const context = await aScene(open(aTaken()));
    expect(await catalog(input, context)).toMatchObject({
      done: true,
      complete: [],
      discarded: [],
      rpoSeconds: { web: null },
    });
    expect(context.told.metrics).toEqual([]);
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, 0);
  });

  it("is discarded when a source snapshot failed, and then all its snapshots go, copies first", async () => {
    const manifest = aTaken({
      volumes: [aVolume(), aVolume({ volume: "vol-b", device: "/dev/sdf", sourceSnapshot: "snap-src-b" })],
    });
    showing(
      [aSource({ state: "error", because: "internal" }), aSource({ id: "snap-src-b" })],
      [aCopy({ of: "snap-src-b" })],
    );
    const context = await aScene(open(manifest));
    expect(await catalog(input, context)).toMatchObject({ done: true, discarded: [id] });
    expect(deleted()).toEqual(["snap-dst-a", "snap-src-a", "snap-src-b"]);
    const point = await context.store.point("shop", id);
    expect(point).toMatchObject({ state: "discarded", because: "snap-src-a of vol-0a failed: internal" });
    expect(point?.swept).toBeUndefined();
  });

  it("loses its failed copies, so that the next pass copies again", async () => {
    const failed = (at: string) => aCopy({ id: at, state: "error" });
    showing([aSource()], [failed("snap-1"), failed("snap-2")]);
    expect(await catalog(input, await aScene(open(aTaken())))).toMatchObject({ discarded: [], done: true });
    expect(deleted()).toEqual(["snap-1", "snap-2"]);
  });
});

describe("duplicates", () => {
  const twin = aCopy({ id: "snap-twin", startedAt: "2026-03-02T11:34:00.000Z" });
  const otherSet = aSource({ id: "snap-other-set", startedAt: "2026-03-02T11:31:00.000Z" });

  it("of a point that becomes complete are deleted in both Regions", async () => {
    showing([aSource(), otherSet], [aCopy(), twin]);
    const context = await aScene(open(aTaken()));
    await catalog(input, context);
    expect(deleted()).toEqual(["snap-twin", "snap-other-set"]);
  });

  it("that show up after it was complete are found by the next pass, which then looks no more", async () => {
    const settledAt = "2026-03-02T11:45:00.000Z";
    const context = await aScene(complete({ swept: false, settledAt }));
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(id)] });
    showing([aSource()], [aCopy(), twin]);
    await catalog(input, context);
    expect(deleted()).toEqual(["snap-twin"]);
    expect((await context.store.point("shop", id))?.swept).toBe(false);

    showing([aSource()], [aCopy()]);
    await catalog(input, context);
    expect((await context.store.point("shop", id))?.swept).toBe(true);
    ec2.resetHistory();
    await catalog(input, context);
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 0);
  });

  it("are still looked for while the source Region is dark", async () => {
    const context = await aScene(complete({ swept: false, settledAt: "2026-03-02T11:45:00.000Z" }));
    showing(null, [aCopy()]);
    await catalog(input, context);
    expect((await context.store.point("shop", id))?.swept).toBe(false);
  });

  test.each([
    ["InvalidSnapshot.InUse", true],
    ["TimeoutError", true],
    ["RequestLimitExceeded", false],
  ])("a delete that meets %s never fails the pass", async (name, done) => {
    showing([aSource(), otherSet, { ...otherSet, id: "snap-third" }], [aCopy()]);
    ec2.on(DeleteSnapshotCommand).rejects(fault(name));
    expect(await catalog(input, await aScene(open(aTaken())))).toMatchObject({ done, complete: [id] });
  });

  it("are deleted in portions", async () => {
    const many = Array.from({ length: 60 }, (_, at) => ({ ...otherSet, id: `snap-${at}` }));
    showing([aSource(), ...many], [aCopy()]);
    expect((await catalog(input, await aScene(open(aTaken())))).done).toBe(false);
    expect(deleted()).toHaveLength(limits.createSnapshotsPerPass);
  });
});

describe("images", () => {
  const older = "web.20260302T110000Z";
  const both = (image: string | null = "ami-old") =>
    aScene(
      complete({ id: older, openedAt: "2026-03-02T11:00:00.000Z", pointAt: "2026-03-02T11:00:05.000Z" }, { image }),
      complete(),
    );

  it("of older points are deregistered once the newest has all of its own; their snapshots stay", async () => {
    const context = await both();
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(older, { ImageId: "ami-old" }), imageOf(id)] });
    expect(await catalog(input, context)).toMatchObject({ done: true });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DeregisterImageCommand, { ImageId: "ami-old" });
    expect((await context.store.manifest("shop", older, "i-0a"))?.image).toBeNull();
    expect(deleted()).toEqual([]);
  });

  it("of older points stay while the newest lacks one", async () => {
    const context = await both();
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(older, { ImageId: "ami-old" })] });
    ec2.on(RegisterImageCommand).rejects(fault("UnauthorizedOperation", "not you"));
    expect(await catalog(input, context)).toMatchObject({ done: true, problems: { web: "not you" } });
    expect(ec2).toHaveReceivedCommandTimes(DeregisterImageCommand, 0);
    expect(await context.store.ledger("shop", run.name)).toMatchObject([
      { outcome: "Partial", detail: { failed: ["web"], because: "web: not you" } },
    ]);
  });

  it("that a run pinned in between stay", async () => {
    const context = await both();
    ec2.on(DescribeImagesCommand).callsFake(async () => {
      const lease = {
        id: "x",
        name: "x",
        machine: "failover",
        acquiredAt: "",
        phaseBefore: "protected",
        points: { web: older },
      };
      await context.table.update(
        { pk: "shop", sk: "row" },
        { set: { run: lease } },
        { equal: ["active", "eu-west-1"] },
      );
      return { Images: [imageOf(older, { ImageId: "ami-old" }), imageOf(id)] };
    });
    await catalog(input, context);
    expect(ec2).toHaveReceivedCommandTimes(DeregisterImageCommand, 0);
  });

  it("of resources that the plan no longer has are left alone", async () => {
    const context = await aScene(complete());
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf("old.20260101T000000Z", {}, "old"), imageOf(id), {}] });
    await catalog(input, context);
    expect(ec2).toHaveReceivedCommandTimes(DeregisterImageCommand, 0);
  });

  it("that were taken away by hand are made again", async () => {
    const context = await aScene(complete());
    ec2.on(RegisterImageCommand).resolves({ ImageId: "ami-again" });
    await catalog(input, context);
    expect((await context.store.manifest("shop", id, "i-0a"))?.image).toBe("ami-again");
  });

  test.each([
    ["RequestLimitExceeded", false],
    ["UnauthorizedOperation", true],
  ])("%s at a deregistration", async (name, done) => {
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(older, { ImageId: "ami-old" }), imageOf(id)] });
    ec2.on(DeregisterImageCommand).rejects(fault(name));
    expect(await catalog(input, await both(null))).toMatchObject({ done });
  });

  it("a lost reply of a registration is looked for in the next invocation", async () => {
    ec2.on(RegisterImageCommand).rejects(fault("TimeoutError"));
    expect(await catalog(input, await aScene(complete({}, { image: null })))).toMatchObject({
      done: false,
      problems: {},
    });
  });

  it("are registered and deregistered in portions", async () => {
    const servers = Array.from({ length: 30 }, (_, at) => `i-${at}`);
    const manifests = servers.map((server) => aTaken({ server, volumes: [aVolume({ snapshot: "snap-dst-a" })] }));
    const context = await aScene(
      { point: aPoint({ id: older, pointAt: "2026-03-02T11:00:05.000Z", swept: true }), manifests: [] },
      { point: aPoint({ servers, swept: true }), manifests },
    );
    const first = await catalog(input, context);
    expect(first.done).toBe(false);
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, limits.mutatingCallsPerPass);

    const all = servers.map((server) => imageOf(id, { Name: `lifeboat-shop-${id}-${server}` }));
    const old = Array.from({ length: 30 }, (_, at) => imageOf(older, { ImageId: `ami-old-${at}` }));
    ec2.on(DescribeImagesCommand).resolves({ Images: [...all, ...old] });
    expect((await catalog({ ...input, catalog: { value: first } }, context)).done).toBe(false);
    expect(ec2.commandCalls(DeregisterImageCommand).length).toBeGreaterThan(0);
  });
});

it("names every resource that this pass did not protect as the plan says", async () => {
  const context = await aScene(complete());
  ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(id)] });
  const told = {
    snapshot: { value: { problems: { web: "no instance" } } },
    copy: { value: { refused: { db: "no key" } } },
  };
  expect((await catalog({ ...input, ...told }, context)).problems).toEqual({ web: "no instance", db: "no key" });
});

it("stops before anything when a run has taken over", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
  await expect(catalog(input, context)).rejects.toMatchObject({ name: "StaleLeaseError" });
  expect(ec2.calls()).toHaveLength(0);
});
