import { expect, it } from "vitest";
import { createStore } from "../../../functions/aws/store/store.ts";
import { aPlan } from "../../support/builders.ts";
import { aTable } from "../../support/memory-table.ts";

it("lists the applications whose plans were saved, each once", async () => {
  const store = createStore(aTable());
  expect(await store.applications()).toEqual([]);
  await store.savePlan(aPlan({ application: "web-shop" }));
  await store.savePlan(aPlan());
  await store.savePlan(aPlan());
  expect(await store.applications()).toEqual(["shop", "web-shop"]);
});

it("loses no name to another writer in between", async () => {
  const table = aTable();
  const { get } = table;
  const store = createStore(table);
  let intruded = false;
  table.get = async (key) => {
    const found = await get(key);
    if (key.sk === "list" && !intruded) {
      intruded = true;
      await store.savePlan(aPlan({ application: "intruder" }));
    }
    return found as never;
  };
  await store.savePlan(aPlan());
  expect(await store.applications()).toEqual(["intruder", "shop"]);
});
