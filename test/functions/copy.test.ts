import { CopySnapshotCommand, DescribeSnapshotsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { copy } from "../../functions/copy.ts";
import { limits } from "../../functions/core/limits.ts";
import type { Plan } from "../../functions/core/plan.ts";
import type { Manifest, Point } from "../../functions/core/point.ts";
import type { SnapshotFact } from "../../functions/core/snapshot-fact.ts";
import { aPlan, aPoint, aResource, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { aCopy, aHeldRow, aPass, aSource, aTaken, aVolume, theOpenPoint } from "../support/replication.ts";
import { asDescribed } from "../support/snapshots.ts";

const ec2 = mockClient(EC2Client);
const kms = mockClient(KMSClient);
const run = aPass();
const input = { run, lease: { value: { generation: 1 } } };
const fault = (name: string, message = name) => Object.assign(new Error(message), { name });

/** Volumes a, b, ... of one server, their sources, and their copies. */
const letters = "abcdefghijklmnopqrstuvwxyz".split("");
const manyTaken = (count: number) =>
  aTaken({
    volumes: letters.slice(0, count).map((at) => aVolume({ volume: `vol-${at}`, sourceSnapshot: `snap-${at}` })),
  });
const sourceOf = (at: string, over: Partial<SnapshotFact> = {}) =>
  aSource({ id: `snap-${at}`, volume: `vol-${at}`, ...over });

const aScene = async (manifests: Manifest[], plan: Plan = aPlan(), point: Point = theOpenPoint()) => {
  const context = await withTable(aContext(), { plan, row: aHeldRow(run) });
  await context.store.savePoint(point);
  for (const manifest of manifests) await context.store.saveManifest(manifest);
  return context;
};

/** What each Region lists of our points, and what is pending in the target Region besides. */
const showing = (sources: SnapshotFact[], copies: SnapshotFact[] = [], pending: SnapshotFact[] = []) => {
  ec2.on(DescribeSnapshotsCommand).callsFake(async ({ Filters }, client) => {
    const [{ Name }] = Filters;
    if (Name === "status") return { Snapshots: pending.map(asDescribed) };
    const isSource = (await client().config.region()) === "eu-west-1";
    return { Snapshots: (isSource ? sources : copies).map(asDescribed) };
  });
};

beforeEach(() => {
  ec2.reset();
  kms.reset();
  ec2.on(CopySnapshotCommand).resolves({ SnapshotId: "snap-new" });
});

describe("copy", () => {
  it("starts a copy of a completed snapshot in the target Region, everything tagged at once", async () => {
    showing([aSource()]);
    const context = await aScene([aTaken()]);

    expect(await copy(input, context)).toEqual({
      ...{ started: 1, inFlight: 1, waiting: 0, passes: 1, waitSeconds: 30, refused: {} },
    });

    expect(ec2).toHaveReceivedCommandExactlyOnceWith(CopySnapshotCommand, {
      SourceRegion: "eu-west-1",
      SourceSnapshotId: "snap-src-a",
      TagSpecifications: [
        {
          ResourceType: "snapshot",
          Tags: Object.entries({
            application: "shop",
            resource: "web",
            point: "web.20260302T113000Z",
            server: "i-0a",
            volume: "vol-0a",
            device: "/dev/xvda",
            "source-snapshot": "snap-src-a",
            "source-start-time": "2026-03-02T11:30:05.000Z",
            "source-region": "eu-west-1",
          }).map(([key, Value]) => ({ Key: `lifeboat:${key}`, Value })),
        },
      ],
    });
  });

  it("starts nothing a second time once the first copy is listed, even when its reply was lost", async () => {
    const context = await aScene([aTaken()]);
    showing([aSource()]);
    ec2.on(CopySnapshotCommand).rejectsOnce(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    expect(await copy(input, context)).toMatchObject({ started: 0, waiting: 1, refused: {} });

    showing([aSource()], [aCopy({ state: "pending", progress: 50, startedAt: "2026-03-02T11:59:20.000Z" })]);
    const second = await copy({ ...input, copy: { value: { passes: 1, refused: {} } } }, context);
    expect(second).toMatchObject({ started: 0, inFlight: 1, waiting: 0, passes: 2, waitSeconds: 40 });
    expect(ec2).toHaveReceivedCommandTimes(CopySnapshotCommand, 1);
  });

  it("waits for snapshots that are not completed yet", async () => {
    showing([aSource({ state: "pending", progress: 50, startedAt: "2026-03-02T11:59:30.000Z" })]);
    const result = await copy(input, await aScene([aTaken()]));
    expect(result).toMatchObject({ started: 0, inFlight: 0, waiting: 0, waitSeconds: 30 });
  });

  it("does not ask the source Region when every volume has its copy", async () => {
    showing([], [aCopy({ state: "pending" })]);
    await copy(input, await aScene([aTaken()]));
    expect(ec2).toHaveReceivedCommandTimes(DescribeSnapshotsCommand, 1);
  });

  it("completes a point as soon as its copies are completed", async () => {
    showing([], [aCopy()]);
    const context = await aScene([aTaken()]);
    expect(await copy(input, context)).toMatchObject({ started: 0, waitSeconds: 1 });
    expect(await context.store.point("shop", "web.20260302T113000Z")).toMatchObject({
      ...{ state: "complete", pointAt: "2026-03-02T11:30:05.000Z", completedAt: "2026-03-02T12:00:00.000Z" },
    });
    const [manifest] = await context.store.manifests("shop", "web.20260302T113000Z");
    expect(manifest?.volumes[0]).toMatchObject({ sourceSnapshot: "snap-src-a", snapshot: "snap-dst-a" });
  });

  it("starts nothing for points of the other direction", async () => {
    showing([aSource()]);
    const back = theOpenPoint({ source: "eu-central-1", target: "eu-west-1" });
    expect(await copy(input, await aScene([aTaken()], aPlan(), back))).toMatchObject({ started: 0, waitSeconds: 1 });
    expect(ec2.calls()).toHaveLength(0);
  });
});

describe("slots", () => {
  it("counts everybody's copies, and no pending snapshot that is none", async () => {
    const foreign = Array.from({ length: 16 }, (_, at) =>
      aSource({ id: `snap-foreign-${at}`, volume: "vol-ffffffff", state: "pending", tags: {} }),
    );
    const local = aSource({ id: "snap-local", volume: "vol-1", state: "pending", tags: {} });
    showing(
      letters.slice(0, 5).map((at) => sourceOf(at)),
      [],
      [...foreign, local],
    );
    expect(await copy(input, await aScene([manyTaken(5)]))).toMatchObject({ started: 2, inFlight: 18, waiting: 3 });
  });

  it("starts at most as many as there are slots", async () => {
    showing(letters.map((at) => sourceOf(at)));
    const result = await copy(input, await aScene([manyTaken(26)]));
    expect(result).toMatchObject({ started: limits.copySlots, waiting: 26 - limits.copySlots });
  });

  test.each(["ResourceLimitExceeded", "RequestLimitExceeded", "TimeoutError"])(
    "%s ends the starting, no more",
    async (name) => {
      showing(["a", "b", "c"].map((at) => sourceOf(at)));
      ec2.on(CopySnapshotCommand).resolvesOnce({}).rejects(fault(name));
      expect(await copy(input, await aScene([manyTaken(3)]))).toMatchObject({ started: 1, waiting: 2, refused: {} });
      expect(ec2).toHaveReceivedCommandTimes(CopySnapshotCommand, 2);
    },
  );

  test.each(["InvalidSnapshot.NotFound", "IncorrectState"])("%s passes over one volume", async (name) => {
    showing(["a", "b"].map((at) => sourceOf(at)));
    ec2.on(CopySnapshotCommand).rejectsOnce(fault(name)).resolves({});
    expect(await copy(input, await aScene([manyTaken(2)]))).toMatchObject({ started: 1, refused: {} });
  });
});

describe("what AWS refuses", () => {
  it("is told for the resource, and not asked again in this pass", async () => {
    showing(["a", "b"].map((at) => sourceOf(at)));
    ec2.on(CopySnapshotCommand).rejects(fault("UnauthorizedOperation", "not you"));
    const context = await aScene([manyTaken(2)]);
    const first = await copy(input, context);
    expect(first.refused).toEqual({ web: "snap-a: UnauthorizedOperation: not you" });
    await copy({ ...input, copy: { value: first } }, context);
    expect(ec2).toHaveReceivedCommandTimes(CopySnapshotCommand, 1);
  });
});

describe("encryption", () => {
  const plan = aPlan({ protect: [aResource({ encryptKey: "alias/lifeboat" })] });

  it("uses the ARN of the plan's key, looked up once", async () => {
    showing(["a", "b"].map((at) => sourceOf(at)));
    kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: "1", Arn: "arn:key", KeyState: "Enabled" } });
    await copy(input, await aScene([manyTaken(2)], plan));
    expect(ec2).toHaveReceivedCommandWith(CopySnapshotCommand, { Encrypted: true, KmsKeyId: "arn:key" });
    expect(kms).toHaveReceivedCommandExactlyOnceWith(DescribeKeyCommand, { KeyId: "alias/lifeboat" });
  });

  it("copies nothing under a key that is not enabled", async () => {
    showing([aSource()]);
    kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: "1", Arn: "arn:key", KeyState: "PendingDeletion" } });
    const { started, refused } = await copy(input, await aScene([aTaken()], plan));
    expect(started).toBe(0);
    expect(refused.web).toBe("key alias/lifeboat in eu-central-1 is PendingDeletion, not Enabled");
  });

  it("copies nothing under a key that is not there", async () => {
    showing([aSource()]);
    kms.on(DescribeKeyCommand).rejects(fault("NotFoundException", "no such alias"));
    const { refused } = await copy(input, await aScene([aTaken()], plan));
    expect(refused.web).toContain("NotFoundException: no such alias");
  });

  it("runs again when KMS asks for patience", async () => {
    showing([aSource()]);
    kms.on(DescribeKeyCommand).rejects(fault("ThrottlingException"));
    await expect(copy(input, await aScene([aTaken()], plan))).rejects.toThrow("ThrottlingException");
  });
});

it("stops before anything when a run has taken over", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
  await context.store.savePoint(aPoint());
  await expect(copy(input, context)).rejects.toMatchObject({ name: "StaleLeaseError" });
});
