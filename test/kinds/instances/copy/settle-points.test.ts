import { CopySnapshotCommand, DescribeImagesCommand, DescribeSnapshotsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { copy } from "../../../../functions/copy.ts";
import type { SnapshotFact } from "../../../../functions/core/instances/capture/snapshot.ts";
import { freshMemory } from "../../../../functions/core/instances/copy/pass-state.ts";
import type { CopyResult } from "../../../../functions/core/instances/copy/pass-summary.ts";
import type { QueueEntry } from "../../../../functions/core/instances/copy/queue.ts";
import { chunkOf, copyScene, fault, input, point, showing } from "../../../support/copy-scene.ts";
import { aChunk, anAsked, someEntries } from "../../../support/queue.ts";
import { aCopy, aTaken, aVolume } from "../../../support/replication.ts";

const ec2 = mockClient(EC2Client);
beforeEach(() => {
  ec2.reset();
  ec2.on(CopySnapshotCommand).resolves({ SnapshotId: "snap-new" });
});

const copyOf = (name: string, over: Partial<SnapshotFact> = {}) =>
  aCopy({ id: `copy-${name}`, of: `snap-${name}`, ...over });
const asked = (names: string[]): QueueEntry[] =>
  someEntries(names).map((entry) =>
    anAsked({ ...entry, askedAt: "2026-03-02T11:50:00.000Z", copy: entry.from.replace("snap", "copy") }),
  );
const manifest = (names: string[]) =>
  aTaken({ volumes: names.map((name) => aVolume({ volume: `vol-${name}`, sourceSnapshot: `snap-${name}` })) });
const scene = (names: string[], entries = asked(names)) =>
  copyScene([aChunk({ entries })], point, { manifests: [manifest(names)] });
const failed = { state: "error", because: "Given key ID is not accessible" };
/** The first copies of a run are judged one by one; those of a resource that has proven itself, with their point. */
const proven = { ...input, copy: { value: { ...freshMemory, proven: ["web"] } as CopyResult } };

describe("a point whose copies have all ended", () => {
  it("a point whose copies have ended is complete when all of them are completed, by one listing", async () => {
    showing(ec2, { copies: [copyOf("a"), copyOf("b")] });
    const context = await scene(["a", "b"]);
    const result = await copy(proven, context);
    expect(result).toMatchObject({ done: true, left: 0, completed: [point.id], copied: 2, failed: 0 });
    expect(await context.store.point("shop", point.id)).toMatchObject({
      state: "complete",
      pointAt: "2026-03-02T11:30:05.000Z",
      completedAt: "2026-03-02T12:00:00.000Z",
    });
    const [{ volumes } = manifest([])] = await context.store.manifests("shop", point.id);
    expect(volumes.map(({ snapshot }) => snapshot)).toEqual(["copy-a", "copy-b"]);
    expect([...(await context.store.endedQueue("shop", point.id)), await chunkOf(context)]).toEqual([undefined]);
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 2);
    expect(await context.store.ledger("shop", "pass-1")).toMatchObject([
      { state: "Copy", outcome: "Copied", detail: { copied: 2, failed: 0, left: 0, completed: [point.id] } },
    ]);
  });

  it("a point whose copies have ended is restored from the oldest of several copies of the same source", async () => {
    const late = copyOf("a", { id: "copy-late", startedAt: "2026-03-02T11:59:00.000Z" });
    showing(ec2, { copies: [late, copyOf("a")] });
    const context = await scene(["a"]);
    await copy(proven, context);
    const [{ volumes } = manifest([])] = await context.store.manifests("shop", point.id);
    expect(volumes[0]?.snapshot).toBe("copy-a");
  });

  it("a point whose copies have ended goes back into the queue with what failed", async () => {
    showing(ec2, { copies: [copyOf("a"), copyOf("b", failed)] });
    const context = await scene(["a", "b"]);
    expect(await copy(proven, context)).toMatchObject({ done: false, left: 1, failed: 1, completed: [] });
    expect((await chunkOf(context))?.entries).toMatchObject([
      { ended: true, copy: "copy-a" },
      { ended: false, askedAt: null, copy: null, tries: 1 },
    ]);
  });

  it("a point whose copies have ended goes back into the queue with what is pending after all", async () => {
    let listings = 0;
    showing(ec2, () => {
      listings += 1;
      return { copies: listings === 1 ? [] : [copyOf("a", { state: "pending" })] };
    });
    const context = await scene(["a"]);
    expect(await copy(proven, context)).toMatchObject({ done: false, left: 1 });
    expect((await chunkOf(context))?.entries).toMatchObject([{ ended: false, copy: "copy-a" }]);
  });

  it("a point whose copies have ended is given up when a copy failed twice, with the reason", async () => {
    showing(ec2, { copies: [copyOf("a"), copyOf("b", failed), copyOf("b", { ...failed, id: "copy-b2" })] });
    const context = await scene(["a", "b"]);
    const because = "2 copies of snap-b ended in error: Given key ID is not accessible";
    expect(await copy(proven, context)).toMatchObject({
      done: true,
      left: 0,
      discarded: [point.id],
      failed: 1,
      problems: { web: `${point.id} was discarded: ${because}` },
    });
    expect(await context.store.point("shop", point.id)).toMatchObject({ state: "discarded", because });
    expect([...(await context.store.endedQueue("shop", point.id)), await chunkOf(context)]).toEqual([undefined]);
  });

  it("a point whose copies have ended requests a copy that is gone once more", async () => {
    showing(ec2, { copies: [copyOf("a")] });
    const context = await scene(["a", "b"]);
    expect(await copy(proven, context)).toMatchObject({ done: false, left: 1 });
    expect((await chunkOf(context))?.entries[1]).toMatchObject({ ended: false, askedAt: null, tries: 1 });
  });

  it("a point whose copies have ended is settled by the same run when a pass died after its last copies had left the queue", async () => {
    const context = await scene(["a"]);
    showing(ec2, { copies: [copyOf("a", { state: "pending" })] });
    const before = await copy(input, context);
    showing(ec2, { copies: [copyOf("a")] });
    const { savePoint } = context.store;
    context.store.savePoint = () => Promise.reject(fault("TimeoutError"));
    await expect(copy({ ...input, copy: { value: before } }, context)).rejects.toThrow("TimeoutError");
    context.store.savePoint = savePoint;

    const again = await copy({ ...input, copy: { value: before } }, context);
    expect(again).toMatchObject({ done: false, settling: [{ point: point.id }] });
    const last = await copy({ ...input, copy: { value: again } }, context);
    expect(last).toMatchObject({ done: true, completed: [point.id] });
  });

  it("a point whose copies have ended is settled by the next run when a pass died before", async () => {
    const entries = asked(["a"]).map((entry) => ({ ...entry, ended: true }));
    showing(ec2, { copies: [copyOf("a")] });
    const context = await scene(["a"], entries);
    expect(await chunkOf(context)).toBeUndefined();
    expect(await copy(input, context)).toMatchObject({ done: true, completed: [point.id] });
  });

  it("a point whose copies have ended is given up when a volume of it was never queued", async () => {
    showing(ec2, { copies: [copyOf("a")] });
    const context = await copyScene([aChunk({ entries: asked(["a"]) })], point, { manifests: [manifest(["a", "b"])] });
    expect(await copy(proven, context)).toMatchObject({ discarded: [point.id] });
  });

  it("a point whose copies have ended waits for its other chunks", async () => {
    showing(ec2, { copies: [copyOf("a"), copyOf("b", { state: "pending" })] });
    const chunks = [aChunk({ entries: asked(["a"]) }), aChunk({ number: 1, entries: asked(["b"]) })];
    const context = await copyScene(chunks, point, { manifests: [manifest(["a", "b"])] });
    const first = await copy(proven, context);
    expect(first).toMatchObject({ done: false, completed: [], left: 1, settling: [{ point: point.id }] });
    expect((await context.store.endedQueue("shop", point.id)).map(({ number }) => number)).toEqual([0]);

    showing(ec2, { copies: [copyOf("a"), copyOf("b")] });
    expect(await copy({ ...input, copy: { value: first } }, context)).toMatchObject({ completed: [point.id] });
  });
});

describe("a server that goes by an image", () => {
  const image = anAsked({ volume: "", device: "", from: "ami-src", copy: "ami-copy", slots: 2 });
  const shown = (State: string, StateReason?: { Message: string }) =>
    ec2.on(DescribeImagesCommand).resolves({
      Images: [
        {
          ImageId: "ami-copy",
          Name: "x",
          State: State as "available",
          StateReason,
          BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: "snap-of-image" } }],
        },
      ],
    });

  it("an image-based server is launched from the copied image, once its snapshots are completed", async () => {
    shown("available");
    showing(ec2, { copies: [aCopy({ id: "snap-of-image" })] });
    const context = await copyScene([aChunk({ entries: [image] })], point, { manifests: [aTaken({ byImage: true })] });
    expect(await copy(input, context)).toMatchObject({ done: true, completed: [point.id] });
    expect(await context.store.manifests("shop", point.id)).toMatchObject([
      { image: "ami-copy", volumes: [{ snapshot: "snap-of-image" }] },
    ]);
  });

  it("an image-based server waits while the image is made", async () => {
    shown("pending");
    showing(ec2, {});
    const context = await copyScene([aChunk({ entries: [image] })]);
    expect(await copy(input, context)).toMatchObject({ done: false, inFlight: 1, left: 1 });
  });

  it("an image-based server is asked for once more when the image failed", async () => {
    shown("failed", { Message: "no key" });
    showing(ec2, {});
    const context = await copyScene([aChunk({ entries: [image] })]);
    expect(await copy(input, context)).toMatchObject({ failed: 1, discarded: [] });
    expect((await chunkOf(context))?.entries[0]).toMatchObject({ tries: 1, ended: false });
  });
});
