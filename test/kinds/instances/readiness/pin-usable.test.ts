import { DescribeImagesCommand, DescribeSnapshotsCommand, EC2Client, type Snapshot } from "@aws-sdk/client-ec2";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { readRow } from "../../../../functions/aws/store/lease.ts";
import type { Manifest, Point } from "../../../../functions/core/model/recovery-point.ts";
import type { Run } from "../../../../functions/core/model/run.ts";
import { pinUsable } from "../../../../functions/kinds/instances/readiness/pin-usable.ts";
import { aManifest, aPlan, aPoint, aResource, aRow, aRun } from "../../../support/builders.ts";
import { aContext } from "../../../support/context.ts";
import { withTable } from "../../../support/memory-table.ts";

const ec2 = mockClient(EC2Client);
const kms = mockClient(KMSClient);
const resources = [aResource()];
const lease = { generation: 1 };
const times = ["1000", "1030", "1100", "1130"];
const [oldest, older, old, newest] = times.map((time) => `web.20260302T${time}00Z`) as [string, string, string, string];
const timeOf = (id: string) => `2026-03-02T${id.slice(13, 15)}:${id.slice(15, 17)}:05.000Z`;
const snapshotOf = (id: string) => `snap-${id}`;

/** Four points of one server, the newest pinned; `over` changes a point or its manifest. */
const aScene = async (
  over: { run?: Run; points?: Record<string, Partial<Point>>; manifests?: Partial<Manifest> } = {},
) => {
  const { run = aRun() } = over;
  const held = { id: run.id, name: run.name, machine: "failover", acquiredAt: "", points: { web: newest } };
  const context = await withTable(aContext(), {
    plan: aPlan({ protect: resources }),
    row: aRow({ phase: "running", run: { ...held, phaseBefore: "protected" } }),
  });
  for (const id of [oldest, older, old, newest]) {
    await context.store.savePoint(aPoint({ id, openedAt: timeOf(id), pointAt: timeOf(id), ...over.points?.[id] }));
    const volumes = aManifest().volumes.map((volume) => ({ ...volume, snapshot: snapshotOf(id) }));
    await context.store.saveManifest(aManifest({ point: id, volumes, ...over.manifests }));
  }
  const pin = async () => pinUsable(context, run, lease, await readRow(context, "shop"), resources);
  return { context, pin };
};

/** The Region shows the copies of these points, each in its state. */
const showing = (states: Record<string, Partial<Snapshot>>) =>
  ec2.on(DescribeSnapshotsCommand).callsFake(({ Filters }) => ({
    Snapshots: Object.entries(states)
      .map(([id, state]) => ({ SnapshotId: snapshotOf(id), State: "completed", ...state }))
      .filter(({ SnapshotId }) => Filters[0].Values.includes(SnapshotId)),
  }));

beforeEach(() => {
  ec2.reset();
  kms.reset();
});

describe("what a run has pinned", () => {
  it("a pinned point stays when it can be recovered, and nothing older is looked at", async () => {
    showing({ [newest]: {} });
    const { context, pin } = await aScene();
    expect(await pin()).toMatchObject({ points: { web: newest }, instead: [], usable: [{ problems: [] }] });
    expect(ec2.commandCalls(DescribeSnapshotsCommand)).toHaveLength(1);
    expect((await context.store.row("shop"))?.run).not.toHaveProperty("instead");
  });

  it.each<[string, Record<string, Partial<Snapshot>>, string]>([
    ["gone", {}, "missing"],
    ["in error", { [newest]: { State: "error" } }, "error"],
    ["in the archive tier", { [newest]: { StorageTier: "archive" } }, "archived"],
    ["in the Recycle Bin", { [newest]: { State: "recoverable" } }, "recoverable"],
  ])("a pinned point is replaced by the next older whole point when its copies are %s", async (_case, states, word) => {
    showing({ ...states, [older]: {}, [oldest]: {} });
    const { context, pin } = await aScene({ points: { [old]: { state: "open" } } });
    const sentence = `web: recovery point ${newest} of ${timeOf(newest)} cannot be used (web-1: snapshot ${snapshotOf(newest)} of /dev/xvda is ${word}): ${older} of ${timeOf(older)} is restored instead`;
    const first = await pin();
    expect(first).toMatchObject({ points: { web: older }, instead: [sentence], usable: [{ problems: [] }] });
    expect((await context.store.row("shop"))?.run).toMatchObject({
      points: { web: older },
      instead: { web: sentence },
    });
    const again = await pin();
    expect([again.points, again.instead]).toEqual([first.points, first.instead]);
  });

  it("a pinned point is used when an archived copy is restored for a while", async () => {
    showing({ [newest]: { StorageTier: "archive", RestoreExpiryTime: new Date("2026-03-03T00:00:00Z") } });
    expect((await (await aScene()).pin()).points).toEqual({ web: newest });
  });

  it("a pinned point is replaced when the key of its copies will be deleted", async () => {
    const arn = (id: string) => `arn:aws:kms:eu-central-1:111122223333:key/${id}`;
    showing({ [newest]: { KmsKeyId: arn("two") }, [old]: { KmsKeyId: arn("one") } });
    kms.on(DescribeKeyCommand, { KeyId: arn("one") }).resolves({ KeyMetadata: { KeyId: "1", KeyState: "Enabled" } });
    kms.on(DescribeKeyCommand).resolves({ KeyMetadata: { KeyId: "2", KeyState: "PendingDeletion" } });
    kms.on(DescribeKeyCommand, { KeyId: arn("one") }).resolves({ KeyMetadata: { KeyId: "1", KeyState: "Enabled" } });
    expect((await (await aScene()).pin()).points).toEqual({ web: old });
  });

  it("a pinned point stays when KMS does not say what becomes of its key", async () => {
    showing({ [newest]: { KmsKeyId: "arn:aws:kms:eu-central-1:444455556666:key/one" } });
    kms.on(DescribeKeyCommand).rejects(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
    expect((await (await aScene()).pin()).points).toEqual({ web: newest });
  });

  it("a pinned point is replaced when the image that its licence stands in was disabled", async () => {
    showing({ [newest]: {}, [old]: {}, [older]: {}, [oldest]: {} });
    ec2.on(DescribeImagesCommand).resolves({ Images: [{ ImageId: "ami-1", State: "disabled" }] });
    const licensed = { platform: "Windows", byImage: true, image: "ami-1" };
    const { usable } = await (await aScene({ manifests: licensed })).pin();
    expect(usable[0]?.problems).toEqual(["web-1: image ami-1 is disabled"]);
  });

  it("a pinned point stays, with its problems, when nothing older can be recovered either", async () => {
    showing({});
    const { usable, points } = await (await aScene()).pin();
    expect(points).toEqual({ web: newest });
    expect(usable[0]?.problems).toEqual([`web-1: snapshot ${snapshotOf(newest)} of /dev/xvda is missing`]);
  });

  it("a pinned point is never replaced when a person chose it: another one is named", async () => {
    showing({ [old]: {} });
    const run = aRun({ request: { ...aRun().request, recoveryPoint: newest } });
    const { usable, points, instead } = await (await aScene({ run })).pin();
    expect([points, instead]).toEqual([{ web: newest }, []]);
    expect(usable[0]?.problems.at(-1)).toBe(
      `web: ${old} of ${timeOf(old)} is the newest point that can be recovered: name it as recoveryPoint, or leave recoveryPoint out`,
    );
  });

  it("a replacement is chosen again when rotation takes the older point in the same moment", async () => {
    showing({ [old]: {}, [older]: {} });
    const { context, pin } = await aScene();
    const { table } = context;
    const update = table.update.bind(table);
    table.update = async (...args) => {
      await context.store.savePoint(aPoint({ id: old, state: "discarded", rotated: true }));
      return update(...args);
    };
    await expect(pin()).rejects.toMatchObject({ name: "TransientError" });
    table.update = update;
    expect(await pin()).toMatchObject({ points: { web: older } });
  });

  it("a run that has lost its lease pins no other point", async () => {
    showing({ [old]: {} });
    const { context } = await aScene();
    const row = await readRow(context, "shop");
    await expect(pinUsable(context, aRun(), { generation: 7 }, row, resources)).rejects.toMatchObject({
      name: "StaleLeaseError",
    });
    expect((await context.store.row("shop"))?.run?.points).toEqual({ web: newest });
  });
});
