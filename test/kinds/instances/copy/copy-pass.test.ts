import { CopySnapshotCommand, DescribeSnapshotsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { copy } from "../../../../functions/copy.ts";
import { aPlan, aResource } from "../../../support/builders.ts";
import { chunkOf, copyScene, fault, input, point, showing } from "../../../support/copy-scene.ts";
import { aChunk, anAsked, someEntries } from "../../../support/queue.ts";
import { aCopy, aSource, theOpenPoint } from "../../../support/replication.ts";

const ec2 = mockClient(EC2Client);
beforeEach(() => {
  ec2.reset();
  ec2.on(CopySnapshotCommand).resolves({ SnapshotId: "snap-new" });
});

const failing = aCopy({ id: "copy-a", of: "snap-a", state: "error", because: "Given key ID is not accessible" });
const [ended, waiting] = [
  anAsked({ ...someEntries(["a"])[0], askedAt: "2026-03-02T11:50:00.000Z", copy: "copy-a" }),
  someEntries(["b"])[0]!,
];

describe("the first copies of a resource that end in a run", () => {
  it("the first copies of a resource are checked before the rest of the queue is started", async () => {
    showing(ec2, { copies: [failing] });
    const context = await copyScene([aChunk({ entries: [ended, waiting] })]);
    expect(await copy(input, context)).toMatchObject({ failed: 1, left: 2, proven: [], started: 2 });
    expect((await chunkOf(context))?.entries[0]).toMatchObject({ tries: 1, ended: false, copy: "snap-new" });
  });

  it("the first copies of a resource, once completed, let the others be judged with their points", async () => {
    showing(ec2, { copies: [{ ...failing, state: "completed" }] });
    const context = await copyScene([aChunk({ entries: [ended, waiting] })]);
    const first = await copy(input, context);
    expect(first).toMatchObject({ failed: 0, left: 1, proven: ["web"] });
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 2);
    await copy({ ...input, copy: { value: first } }, context);
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 3);
  });

  it("the first copies of a resource give the point up when one failed twice, count in FailedCopies, and leave other resources alone", async () => {
    showing(ec2, { copies: [failing] });
    const plan = aPlan({ protect: [aResource(), aResource({ name: "db" })] });
    const db = aChunk({
      resource: "db",
      point: "db.20260302T113000Z",
      deadline: "2026-03-02T12:40:00.000Z",
      entries: someEntries(["z"]),
    });
    const context = await copyScene([aChunk({ entries: [{ ...ended, tries: 1 }, waiting] }), db], point, { plan });
    await context.store.savePoint(theOpenPoint({ id: db.point, resource: "db", queued: true, deadline: db.deadline }));

    expect(await copy(input, context)).toMatchObject({ started: 1, discarded: [point.id], left: 1, done: false });
    expect((await context.store.queue("shop", 9)).items).toMatchObject([{ resource: "db" }]);
    expect(await context.store.point("shop", point.id)).toMatchObject({
      because: "2 copies of snap-a ended in error: Given key ID is not accessible",
    });
    const count = (Resource: string) =>
      context.told.metrics.find(({ name, dimensions }) => name === "FailedCopies" && dimensions.Resource === Resource);
    expect([count("web")?.value, count("db")]).toEqual([1, undefined]);
  });
});

describe("a source that is not what the queue says", () => {
  const scene = () => copyScene([aChunk({ entries: someEntries(["a", "b"]) })]);

  it.each(["InvalidSnapshot.NotFound", "IncorrectState"])(
    "%s passes over it, and lists the sources again",
    async (code) => {
      showing(ec2, { sources: [aSource({ id: "snap-a", state: "pending" })] });
      ec2.on(CopySnapshotCommand).rejectsOnce(fault(code)).resolves({ SnapshotId: "snap-new" });
      const context = await scene();
      expect(await copy(input, context)).toMatchObject({ started: 1, refused: {}, sources: true, discarded: [] });
      expect(await chunkOf(context)).toMatchObject({
        sourcesReady: false,
        entries: [{ askedAt: null }, { copy: "snap-new" }],
      });
    },
  );

  it.each([
    ["gone", [], "snap-a of vol-a is gone"],
    ["in error", [aSource({ id: "snap-a", state: "error", because: "disk" })], "snap-a of vol-a failed: disk"],
  ])("a source snapshot that is %s ends its point", async (_, sources, because) => {
    showing(ec2, { sources });
    ec2.on(CopySnapshotCommand).rejectsOnce(fault("InvalidSnapshot.NotFound")).resolves({ SnapshotId: "snap-new" });
    const context = await scene();
    expect(await copy(input, context)).toMatchObject({ done: true, discarded: [point.id], left: 0 });
    expect(await context.store.point("shop", point.id)).toMatchObject({ state: "discarded", because });
  });

  it("a source snapshot is left as it is while its Region is silent", async () => {
    showing(ec2, { sources: null });
    ec2.on(CopySnapshotCommand).rejectsOnce(fault("InvalidSnapshot.NotFound")).resolves({ SnapshotId: "snap-new" });
    const context = await scene();
    expect(await copy(input, context)).toMatchObject({ done: false, discarded: [] });
  });
});
