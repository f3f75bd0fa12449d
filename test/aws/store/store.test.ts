import { expect, it } from "vitest";
import { createStore } from "../../../functions/aws/store/store.ts";
import { PlanInvalidError } from "../../../functions/core/errors.ts";
import { aManifest, aPlan, aPoint, aServerItem } from "../../support/builders.ts";
import { aTable } from "../../support/memory-table.ts";
import { simulated } from "../../support/simulated.ts";

const withStore = <T>(body: (store: ReturnType<typeof createStore>) => Promise<T>) =>
  simulated({}, ({ context }) => body(createStore(context.table)));

it("keeps every version of a plan under the hash of its text, the last one saved as the current one", async () => {
  const other = aPlan({ priority: 1 });
  const { first, again, second, current, plans } = await withStore(async (store) => {
    const first = await store.savePlan(aPlan());
    const again = await store.savePlan(aPlan());
    const second = await store.savePlan(other);
    const plans = [await store.plan("shop", first), await store.plan("shop", second)];
    return { first, again, second, current: await store.currentPlanVersion("shop"), plans };
  });
  expect(again).toBe(first);
  expect(first).toMatch(/^[0-9a-f]{16}$/);
  expect(current).toBe(second);
  expect(plans).toEqual([aPlan(), other]);
});

it("creates the row with the first plan, and never again", async () => {
  const [fresh, kept] = await simulated({}, async ({ context: { store, table } }) => {
    await store.savePlan(aPlan());
    const fresh = await store.row("shop");
    await table.update({ pk: "shop", sk: "row" }, { set: { active: "eu-central-1", switch: 1 } }, { absent: "run" });
    await store.savePlan(aPlan({ priority: 1 }));
    return [fresh, await store.row("shop")];
  });
  const nobody = { run: null, protect: null, lastRun: null };
  expect(fresh).toEqual({
    application: "shop",
    active: "eu-west-1",
    home: "eu-central-1",
    generation: 0,
    phase: "protected",
    switch: 0,
    ...nobody,
  });
  expect(kept).toEqual({ ...fresh, active: "eu-central-1", switch: 1 });
});

it("knows nothing of an application that was not deployed", async () => {
  const found = await withStore(async (store) => ({
    row: await store.row("shop"),
    version: await store.currentPlanVersion("shop"),
    points: await store.points("shop", "web"),
    evidence: await store.evidence("shop"),
    userData: await store.userData("shop", "i-0a.1"),
    servers: await store.servers("shop", "run-1"),
    waves: await store.waves("shop", "run-1"),
    slots: await store.slots("shop", "run-1"),
  }));
  expect(found).toEqual({
    row: null,
    version: null,
    points: [],
    evidence: null,
    userData: null,
    servers: [],
    waves: null,
    slots: {},
  });
});

it("says what to do about a version that is not stored", async () => {
  const missing = withStore((store) => store.plan("shop", "v0"));
  await expect(missing).rejects.toThrow(PlanInvalidError);
  await expect(withStore((store) => store.plan("shop", "v0"))).rejects.toMatchObject({
    message: expect.stringContaining("v0"),
    hint: "Deploy the plan: in a checkout of Lifeboat, npm run deploy -- --plan FILE.",
  });
});

it("reads a version once for the life of a container: it never changes", async () => {
  const table = aTable();
  const version = await createStore(table).savePlan(aPlan());
  const store = createStore(table);
  let reads = 0;
  const { get } = table;
  table.get = (key) => {
    reads++;
    return get(key);
  };
  await store.plan("shop", version);
  await store.plan("shop", version);
  expect(reads).toBe(1);
});

it("lists the points of one resource, oldest first, and none of a resource whose name begins alike", async () => {
  const ids = ["web.20260302T113000Z", "web.20260302T110000Z", "web-2.20260302T110000Z"];
  const found = await withStore(async (store) => {
    for (const id of ids) await store.savePoint(aPoint({ id }));
    await store.savePoint(aPoint({ id: ids[0]!, because: "saved again" }));
    return { points: await store.points("shop", "web"), one: await store.point("shop", ids[0]!) };
  });
  expect(found.points.map(({ id }) => id)).toEqual([ids[1], ids[0]]);
  expect(found.one).toEqual(aPoint({ because: "saved again" }));
});

it("keeps one manifest for each server of a point", async () => {
  const found = await withStore(async (store) => {
    await store.saveManifest(aManifest({ server: "i-0b", name: "web-2" }));
    await store.saveManifest(aManifest());
    await store.saveManifest(aManifest({ image: "ami-0b" }));
    await store.saveManifest(aManifest({ point: "web.20260302T110000Z" }));
    return {
      all: await store.manifests("shop", aPoint().id),
      one: await store.manifest("shop", aPoint().id, "i-0a"),
    };
  });
  expect(found.all.map(({ server }) => server)).toEqual(["i-0a", "i-0b"]);
  expect(found.one).toEqual(aManifest({ image: "ami-0b" }));
});

const full = {
  "m5.large/subnet-a": { code: "InsufficientInstanceCapacity", times: 1, until: "2026-03-02T12:00:20.000Z" },
};

it("keeps user data, evidence, and what the slots of a run have said", async () => {
  const found = await withStore(async (store) => {
    await store.saveUserData("shop", new Map([["i-0a.1", "IyEvYmluL3No"]]));
    await store.saveEvidence("shop", { armedAt: null, votes: {} });
    await store.saveSlots("shop", "run-1", full);
    return [
      await store.userData("shop", "i-0a.1"),
      await store.evidence("shop"),
      await store.slots("shop", "run-1"),
      await store.slots("shop", "run-2"),
    ];
  });
  expect(found).toEqual(["IyEvYmluL3No", { armedAt: null, votes: {} }, full, {}]);
});

it("writes a server only over the version that was read, and never makes it anew", async () => {
  const found = await withStore(async (store) => {
    const first = aServerItem();
    await store.addServer("shop", "run-1", first);
    const saved = await store.saveServer("shop", "run-1", { ...first, state: "launched" });
    const stale = await store.saveServer("shop", "run-1", { ...first, state: "lost" });
    const anew = await store.addServer("shop", "run-1", first);
    return { saved: saved?.version, stale, anew, servers: await store.servers("shop", "run-1") };
  });
  expect(found).toMatchObject({ saved: 1, stale: null, anew: false, servers: [{ state: "launched", version: 1 }] });
});

it("tells a step that ran twice once, and the steps of one run alone", async () => {
  const entry = { run: "run-1", state: "Fence", subject: "", startedAt: "s", endedAt: "e", outcome: "ok", detail: {} };
  const ledger = await withStore(async (store) => {
    await store.record("shop", { ...entry, outcome: "TransientError" });
    await store.record("shop", entry);
    await store.record("shop", { ...entry, state: "Launch", subject: "i-0a" });
    await store.record("shop", { ...entry, run: "run-10" });
    return store.ledger("shop", "run-1");
  });
  expect(ledger).toEqual([entry, { ...entry, state: "Launch", subject: "i-0a" }]);
});
