import {
  DeleteSnapshotCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  RegisterImageCommand,
} from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { catalog } from "../../functions/catalog.ts";
import { limits } from "../../functions/core/limits.ts";
import { aPlan, aRow } from "../support/builders.ts";
import {
  aScene,
  complete,
  deleted,
  ec2,
  fault,
  id,
  imageOf,
  input,
  open,
  reset,
  run,
  showing,
} from "../support/catalog-scene.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { aCopy, aSource, aTaken, aVolume } from "../support/replication.ts";

beforeEach(reset);

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
