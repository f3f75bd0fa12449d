import { DescribeSnapshotsCommand, RegisterImageCommand } from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { catalog } from "../../functions/catalog.ts";
import { aPlan, aRow } from "../support/builders.ts";
import { aScene, complete, ec2, id, input, open, reset, run } from "../support/catalog-scene.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { aTaken } from "../support/replication.ts";

beforeEach(reset);

describe("a point that this pass has completed", () => {
  const settledAt = "2026-03-02T12:05:00.000Z";
  const fresh = () => aScene(complete({ settledAt, swept: false, imaged: undefined as never }, { image: null }));

  it("a point that this pass has completed is registered as an image, and its age is published", async () => {
    const context = await fresh();
    expect(await catalog(input, context)).toMatchObject({
      done: true,
      passes: 1,
      waitSeconds: 3,
      complete: [id],
      discarded: [],
      rpoSeconds: { web: 1795 },
      problems: {},
    });
    expect((await context.store.point("shop", id))?.imaged).toBe(true);
    expect((await context.store.manifest("shop", id, "i-0a"))?.image).toBe("ami-1");
    expect(context.told.metrics).toEqual([
      { name: "RecoveryPointAgeSeconds", value: 1795, dimensions: { Application: "shop", Resource: "web" } },
    ]);
    expect(await context.store.ledger("shop", run.name)).toMatchObject([{ state: "Catalog", outcome: "Catalogued" }]);
  });

  it("a point that this pass has completed stays as it is when the step runs twice; a later pass looks for its surplus", async () => {
    const context = await fresh();
    const first = await catalog(input, context);
    expect(await catalog({ ...input, catalog: { value: first } }, context)).toMatchObject({ done: true, passes: 2 });
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, 1);
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 0);
  });
});

it("an open point has no age to publish, and its snapshots are not looked at", async () => {
  const context = await aScene(open(aTaken()));
  expect(await catalog(input, context)).toMatchObject({ done: true, complete: [], rpoSeconds: { web: null } });
  expect(context.told.metrics).toEqual([]);
  expect(ec2.calls()).toHaveLength(0);
});

it("names every resource that this pass did not protect as the plan says", async () => {
  const context = await aScene(complete());
  const told = {
    snapshot: { value: { problems: { web: "1 of 2 servers left out" } } },
    copy: { value: { refused: { db: "no key" }, problems: { web: "alias moved" } } },
  };
  expect((await catalog({ ...input, ...told }, context)).problems).toEqual({
    web: "1 of 2 servers left out; alias moved",
    db: "no key",
  });
  expect(await context.store.ledger("shop", run.name)).toMatchObject([
    { outcome: "Partial", detail: { failed: ["web", "db"] } },
  ]);
});

describe("a complete point whose copies", () => {
  const told = `${id} cannot be recovered any more: web-1: snapshot snap-dst-a of /dev/xvda is missing; no other can, and the next pass makes a new one`;

  it("a complete point whose copies were deleted no longer counts, and is reported once a pass", async () => {
    ec2.on(DescribeSnapshotsCommand).resolves({});
    const context = await aScene(complete());
    const first = await catalog(input, context);
    expect(first).toMatchObject({ rpoSeconds: { web: null }, problems: { web: told } });
    expect(context.told.metrics).toEqual([]);
    const { damaged, lookedAt } = (await context.store.point("shop", id))!;
    expect(damaged).toEqual({ at: lookedAt, because: "web-1: snapshot snap-dst-a of /dev/xvda is missing" });
    const looks = ec2.commandCalls(DescribeSnapshotsCommand).length;
    expect((await catalog({ ...input, catalog: { value: first } }, context)).problems).toEqual({ web: told });
    expect(ec2.commandCalls(DescribeSnapshotsCommand)).toHaveLength(looks);
  });

  it("a complete point whose copies are back counts again", async () => {
    const context = await aScene(complete({ damaged: { at: "2026-03-02T11:40:00.000Z", because: "gone" } }));
    expect(await catalog(input, context)).toMatchObject({ rpoSeconds: { web: 1795 }, problems: {} });
    expect((await context.store.point("shop", id))?.damaged).toBeNull();
  });

  it("a complete point whose copies were archived no longer counts", async () => {
    const archived = { SnapshotId: "snap-dst-a", State: "completed" as const, StorageTier: "archive" as const };
    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [archived] });
    const { problems } = await catalog(input, await aScene(complete()));
    expect(problems.web).toContain("snapshot snap-dst-a of /dev/xvda is archived");
  });
});

it("Catalog stops before it changes anything when a run has taken over", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
  await expect(catalog(input, context)).rejects.toMatchObject({ name: "StaleLeaseError" });
  expect(ec2.calls()).toHaveLength(0);
});
