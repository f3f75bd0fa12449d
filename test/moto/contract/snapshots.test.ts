import { describe, expect, it } from "vitest";
import { deregisterImage, listImages, registerImage } from "../../../functions/aws/ec2/images.ts";
import { copySnapshot, createSnapshots, deleteSnapshot, listSnapshots } from "../../../functions/aws/ec2/snapshots.ts";
import { volumesOf } from "../../../functions/aws/ec2/volumes.ts";
import { describeKey } from "../../../functions/aws/kms.ts";
import { tagKeys } from "../../../functions/core/names.ts";
import { copiesOf, manifestOf } from "../copied.ts";
import { everyAws, type Given } from "../given.ts";
import { keyAlias, primary, recovery } from "../shop.ts";

const tags = { [tagKeys.application]: "shop", [tagKeys.point]: "web.1", [tagKeys.server]: "app-1" };
const ofPoint = [{ Name: `tag:${tagKeys.point}`, Values: ["web.1", "web.2"] }];
const nameOf = (error: Error) => error.name;
const create = ({ clients, servers }: Given, excluded?: Parameters<typeof createSnapshots>[3]) =>
  createSnapshots(clients, primary, servers[0]!, excluded, tags);

describe.each(everyAws)("a set of snapshots on %s", (_, on) => {
  it("has one snapshot of each volume, from one instant, with the tags of the call", async () => {
    const { set, volumes, listed } = await on(async (given) => {
      const { clients, servers, settle } = given;
      const volumes = await volumesOf(clients, primary, [servers[0]!]);
      const set = await create(given);
      await settle();
      return { set, volumes, listed: await listSnapshots(clients, primary, ofPoint) };
    });
    const idsOf = (facts: { volume: string }[]) => facts.map(({ volume }) => volume).sort();
    expect(idsOf(set)).toEqual(volumes.map(({ VolumeId }) => VolumeId).sort());
    expect(set.every((one) => one.state === "pending" && one.tags[tagKeys.server] === "app-1")).toBe(true);
    expect(listed.map(({ id }) => id).sort()).toEqual(set.map(({ id }) => id).sort());
    const [root, other] = listed.sort((a, b) => a.sizeGiB - b.sizeGiB);
    const whole = { state: "completed", progress: 100, because: null, tags };
    expect(root).toMatchObject({ ...whole, sizeGiB: 8, encrypted: false });
    expect(other).toMatchObject({ ...whole, sizeGiB: 20, encrypted: true });
    const apart = Date.parse(root!.startedAt) - Date.parse(other!.startedAt);
    expect(Math.abs(apart), "moto stamps each one by itself, in whole seconds").toBeLessThanOrEqual(1_000);
  });

  it("leaves the boot volume out when told to", async () => {
    const set = await on((given) => create(given, { bootVolume: true, dataVolumes: [] }));
    expect(set.map(({ sizeGiB }) => sizeGiB)).toEqual([20]);
  });

  it("takes the boot volume when told to leave data volumes out (moto takes those as well)", async () => {
    const set = await on(async (given) => {
      const volumes = await volumesOf(given.clients, primary, [given.servers[0]!]);
      const dataVolumes = volumes.flatMap(({ Size, VolumeId }) => (Size === 20 ? VolumeId! : []));
      return create(given, { bootVolume: false, dataVolumes });
    });
    expect(set.map(({ sizeGiB }) => sizeGiB)).toContain(8);
  });

  it("cannot be made of an instance that is not there, nor with a tag specification that is empty", async () => {
    const names = await on(({ clients, servers }) =>
      Promise.all([
        createSnapshots(clients, primary, "i-0123456789abcdef0", undefined, tags).catch(nameOf),
        createSnapshots(clients, primary, servers[0]!, undefined, {}).catch(nameOf),
      ]),
    );
    expect(names).toEqual(["InvalidInstanceID.NotFound", "InvalidParameterValue"]);
  });

  it("is listed whole among many others, by all of its tags", async () => {
    const found = await on(async (given) => {
      const { clients, servers, settle } = given;
      for (let at = 0; at < 30; at++) {
        const other = { ...tags, [tagKeys.point]: `web.${at % 3}`, [tagKeys.application]: at < 21 ? "shop" : "other" };
        await createSnapshots(clients, primary, servers[at % 3]!, undefined, other);
        await settle();
      }
      const ours = { Name: `tag:${tagKeys.application}`, Values: ["shop"] };
      const filters = [[ours, ...ofPoint], [ours], [], [{ Name: "tag:none", Values: ["x"] }]];
      return Promise.all(filters.map(async (some) => (await listSnapshots(clients, primary, some)).length));
    });
    expect(found).toEqual([28, 42, 60, 0]);
  });
});

describe.each(everyAws)("a copy on %s", (_, on) => {
  it("is made in the other Region with the tags of the call, and nothing of its source's", async () => {
    const { copies, listed, pending } = await on(async (given) => {
      const { clients, settle, servers } = given;
      const copies = await copiesOf(given, servers[0]!);
      await settle();
      const listed = await listSnapshots(clients, recovery, []);
      return { copies, listed, pending: await listSnapshots(clients, recovery, [pendingOnly]) };
    });
    expect(listed.map(({ id }) => id).sort()).toEqual(copies.map(({ id }) => id).sort());
    for (const { id, source, sizeGiB } of copies) {
      const found = listed.find((one) => one.id === id)!;
      expect(found).toMatchObject({ sizeGiB, state: "completed", tags: { [tagKeys.sourceSnapshot]: source } });
      expect(Object.keys(found.tags)).toHaveLength(1);
    }
    expect(pending).toEqual([]);
  });

  it("is encrypted under the key that is named; without one it is as its source was", async () => {
    const [plain, keyed] = await on(async (given) => {
      const { clients, servers, settle } = given;
      const { arn } = await describeKey(clients, recovery, keyAlias);
      const copy = async (server: string, key: string | null) => {
        const copies = await copiesOf(given, server, key);
        await settle();
        const listed = await listSnapshots(clients, recovery, []);
        const facts = copies.map(({ id }) => listed.find((one) => one.id === id)!);
        return facts.map(({ sizeGiB, encrypted, state }) => [sizeGiB, encrypted, state]).sort();
      };
      return [await copy(servers[0]!, null), await copy(servers[1]!, arn)];
    });
    expect(plain).toEqual([
      [20, true, "completed"],
      [8, false, "completed"],
    ]);
    expect(keyed).toEqual([
      [20, true, "completed"],
      [8, true, "completed"],
    ]);
  });

  it("of a snapshot that is not there is refused", async () => {
    const source = { region: primary, snapshot: "snap-0123456789abcdef0" };
    const name = await on(({ clients }) => copySnapshot(clients, recovery, source, null, tags).catch(nameOf));
    expect(name).toBe("InvalidSnapshot.NotFound");
  });

  it("is gone once it is deleted, and may be deleted again", async () => {
    const left = await on(async (given) => {
      const { clients, servers, settle } = given;
      const [first, second] = await copiesOf(given, servers[0]!);
      await settle();
      await deleteSnapshot(clients, recovery, first!.id);
      await deleteSnapshot(clients, recovery, first!.id);
      const listed = await listSnapshots(clients, recovery, []);
      return listed.map(({ id }) => id === second!.id);
    });
    expect(left).toEqual([true]);
  });
});

const pendingOnly = { Name: "status", Values: ["pending"] };

describe.each(everyAws)("an image on %s", (_, on) => {
  it("is registered from copies and found by its name (moto drops its tags and its devices)", async () => {
    const { id, found, other } = await on(async (given) => {
      const { clients, settle } = given;
      const manifest = await manifestOf(given, given.servers[0]!);
      const id = await registerImage(clients, recovery, "lifeboat-shop-web.1-app-1", manifest, tags);
      await settle();
      const named = (name: string) => listImages(clients, recovery, [{ Name: "name", Values: [name] }]);
      return { id, found: await named("lifeboat-shop-web.1-app-1"), other: await named("lifeboat-shop-web.1-app-2") };
    });
    expect(found).toMatchObject([{ id, name: "lifeboat-shop-web.1-app-1", state: "available" }]);
    expect(other).toEqual([]);
  });

  it("is gone once it is deregistered, and may be deregistered again", async () => {
    const found = await on(async (given) => {
      const { clients, settle } = given;
      const manifest = await manifestOf(given, given.servers[0]!);
      const id = await registerImage(clients, recovery, "lifeboat-shop-web.1-app-1", manifest, tags);
      await settle();
      await deregisterImage(clients, recovery, id);
      await deregisterImage(clients, recovery, id);
      return listImages(clients, recovery, [{ Name: "name", Values: ["lifeboat-shop-web.1-app-1"] }]);
    });
    expect(found).toEqual([]);
  });
});

describe.each(everyAws)("a key on %s", (_, on) => {
  it("is found by its alias, its id and its ARN, and not in another Region", async () => {
    const [byAlias, byArn, byId, elsewhere] = await on(async ({ clients }) => {
      const found = await describeKey(clients, recovery, keyAlias);
      const id = found.arn.split("/")[1]!;
      const describe = (key: string, region: string = recovery) => describeKey(clients, region, key);
      return [found, await describe(found.arn), await describe(id), await describe(keyAlias, primary).catch(nameOf)];
    });
    expect(byAlias).toMatchObject({ arn: expect.stringContaining(`:kms:${recovery}:`), state: "Enabled" });
    expect([byArn, byId, elsewhere]).toEqual([byAlias, byAlias, "NotFoundException"]);
  });
});
