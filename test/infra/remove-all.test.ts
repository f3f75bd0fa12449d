import { expect, test } from "vitest";
import { removeAll } from "../../infra/remove-all.ts";
import { aPlan } from "../support/builders.ts";
import { aDeployment, anAccount } from "./deployment.ts";

anAccount();

const plan = aPlan();
const { application } = plan;

test("what starts runs goes first; the controllers stay for the other applications", async () => {
  const deployment = aDeployment();
  await deployment.store.savePlan(plan);
  await removeAll(plan, { controllers: false, yes: true }, deployment);
  expect(deployment.done).toEqual([
    "remove sensor eu-west-1",
    "remove plan eu-central-1",
    "remove switch eu-central-1",
  ]);
});

test("a removed application is unknown to every machine, but its row stays", async () => {
  const deployment = aDeployment();
  await deployment.store.savePlan(plan);
  await deployment.store.savePlan({ ...plan, application: "other" });
  await removeAll(plan, { controllers: false, yes: true }, deployment);
  expect(await deployment.store.currentPlanVersion(application)).toBeNull();
  expect(await deployment.store.applications()).toEqual(["other"]);
  expect(await deployment.store.row(application)).not.toBeNull();
});

test("the controllers go when asked for, after everything that needs them", async () => {
  const deployment = aDeployment();
  await deployment.store.savePlan(plan);
  await removeAll(plan, { controllers: true, yes: true }, deployment);
  expect(deployment.done.slice(3)).toEqual(["remove controller eu-west-1", "remove controller eu-central-1"]);
});

test("the controllers do not go while they serve another application", async () => {
  const deployment = aDeployment();
  await deployment.store.savePlan(plan);
  await deployment.store.savePlan({ ...plan, application: "other" });
  await expect(removeAll(plan, { controllers: true, yes: true }, deployment)).rejects.toThrow(
    "the controllers also serve other",
  );
  expect(deployment.done).toEqual([]);
});

test("nothing is removed while the application is served from its recovery Region", async () => {
  const deployment = aDeployment();
  await deployment.store.savePlan(plan);
  const row = await deployment.store.row(application);
  await deployment.table.put({ pk: application, sk: "row" }, { ...row, active: "eu-central-1" });
  await expect(removeAll(plan, { controllers: false, yes: true }, deployment)).rejects.toThrow(
    "shop is served from eu-central-1",
  );
  expect(deployment.done).toEqual([]);
});

test("removing what was never stored removes the stacks all the same", async () => {
  const deployment = aDeployment();
  await removeAll(plan, { controllers: false, yes: true }, deployment);
  expect(deployment.done).toHaveLength(3);
});

test.each([
  ["nobody can be asked", null, "nothing was removed"],
  ["a person says no", "n", "nothing was removed"],
])("nothing goes when %s", async (_, answer, message) => {
  const deployment = { ...aDeployment(), ask: async () => answer };
  await deployment.store.savePlan(plan);
  await expect(removeAll(plan, { controllers: false, yes: false }, deployment)).rejects.toThrow(message);
  expect(deployment.done).toEqual([]);
  expect(await deployment.store.currentPlanVersion(application)).not.toBeNull();
});

test("a person who says yes has read which stacks go", async () => {
  const deployment = aDeployment();
  let read: string[] = [];
  const ask = async () => {
    read = [...deployment.lines];
    return "yes";
  };
  await deployment.store.savePlan(plan);
  await removeAll(plan, { controllers: false, yes: false }, { ...deployment, ask });
  expect(read.filter((line) => line.startsWith("  "))).toHaveLength(3);
  expect(deployment.done).toHaveLength(3);
});
