import {
  CopySnapshotCommand,
  CreateSnapshotsCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  LockSnapshotCommand,
} from "@aws-sdk/client-ec2";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ec2Of } from "../../simulator/ec2/state.ts";
import type { BusEvent } from "../../simulator/kernel.ts";
import type { Fault } from "../../simulator/scenario/fault.ts";
import { addKey, moveAlias } from "../../simulator/services/kms.ts";
import { aPlan } from "../support/builders.ts";
import { aCopiedServer, oneServer, sourceServers } from "../support/ec2.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"];
const always = { from: 0, until: Number.POSITIVE_INFINITY };

const play = <T>(body: (live: Simulated) => Promise<T>, faults: Fault[] = [], plan = oneServer) =>
  simulated({ plan, faults }, body);
const nameOf = (asked: Promise<unknown>) =>
  asked.then(
    () => "ok",
    (error: Error) => error.name,
  );
const take = async ({ clients, advance }: Simulated, InstanceId: string) => {
  const { Snapshots = [] } = await clients(EC2Client, primary).send(
    new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId } }),
  );
  await advance(400);
  return Snapshots.map(({ SnapshotId }) => SnapshotId!);
};
const copy = ({ clients }: Simulated, SourceSnapshotId: string, over: object = {}) =>
  clients(EC2Client, recovery, "optional").send(
    new CopySnapshotCommand({ SourceRegion: primary, SourceSnapshotId, ...over }),
  );
const stateOf = async ({ clients }: Simulated, region: string, id: string) => {
  const { Snapshots = [] } = await clients(EC2Client, region).send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
  return Snapshots[0];
};

describe("a locked snapshot", () => {
  const lockAndDelete = (after: number) =>
    play(async (live) => {
      const [found] = (await aCopiedServer(live)).copies;
      const [ec2, SnapshotId] = [live.clients(EC2Client, recovery), found!.id];
      await ec2.send(new LockSnapshotCommand({ SnapshotId, LockMode: "governance", LockDuration: 2 }));
      await live.advance(after);
      const shown = Object.keys((await stateOf(live, recovery, SnapshotId)) ?? {});
      return [
        await nameOf(ec2.send(new DeleteSnapshotCommand({ SnapshotId }))),
        shown.some((key) => /lock/i.test(key)),
      ];
    });

  it("cannot be deleted until its time is over, and no listing tells so", async () => {
    expect(await lockAndDelete(60)).toEqual(["SnapshotLocked", false]);
    expect(await lockAndDelete(2 * 86_400 + 60)).toEqual(["ok", false]);
  });
});

describe("a time-based copy", () => {
  const timed = (minutes: number, faults: Fault[] = []) =>
    play(async (live) => {
      const events: BusEvent[] = [];
      live.world.onEvent((event) => events.push(event));
      const [taken] = await take(live, sourceServers(live.world)[0]!.id);
      const { SnapshotId } = await copy(live, taken!, { CompletionDurationMinutes: minutes });
      await live.advance(minutes * 60);
      const { State, TransferType, CompletionDurationMinutes } = (await stateOf(live, recovery, SnapshotId!))!;
      await live.advance(10);
      const told = events.filter(({ region }) => region === recovery).map(({ detail }) => detail.transferType);
      return { State, TransferType, CompletionDurationMinutes, told };
    }, faults);

  it("a time-based copy is complete within its minutes, however slow others are", async () => {
    expect(await timed(15, [{ ...always, fault: "slow-copy", factor: 50 }])).toEqual({
      State: "completed",
      TransferType: "time-based",
      CompletionDurationMinutes: 15,
      told: ["time-based"],
    });
  });

  it.each([10, 20, 0, 2_895])("may not be asked to take %d minutes", async (minutes) => {
    await expect(timed(minutes)).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });

  it("a time-based copy is refused when it would be too fast, and when others use the whole throughput", async () => {
    const found = await play(async (live) => {
      const [taken] = await take(live, sourceServers(live.world)[0]!.id);
      const source = ec2Of(live.world, primary).snapshots.get(taken!)!;
      const ask = (sizeGiB: number) => {
        source.sizeGiB = sizeGiB;
        return nameOf(copy(live, taken!, { CompletionDurationMinutes: 15 }));
      };
      const answers: string[] = [await ask(500)];
      for (let nth = 0; nth < 6; nth += 1) answers.push(await ask(430));
      return answers;
    });
    expect(found).toEqual(["InvalidParameterValue", "ok", "ok", "ok", "ok", "ok", "ResourceLimitExceeded"]);
  });

  it("tells when it comes too late, because too little throughput was left", async () => {
    const story = async (live: Simulated) => {
      const told: string[] = [];
      live.world.onEvent((event) => told.push(event["detail-type"]));
      const [one, other] = await take(live, sourceServers(live.world)[0]!.id);
      for (const id of [one!, one!, one!, one!, other!]) {
        ec2Of(live.world, primary).snapshots.get(id)!.sizeGiB = 430;
        await copy(live, id, { CompletionDurationMinutes: 15 });
      }
      await live.advance(16 * 60);
      return told;
    };
    const slow: Fault = { ...always, fault: "slow-copy", factor: 50 };
    expect(await play(story, [slow], aPlan())).toContain("EBS Copy Snapshot Missed Completion Duration");
  });
});

describe("a copy", () => {
  const cut = (from: number, until: number, over = {}): Fault => ({
    from: from * 1_000,
    until: until * 1_000,
    fault: "link-down",
    caller: primary,
    callee: recovery,
    ...over,
  });
  /** Seconds after its start at which it ends; it starts after 400 s. */
  const secondsUnder = (...faults: Fault[]) =>
    play(async (live) => {
      const ends: number[] = [];
      live.world.onEvent(({ region, detail }) => {
        if (region === recovery && detail.event === "copySnapshot") ends.push(Date.now());
      });
      const [taken] = await take(live, sourceServers(live.world)[0]!.id);
      const startedAt = Date.now();
      const asked = await nameOf(copy(live, taken!));
      await live.advance(7_200);
      return { asked, seconds: ends.map((at) => Math.round((at - startedAt) / 1_000)) };
    }, faults);

  it("stands still while the link between its Regions is cut, either way, and goes on when it heals", async () => {
    const { seconds: usual } = await secondsUnder();
    expect(await secondsUnder(cut(410, 1_010))).toEqual({ asked: "ok", seconds: [usual[0]! + 600] });
    const back = cut(420, 720, { caller: recovery, callee: primary });
    expect(await secondsUnder(cut(410, 510), back, cut(800, 810))).toEqual({ asked: "ok", seconds: [usual[0]! + 320] });
    expect(await secondsUnder(cut(410, Number.POSITIVE_INFINITY))).toEqual({ asked: "ok", seconds: [] });
  });

  it("a copy is refused while the link is cut: its destination does not reach the source", async () => {
    expect(await secondsUnder(cut(390, 500))).toEqual({ asked: "Unavailable", seconds: [] });
  });
});

describe("a fault", () => {
  it("snapshot-error: the snapshots of a set end in error, and the set says so", async () => {
    const [state, told] = await play(
      async (live) => {
        const results: unknown[] = [];
        live.world.onEvent(({ detail }) => results.push(detail.result));
        const [taken] = await take(live, sourceServers(live.world)[0]!.id);
        await live.advance(10);
        return [(await stateOf(live, primary, taken!))?.State, results];
      },
      [{ ...always, fault: "snapshot-error", rate: 1 }],
    );
    expect(state).toBe("error");
    expect(told).toEqual(["failed", "failed"]);
  });

  it("volume-deleted: one server's set lacks the volume that went before it was taken", async () => {
    const counts = await play(
      async (live) => {
        const [one, two] = sourceServers(live.world);
        return [(await take(live, one!.id)).length, (await take(live, two!.id)).length];
      },
      [{ ...always, fault: "volume-deleted" }],
      aPlan(),
    );
    expect(counts).toEqual([1, 2]);
  });

  const copyUnder = (faults: Fault[]) =>
    play(async (live) => {
      addKey(live.world, recovery, "alias/dr");
      const key = await live
        .clients(KMSClient, recovery)
        .send(new DescribeKeyCommand({ KeyId: "alias/dr" }))
        .then(({ KeyMetadata }) => KeyMetadata!);
      const [taken] = await take(live, sourceServers(live.world)[0]!.id);
      const { SnapshotId } = await copy(live, taken!, { Encrypted: true, KmsKeyId: key.Arn });
      await live.advance(60);
      return [key.KeyState, (await stateOf(live, recovery, SnapshotId!))?.State];
    }, faults);

  it("key-disabled: KMS says so, and a copy under the key ends in error", async () => {
    expect(await copyUnder([{ ...always, fault: "key-disabled", region: recovery }])).toEqual(["Disabled", "error"]);
    const other = { ...always, fault: "key-disabled" as const, region: recovery, key: "alias/other" };
    expect(await copyUnder([other])).toEqual(["Enabled", "pending"]);
  });

  it("key-denied: KMS says nothing, a copy under the key ends in error all the same", async () => {
    expect(await copyUnder([{ ...always, fault: "key-denied", region: recovery, key: "alias/dr" }])).toEqual([
      "Enabled",
      "error",
    ]);
  });
});

describe("an alias", () => {
  it("an alias that moves means another key; the one before is still there under its ARN", () =>
    play(async ({ world, clients }) => {
      const before = addKey(world, recovery, "alias/dr");
      const after = moveAlias(world, recovery, "alias/dr");
      const arnOf = async (KeyId: string) =>
        (await clients(KMSClient, recovery).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn;

      expect(after?.arn).not.toBe(before.arn);
      expect(await arnOf("alias/dr")).toBe(after?.arn);
      expect(await arnOf(before.arn)).toBe(before.arn);
      expect(moveAlias(world, recovery, "alias/nobody")).toBeNull();
    }));
});
