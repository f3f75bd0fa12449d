import { DescribeInstancesCommand, DescribeSnapshotsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { checkProgress, handler } from "../../functions/check-progress.ts";
import { limits } from "../../functions/core/limits.ts";
import type { Manifest } from "../../functions/core/point.ts";
import type { SnapshotFact } from "../../functions/core/snapshot-fact.ts";
import { aPlan, aRun } from "../support/builders.ts";
import { aContext, anOutside } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { aCopy, aHeldRow, anUntaken, aPass, aSource, aTaken, aVolume, theOpenPoint } from "../support/replication.ts";
import { asDescribed } from "../support/snapshots.ts";

const ec2 = mockClient(EC2Client);
const run = aPass();

const aScene = async (manifest: Manifest) => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aHeldRow(run) });
  await context.store.savePoint(theOpenPoint());
  await context.store.saveManifest(manifest);
  return context;
};
const showing = (sources: SnapshotFact[] | null, copies: SnapshotFact[]) =>
  ec2.on(DescribeSnapshotsCommand).callsFake(async (_, client) => {
    if ((await client().config.region()) === "eu-central-1") return { Snapshots: copies.map(asDescribed) };
    if (!sources) throw Object.assign(new Error("no answer"), { name: "TimeoutError" });
    return { Snapshots: sources.map(asDescribed) };
  });

beforeEach(() => ec2.reset());

describe("the progress of a pass", () => {
  const failed = (id: string) => aCopy({ id, state: "error", because: "no key" });
  test.each([
    ["source pending", aTaken(), [aSource({ state: "pending" })], [], [false, 1, 0, 0]],
    ["startable", aTaken(), [aSource()], [], [false, 1, 0, 0]],
    ["copy pending", aTaken(), [], [aCopy({ state: "pending" })], [false, 1, 0, 0]],
    ["copy completed", aTaken(), [], [aCopy()], [true, 0, 1, 0]],
    ["source failed", aTaken(), [aSource({ state: "error" })], [], [true, 0, 0, 1]],
    ["copies failed", aTaken(), [aSource()], [failed("1"), failed("2")], [true, 0, 0, 1]],
    ["never snapshotted", anUntaken(), [], [], [true, 0, 0, 1]],
    ["source Region silent", aTaken(), null, [], [true, 0, 0, 1]],
  ] as const)("%s", async (_, manifest, sources, copies, [done, pending, completed, failing]) => {
    showing(sources && [...sources], [...copies]);
    const result = await checkProgress({ run }, await aScene(manifest));
    expect(result).toMatchObject({ done, pending, completed, failed: failing });
  });

  test.each([
    ["a copy may start", [aSource()], [], true],
    ["a point has become whole", [], [aCopy()], true],
    ["a copy is pending", [], [aCopy({ state: "pending" })], false],
  ])("Copy has work when %s", async (_, sources, copies, work) => {
    showing(sources, copies);
    const first = await checkProgress({ run }, await aScene(aTaken()));
    expect(first).toMatchObject({ work, polls: 1 });
    const next = await checkProgress({ run, progress: { value: { polls: 7 } } }, await aScene(aTaken()));
    expect(next).toMatchObject({ polls: 8 });
  });

  it("leaves Copy alone while every slot is taken", async () => {
    const ids = Array.from({ length: limits.copySlots + 1 }, (_, index) => `snap-src-${index}`);
    const volumes = ids.map((id) => aVolume({ volume: `vol-${id}`, sourceSnapshot: id }));
    const pending = ids.slice(1).map((of) => aCopy({ id: `copy-of-${of}`, of, state: "pending" }));
    const sources = ids.map((id) => aSource({ id }));

    showing(sources, pending);
    expect(await checkProgress({ run }, await aScene(aTaken({ volumes })))).toMatchObject({ work: false, pending: 19 });
    showing(sources, pending.slice(1));
    expect(await checkProgress({ run }, await aScene(aTaken({ volumes })))).toMatchObject({ work: true, pending: 19 });
  });

  it("gives a snapshot that is not visible yet the time to show itself", async () => {
    showing([], []);
    const result = await checkProgress({ run }, await aScene(aTaken({ takenAt: "2026-03-02T11:59:58.000Z" })));
    expect(result).toMatchObject({ done: false, pending: 1, waitSeconds: 30 });
  });

  it("does not wait for what AWS refuses to copy", async () => {
    showing([aSource()], []);
    const context = await aScene(aTaken());
    const result = await checkProgress({ run, copy: { value: { refused: { web: "no key" } } } }, context);
    expect(result).toMatchObject({ done: true, failed: 1 });
    expect(await context.store.ledger("shop", run.name)).toMatchObject([
      { outcome: "Incomplete", detail: { failed: ["vol-0a"], because: "web.20260302T113000Z: no key" } },
    ]);
  });

  it("tells the end of the copies once, and changes nothing", async () => {
    showing([], [aCopy()]);
    const context = await aScene(aTaken());
    await checkProgress({ run }, context);
    await checkProgress({ run }, context);
    expect(await context.store.ledger("shop", run.name)).toMatchObject([{ outcome: "Copied", detail: { failed: [] } }]);
    expect(await context.store.point("shop", theOpenPoint().id)).toMatchObject({ state: "open" });
  });

  it("is done when nothing is open", async () => {
    const context = await withTable(aContext(), { plan: aPlan(), row: aHeldRow(run) });
    expect(await checkProgress({ run }, context)).toMatchObject({ done: true, pending: 0, waitSeconds: 1 });
    expect(ec2.calls()).toHaveLength(0);
  });
});

it("asks for the launch when the input is a server of a wave", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aHeldRow() });
  ec2.on(DescribeInstancesCommand).resolves({
    Reservations: [{ Instances: [{ InstanceId: "i-new", State: { Name: "running" } }] }],
  });
  const value = { done: false, again: false, instance: "i-new", polls: 0, waitSeconds: 2, slot: null, since: "" };
  const server = { resource: "web", server: "i-0a", point: "p", name: "web-1", index: 0, zone: 0 };
  const result = await checkProgress(
    { run: aRun(), lease: { value: { generation: 1 } }, server, launch: { value } },
    context,
  );
  expect(result).toMatchObject({ done: true, instance: "i-new", polls: 1 });
});

it("refuses an input that is neither", async () => {
  await expect(handler.in(anOutside())({ server: {} }, {} as never)).rejects.toMatchObject({
    name: "PlanInvalidError",
  });
});
