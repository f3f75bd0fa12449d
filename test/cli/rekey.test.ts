import { describe, expect, it } from "vitest";
import { aManifest, aPoint } from "../support/builders.ts";
import { aCommandScene, awsError, planFile } from "../support/command-scene.ts";

const arn = (id: string) => `arn:aws:kms:eu-central-1:111122223333:key/${id}`;
const keyOf = (id: string, KeyState = "Enabled") => ({ DescribeKey: { KeyMetadata: { Arn: arn(id), KeyState } } });

const aScene = async (given: Parameters<typeof aCommandScene>[0] & { pinned?: string | null } = {}) => {
  const { pinned = "old", ...rest } = given;
  const scene = await aCommandScene({ answers: keyOf("new"), ...rest });
  const of = { application: "pair", resource: "server" };
  const point = aPoint({ ...of, id: "server.20260302T113000Z" });
  await scene.store.savePoint(point);
  const [volume] = aManifest().volumes;
  const volumes = [
    { ...volume!, sizeGiB: 100 },
    { ...volume!, device: "/dev/sdf", sizeGiB: 400 },
  ];
  await scene.store.saveManifest(aManifest({ ...of, point: point.id, volumes }));
  if (pinned)
    await scene.store.savePin("pair", "server", "eu-central-1", {
      arn: arn(pinned),
      key: "alias/lifeboat",
      pinnedAt: point.openedAt,
    });
  return scene;
};
const pinOf = async ({ store }: Awaited<ReturnType<typeof aScene>>) =>
  (await store.pin("pair", "server", "eu-central-1"))?.arn;

describe("lifeboat rekey", () => {
  it("shows what the new key costs, with the source of the prices, asks, and pins it", async () => {
    const scene = await aScene({ typed: "yes" });
    const { code, out } = await scene.run("rekey", planFile);
    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      `server: from ${arn("old")} to ${arn("new")}`,
      "server: 2 volumes copied in full, at most 500 GiB: $10.00 of transfer once, $25.00 more per month for snapshots until the old recovery points are deleted",
      expect.stringContaining("https://aws.amazon.com/ebs/pricing/"),
      "1 key pinned: the next copies are full copies",
      "",
    ]);
    expect(scene.asked).toEqual(["Pin the new key of server? [y/N] "]);
    expect(await scene.store.pin("pair", "server", "eu-central-1")).toEqual({
      arn: arn("new"),
      key: "alias/lifeboat",
      pinnedAt: "2026-03-02T12:00:00.000Z",
    });
    expect(scene.calls).toEqual(["DescribeKey eu-central-1"]);
  });

  it("lifeboat rekey gives one object with --json", async () => {
    const scene = await aScene();
    const { out } = await scene.run("rekey", planFile, "--yes", "--json", "--resource", "server");
    expect(JSON.parse(out)).toMatchObject({
      changed: [{ resource: "server", to: arn("new"), cost: { volumes: 2, sizeGiB: 500, transferUsd: 10 } }],
      unchanged: [],
    });
    expect(await pinOf(scene)).toBe(arn("new"));
  });

  it.each([
    ["n", "nothing was changed", "Run the command again"],
    [
      null,
      "nothing was changed: no terminal to ask for confirmation",
      "Read the cost above, then add --yes to confirm.",
    ],
  ])("changes nothing when the answer is %j", async (typed, what, next) => {
    const scene = await aScene({ typed });
    const { code, error } = await scene.run("rekey", planFile);
    expect(code).toBe(1);
    expect(error).toMatch(new RegExp(`^error: ${what}\nnext: ${next}.*\n$`));
    expect(await pinOf(scene)).toBe(arn("old"));
  });

  it.each([
    ["the key is the pinned one", { pinned: "new" }, "server: its copies already use alias/lifeboat (arn:aws:kms"],
    ["no copy exists yet", { pinned: null }, "server: no copy exists yet; the first copy pins arn:aws:kms"],
  ])("lifeboat rekey has nothing to change when %s", async (_, given, told) => {
    const scene = await aScene(given);
    const { code, out } = await scene.run("rekey", planFile, "--yes");
    expect([code, out.startsWith(told)]).toEqual([0, true]);
  });

  it("lifeboat rekey has nothing to change to when the plan names no key", async () => {
    const scene = await aScene();
    const [resource] = scene.plan.protect;
    await scene.store.savePlan({ ...scene.plan, protect: [{ ...resource!, encryptKey: null }] });
    expect(await scene.run("rekey", planFile, "--yes")).toMatchObject({
      code: 0,
      out: "server: the plan names no key (encrypt.key); nothing to change\n",
    });
  });

  it.each(["run", "protect"] as const)("lifeboat rekey is refused while a %s lease is held", async (lease) => {
    const scene = await aScene();
    const row = await scene.store.row("pair");
    const held = { id: "arn", name: "pass-1", machine: "replicate", acquiredAt: "2026-03-02T11:59:00.000Z" };
    await scene.table.put({ pk: "pair", sk: "row" }, { ...row, [lease]: held });
    const { code, error } = await scene.run("rekey", planFile, "--yes");
    expect(code).toBe(1);
    expect(error).toBe(
      "error: pass-1 has been running since 2026-03-02T11:59:00.000Z: a key can change only between passes\nnext: Wait until it has ended, then try again.\n",
    );
    expect(await pinOf(scene)).toBe(arn("old"));
  });

  it.each([
    ["disabled", keyOf("new", "Disabled"), "server: key alias/lifeboat is Disabled, not Enabled"],
    [
      "not there",
      { DescribeKey: awsError("NotFoundException") },
      "server: key alias/lifeboat does not exist in eu-central-1",
    ],
  ])("lifeboat rekey is refused while the key is %s", async (_, answers, what) => {
    const scene = await aScene({ answers });
    expect(await scene.run("rekey", planFile, "--yes")).toMatchObject({
      code: 1,
      error: expect.stringContaining(what),
    });
    expect(await pinOf(scene)).toBe(arn("old"));
  });

  it("lifeboat rekey knows no resource that the plan does not have", async () => {
    const scene = await aScene();
    expect(await scene.run("rekey", planFile, "--resource", "db")).toEqual({
      code: 2,
      out: "",
      error: "error: pair has no resource db\nnext: its resources: server\n",
    });
  });
});
