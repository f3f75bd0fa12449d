import { DeleteSnapshotCommand, DescribeSnapshotsCommand } from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { catalog } from "../../../../functions/catalog.ts";
import { limits } from "../../../../functions/core/limits.ts";
import type { Point } from "../../../../functions/core/model/recovery-point.ts";
import { aScene, complete, deleted, ec2, fault, id, input, reset, showing } from "../../../support/catalog-scene.ts";
import { aCopy, aSource, aTaken, theOpenPoint } from "../../../support/replication.ts";

beforeEach(reset);

const settledAt = "2026-03-02T11:45:00.000Z";
const unswept = (over: Partial<Point> = {}) => aScene(complete({ swept: false, settledAt, ...over }));
const twin = aCopy({ id: "snap-twin", startedAt: "2026-03-02T11:34:00.000Z" });
const otherSet = aSource({ id: "snap-other-set", startedAt: "2026-03-02T11:31:00.000Z" });
type Scene = Awaited<ReturnType<typeof aScene>>;
const sweptOf = async ({ store }: Scene) => (await store.point("shop", id))?.swept;

describe("duplicates of a complete point", () => {
  it("duplicates of a complete point are deleted in both Regions, copies first, by a pass after the one that completed it", async () => {
    showing([aSource(), otherSet], [aCopy(), twin]);
    const context = await unswept();
    await catalog(input, context);
    expect(deleted()).toEqual(["snap-twin", "snap-other-set"]);
    expect(await sweptOf(context)).toBe(false);
  });

  it("duplicates of a complete point are looked for until there are none, and then no more", async () => {
    showing([aSource()], [aCopy()]);
    const context = await unswept();
    expect(await catalog(input, context)).toMatchObject({ done: true });
    expect(await sweptOf(context)).toBe(true);
    ec2.resetHistory();
    await catalog(input, context);
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 0);
  });

  it("duplicates of a complete point are still looked for while the source Region is dark", async () => {
    showing(null, [aCopy()]);
    const context = await unswept();
    await catalog(input, context);
    expect(await sweptOf(context)).toBe(false);
  });

  test.each([
    ["InvalidSnapshot.InUse", true],
    ["TimeoutError", true],
    ["RequestLimitExceeded", false],
  ])("a delete that meets %s never fails the pass", async (name, done) => {
    showing([aSource(), otherSet, { ...otherSet, id: "snap-third" }], [aCopy()]);
    ec2.on(DeleteSnapshotCommand).rejects(fault(name));
    expect(await catalog(input, await unswept())).toMatchObject({ done });
  });

  it("Catalog deletes duplicates in portions, with a limit of passes per execution", async () => {
    const many = Array.from({ length: 60 }, (_, at) => ({ ...otherSet, id: `snap-${at}` }));
    showing([aSource(), ...many], [aCopy()]);
    const context = await unswept();
    const first = await catalog(input, context);
    expect(first).toMatchObject({ done: false, waitSeconds: 10 });
    expect(deleted()).toHaveLength(limits.deletesPerPass);
    expect((await catalog({ ...input, catalog: { value: { ...first, sweeps: 10 } } }, context)).done).toBe(true);
    expect(deleted()).toHaveLength(limits.deletesPerPass);
  });
});

it("a point does not count as clean while unread duplicates are left", async () => {
  const other = "web.20260302T104500Z";
  const many = Array.from({ length: 60 }, (_, at) => ({ ...otherSet, id: `snap-${at}` }));
  showing([aSource(), ...many], [aCopy()]);
  const context = await aScene(complete({ swept: false, settledAt }), complete({ id: other, swept: false, settledAt }));
  await catalog(input, context);
  expect((await context.store.point("shop", other))?.swept).toBe(false);
});

describe("a discarded point", () => {
  const discarded = (over: Partial<Point> = {}) =>
    aScene({ point: theOpenPoint({ state: "discarded", settledAt, ...over }), manifests: [aTaken()] });

  it("a discarded point loses all its snapshots once a newer point is complete", async () => {
    showing([aSource()], [aCopy(), twin]);
    const newer = complete({ id: "web.20260302T115000Z", openedAt: "2026-03-02T11:50:00.000Z", imaged: true });
    const context = await aScene(
      { point: theOpenPoint({ state: "discarded", settledAt: "2026-03-02T12:05:00.000Z" }), manifests: [aTaken()] },
      newer,
    );
    expect(await catalog(input, context)).toMatchObject({ discarded: [id] });
    expect(deleted()).toEqual(["snap-dst-a", "snap-twin", "snap-src-a"]);
    showing([], []);
    await catalog(input, context);
    expect(await sweptOf(context)).toBeUndefined();
    await context.store.savePoint({ ...(await context.store.point("shop", id))!, settledAt });
    await catalog(input, context);
    expect(await sweptOf(context)).toBe(true);
  });

  it("a discarded point keeps its copies until then, but for failed ones: without them the next copies would be full ones", async () => {
    showing([aSource()], [aCopy(), { ...twin, state: "error" }]);
    const context = await discarded();
    expect(await catalog(input, context)).toMatchObject({ done: true });
    expect(deleted()).toEqual(["snap-twin", "snap-src-a"]);
    showing([], [aCopy()]);
    await catalog(input, context);
    expect(await sweptOf(context)).toBeUndefined();
  });

  it("a discarded point is left to rotation, when rotation has taken it", async () => {
    showing([aSource()], [aCopy()]);
    await catalog(input, await discarded({ rotated: true }));
    expect(deleted()).toEqual([]);
  });

  it("a discarded point is not written again when rotation has removed it in between", async () => {
    const context = await discarded();
    ec2.on(DescribeSnapshotsCommand).callsFake(async () => {
      await context.table.remove({ pk: "shop", sk: `point#${id}` });
      return {};
    });
    await catalog(input, context);
    expect(await context.store.point("shop", id)).toBeNull();
  });
});
