import {
  CopySnapshotCommand,
  CreateSnapshotsCommand,
  type CreateSnapshotsCommandInput,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  paginateDescribeSnapshots,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { ec2Of } from "../../simulator/ec2/state.ts";
import type { BusEvent } from "../../simulator/kernel.ts";
import { aPlan } from "../support/builders.ts";
import { aCopiedServer, anImage, oneServer, sourceServers } from "../support/ec2.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"];
const hour = 3_600_000;

const take = async ({ clients }: Simulated, InstanceId: string, over: Partial<CreateSnapshotsCommandInput> = {}) => {
  const { Snapshots = [] } = await clients(EC2Client, primary, "optional").send(
    new CreateSnapshotsCommand({ ...over, InstanceSpecification: { InstanceId, ...over.InstanceSpecification } }),
  );
  return Snapshots;
};

const copy = async ({ clients }: Simulated, SourceSnapshotId: string, key?: string) => {
  const encrypted = key ? { Encrypted: true, KmsKeyId: key } : {};
  const { SnapshotId } = await clients(EC2Client, recovery, "optional").send(
    new CopySnapshotCommand({ SourceRegion: primary, SourceSnapshotId, ...encrypted }),
  );
  return SnapshotId!;
};

const look = async ({ clients }: Simulated, region: string, id: string) => {
  const { Snapshots } = await clients(EC2Client, region, "optional").send(
    new DescribeSnapshotsCommand({ SnapshotIds: [id] }),
  );
  return Snapshots![0]!;
};

test("the snapshots of one instance have one StartTime, the tags of the call, and are completed minutes later", () =>
  simulated({ plan: aPlan() }, async (live) => {
    const events: BusEvent[] = [];
    live.world.onEvent((event) => events.push(event));
    const [server] = sourceServers(live.world);

    const taken = await take(live, server!.id, {
      TagSpecifications: [{ ResourceType: "snapshot", Tags: [{ Key: "point", Value: "p1" }] }],
    });
    await live.advance(10);
    const before = await look(live, primary, taken[0]!.SnapshotId!);
    await live.advance(360);
    const after = await look(live, primary, taken[0]!.SnapshotId!);

    expect(taken.length).toBe(2);
    expect(new Set(taken.map(({ StartTime }) => StartTime?.getTime())).size).toBe(1);
    expect(before).toMatchObject({ State: "pending", Tags: [{ Key: "point", Value: "p1" }] });
    expect(after).toMatchObject({ State: "completed", Progress: "100%", StartTime: before.StartTime });
    expect(events.map((event) => event["detail-type"]).sort()).toEqual([
      "EBS Multi-Volume Snapshots Completion Status",
      "EBS Snapshot Notification",
      "EBS Snapshot Notification",
    ]);
  }));

test("a new snapshot is not shown at once", () =>
  simulated({ plan: oneServer, seed: 3 }, async (live) => {
    const [server] = sourceServers(live.world);

    const [taken] = await take(live, server!.id);
    ec2Of(live.world, primary).snapshots.get(taken!.SnapshotId!)!.visibleAt = Date.now() + 2_000;

    await expect(look(live, primary, taken!.SnapshotId!)).rejects.toMatchObject({ name: "InvalidSnapshot.NotFound" });
    await live.advance(3);
    expect((await look(live, primary, taken!.SnapshotId!)).State).toBe("pending");
  }));

test("the boot volume and named data volumes can be left out, the root by its id cannot", () =>
  simulated({ plan: aPlan() }, async (live) => {
    const server = sourceServers(live.world).find(({ volumes }) => volumes.length === 3)!;
    const [root, first, second] = server.volumes.map(({ volume }) => volume);
    const without = (spec: object) =>
      take(live, server.id, { InstanceSpecification: { InstanceId: server.id, ...spec } });

    const data = await without({ ExcludeBootVolume: true, ExcludeDataVolumeIds: [first] });

    expect(data.map(({ VolumeId }) => VolumeId)).toEqual([second]);
    await expect(without({ ExcludeDataVolumeIds: [root] })).rejects.toMatchObject({ name: "InvalidParameterValue" });
  }));

test("two snapshots of one volume need 15 seconds between them, and at most five may be pending", () =>
  simulated({ plan: oneServer }, async (live) => {
    const [server] = sourceServers(live.world);

    await take(live, server!.id);
    await expect(take(live, server!.id)).rejects.toMatchObject({ name: "SnapshotCreationPerVolumeRateExceeded" });
    const { snapshots } = ec2Of(live.world, primary);
    for (let count = 1; count < 5; count++) {
      await live.advance(16);
      await take(live, server!.id);
    }
    for (const snapshot of snapshots.values()) snapshot.state = "pending";
    await live.advance(16);

    await expect(take(live, server!.id)).rejects.toMatchObject({ name: "ConcurrentSnapshotLimitExceeded" });
  }));

test("a copy is pending, belongs to no volume, has no tags of its source, and is much faster the second time", () =>
  simulated({ plan: oneServer }, async (live) => {
    const [server] = sourceServers(live.world);
    const durations: number[] = [];

    for (const round of [1, 2]) {
      const [taken] = await take(live, server!.id, {
        TagSpecifications: [{ ResourceType: "snapshot", Tags: [{ Key: "round", Value: String(round) }] }],
      });
      await live.advance(400);
      const id = await copy(live, taken!.SnapshotId!);
      await live.advance(6);
      expect(await look(live, recovery, id)).toMatchObject({ State: "pending", VolumeId: "vol-ffffffff", Tags: [] });
      await live.advance(1_800);
      const { StartTime, CompletionTime } = await look(live, recovery, id);
      durations.push((CompletionTime!.getTime() - StartTime!.getTime()) / 1_000);
    }

    expect(durations[0]).toBeGreaterThan(280);
    expect(durations[1]).toBeLessThan(360);
    expect(durations[1]).toBeLessThan(durations[0]!);
  }));

test("a second copy of one volume's history begins when the first is finished", () =>
  simulated({ plan: oneServer }, async (live) => {
    const [server] = sourceServers(live.world);
    const taken = await take(live, server!.id);
    await live.advance(400);

    const [first, second] = [await copy(live, taken[0]!.SnapshotId!), await copy(live, taken[0]!.SnapshotId!)];
    await live.advance(1_800);
    const [one, two] = [await look(live, recovery, first), await look(live, recovery, second)];

    expect(two.CompletionTime!.getTime() - one.CompletionTime!.getTime()).toBeGreaterThanOrEqual(120_000);
  }));

test("a pending source is refused, an unknown one too, and a key without encryption", () =>
  simulated({ plan: oneServer }, async (live) => {
    const [server] = sourceServers(live.world);
    const [taken] = await take(live, server!.id);
    await live.advance(5);

    await expect(copy(live, taken!.SnapshotId!)).rejects.toMatchObject({ name: "IncorrectState" });
    await expect(copy(live, "snap-0")).rejects.toMatchObject({ name: "InvalidSnapshot.NotFound" });
    const plain = { SourceRegion: primary, SourceSnapshotId: taken!.SnapshotId, KmsKeyId: "alias/aws/ebs" };
    await expect(live.clients(EC2Client, recovery).send(new CopySnapshotCommand(plain))).rejects.toMatchObject({
      name: "InvalidParameterCombination",
    });
  }));

test("a key that does not exist is found out later: the copy ends in error with a message", () =>
  simulated({ plan: oneServer }, async (live) => {
    const [server] = sourceServers(live.world);
    const [taken] = await take(live, server!.id);
    await live.advance(400);

    const id = await copy(live, taken!.SnapshotId!, "alias/nobody");
    await live.advance(60);

    expect(await look(live, recovery, id)).toMatchObject({
      State: "error",
      StateMessage: "Given key ID is not accessible",
      Encrypted: true,
    });
  }));

test("twenty copies at once per destination, then ResourceLimitExceeded", () =>
  simulated({ plan: aPlan() }, async (live) => {
    const taken: string[] = [];
    for (const { id } of sourceServers(live.world))
      for (let round = 0; round < 4; round++) {
        taken.push(...(await take(live, id)).map(({ SnapshotId }) => SnapshotId!));
        await live.advance(400);
      }
    expect(taken.length).toBeGreaterThan(20);

    const tries = await Promise.allSettled(taken.map((id) => copy(live, id)));

    expect(tries.filter(({ status }) => status === "fulfilled").length).toBe(20);
    expect(tries.at(-1)).toMatchObject({ reason: { name: "ResourceLimitExceeded" } });
  }));

test("a copy whose source Region goes dark ends in error, and a dark source starts none", () =>
  simulated(
    { plan: oneServer, faults: [{ from: 500_000, until: hour, fault: "region-down", region: primary }] },
    async (live) => {
      const [server] = sourceServers(live.world);
      const [taken] = await take(live, server!.id);
      await live.advance(400);

      const id = await copy(live, taken!.SnapshotId!);
      await live.advance(600);

      expect((await look(live, recovery, id)).State).toBe("error");
      await expect(copy(live, taken!.SnapshotId!)).rejects.toMatchObject({ name: "Unavailable" });
    },
  ));

test("what is pending in a dark Region goes on when the Region is back", () =>
  simulated(
    { plan: oneServer, faults: [{ from: 30_000, until: hour, fault: "region-down", region: primary }] },
    async (live) => {
      const [server] = sourceServers(live.world);
      const [taken] = await take(live, server!.id);
      const { snapshots } = ec2Of(live.world, primary);

      await live.advance(3_500);
      expect(snapshots.get(taken!.SnapshotId!)!.state).toBe("pending");
      await live.advance(120);
      expect(snapshots.get(taken!.SnapshotId!)!.state).toBe("completed");
    },
  ));

test("a snapshot that an image uses cannot be deleted, another can, once", () =>
  simulated({ plan: oneServer }, async (live) => {
    const copied = await aCopiedServer(live);
    const remove = (SnapshotId: string) =>
      live.clients(EC2Client, recovery).send(new DeleteSnapshotCommand({ SnapshotId }));
    const other = await aCopiedServer(live);
    await anImage(live, copied);

    await expect(remove(copied.copies[0]!.id)).rejects.toMatchObject({ name: "InvalidSnapshot.InUse" });
    await remove(other.copies[0]!.id);
    await expect(remove(other.copies[0]!.id)).rejects.toMatchObject({ name: "InvalidSnapshot.NotFound" });
  }));

test("a listing comes in pages, filtered by tag and status, whatever MaxResults asks for", () =>
  simulated({ plan: aPlan() }, async (live) => {
    let made = 0;
    for (const { id } of sourceServers(live.world))
      for (let round = 0; round < 8; round++) {
        const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags: [{ Key: "mine", Value: "yes" }] }];
        made += (await take(live, id, { TagSpecifications })).length;
        await live.advance(400);
      }
    const client = live.clients(EC2Client, primary);
    const Filters = [
      { Name: "tag:mine", Values: ["y?s"] },
      { Name: "status", Values: ["completed"] },
    ];
    const found: string[] = [];
    let pages = 0;
    for await (const page of paginateDescribeSnapshots({ client, pageSize: 1_000 }, { Filters, OwnerIds: ["self"] })) {
      pages++;
      found.push(...page.Snapshots!.map(({ SnapshotId }) => SnapshotId!));
    }

    expect(found.length).toBe(made);
    expect(new Set(found).size).toBe(made);
    expect(pages).toBe(Math.ceil(made / 50));
    const bad = new DescribeSnapshotsCommand({ Filters: [{ Name: "colour", Values: ["red"] }] });
    await expect(client.send(bad)).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await expect(client.send(new DescribeSnapshotsCommand({ NextToken: "x" }))).rejects.toThrow();
  }));
