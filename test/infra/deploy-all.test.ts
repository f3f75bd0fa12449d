import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { isProofDue, unproven } from "../../functions/core/readiness/proof.ts";
import { deployAll, storePlan } from "../../infra/deploy-all.ts";
import { removeAll } from "../../infra/remove-all.ts";
import { stacksOf } from "../../infra/stacks.ts";
import { aPlan, aResource } from "../support/builders.ts";
import { aDeployment, anAccount } from "./deployment.ts";

const { sts } = anAccount();

const plan = aPlan();
const { application } = plan;
const lease = { id: "arn:run", name: "failover-shop-1", machine: "failover", acquiredAt: "2026-03-02T12:00:00Z" };

test("the controllers come first, then the plan is stored, then what starts runs of it", async () => {
  const deployment = aDeployment();
  const storedAt: number[] = [];
  const { savePlan } = deployment.store;
  deployment.store.savePlan = (given) => {
    storedAt.push(deployment.done.length);
    return savePlan(given);
  };
  await deployAll(plan, true, deployment);
  expect(deployment.done).toEqual([
    "deploy controller eu-central-1",
    "deploy controller eu-west-1",
    "deploy switch eu-central-1",
    "deploy plan eu-central-1",
    "deploy sensor eu-west-1",
  ]);
  expect(storedAt).toEqual([2]);
  expect(deployment.lines.at(-1)).toBe("what is left");
  const version = await deployment.store.currentPlanVersion(application);
  expect(await deployment.store.plan(application, version!)).toEqual(plan);
  expect(await deployment.store.row(application)).toMatchObject({ active: "eu-west-1", phase: "protected", run: null });
  expect(await deployment.store.proof(application)).toMatchObject({ since: expect.any(String), at: null, denied: [] });
});

test("the plan alone is stored for whoever deploys the templates by other means, and not while a run is on", async () => {
  const deployment = aDeployment();
  await storePlan(plan, deployment);
  expect(deployment.done).toEqual([]);
  const version = await deployment.store.currentPlanVersion(application);
  expect(await deployment.store.plan(application, version!)).toEqual(plan);
  expect(await deployment.store.proof(application)).toMatchObject({ since: expect.any(String) });
  const row = (await deployment.store.row(application))!;
  deployment.store.row = async () => ({ ...row, run: lease as never });
  await expect(storePlan(plan, deployment)).rejects.toThrow("failover-shop-1 has been moving shop");
});

type Made = { role: string; region: string; resources: { Resources: Record<string, unknown> } };
/** The role of a function of the controller in a Region, as the last deployment made it. */
const roleIn = (stacks: Made[], region: string, id: string) =>
  JSON.stringify(stacks.find((one) => one.role === "controller" && one.region === region)!.resources.Resources[id]);
const made = (deployment: ReturnType<typeof aDeployment>) => {
  const stacks: Made[] = [];
  const { packageAll } = deployment;
  deployment.packageAll = async (...given) => {
    stacks.splice(0, stacks.length, ...(await packageAll(...given)));
    return stacks as Awaited<ReturnType<typeof packageAll>>;
  };
  return stacks;
};

test("the roles of a controller reach what each of its applications names, and keep what an earlier deployment named", async () => {
  const deployment = aDeployment();
  const stacks = made(deployment);
  await deployAll(plan, true, deployment, ["web"]);
  expect(roleIn(stacks, "eu-central-1", "FenceRole")).not.toContain("eu-west-2");
  const other = aPlan({ application: "other", regions: { primary: "eu-west-2", recovery: "eu-central-1" } });
  await deployAll({ ...other, protect: [aResource({ select: { tags: { App: "other" } } })] }, true, deployment, ["db"]);
  const fence = roleIn(stacks, "eu-central-1", "FenceRole");
  for (const part of ["ec2:eu-west-1:", "ec2:eu-west-2:", '"aws:ResourceTag/App":["other","shop"]'])
    expect(fence).toContain(part);
  const launch = roleIn(stacks, "eu-central-1", "LaunchRole");
  for (const part of ["role/web", "role/db"]) expect(launch).toContain(part);
  // told once, known for good
  await deployAll(plan, true, deployment);
  expect(roleIn(stacks, "eu-central-1", "LaunchRole")).toBe(launch);
  expect(roleIn(stacks, "eu-west-1", "LaunchRole")).not.toContain("role/db");
  await removeAll({ ...other, protect: [] }, { controllers: false, yes: true }, deployment);
  await deployAll(plan, true, deployment);
  expect(roleIn(stacks, "eu-central-1", "LaunchRole")).not.toContain("role/db");
});

test("a plan that was deployed before deployments noted what it names is not forgotten", async () => {
  const deployment = aDeployment();
  const stacks = made(deployment);
  const other = aPlan({ application: "other", regions: { primary: "eu-west-2", recovery: "eu-central-1" } });
  const worn = aResource({ launch: { ...aResource().launch, instanceProfile: "old-profile" } });
  await deployment.store.savePlan({ ...other, protect: [worn] });
  await deployAll(plan, true, deployment);
  expect(roleIn(stacks, "eu-central-1", "FenceRole")).toContain("ec2:eu-west-2:");
  expect(roleIn(stacks, "eu-central-1", "LaunchRole")).toContain("role/old-profile");
});

test("the roles reach what the stored plan names until the next deployment: a run may begin before the new one is stored", async () => {
  const deployment = aDeployment();
  const stacks = made(deployment);
  const tagged = (App: string) => ({ ...plan, protect: [aResource({ select: { tags: { App } } })] });
  await deployAll(tagged("old"), true, deployment);
  await deployAll(tagged("new"), true, deployment);
  expect(roleIn(stacks, "eu-central-1", "FenceRole")).toContain('"aws:ResourceTag/App":["new","old"]');
  await deployAll(tagged("new"), true, deployment);
  expect(roleIn(stacks, "eu-central-1", "FenceRole")).not.toContain("old");
});

test("every application of a controller proves its rights anew once its roles have changed", async () => {
  const deployment = aDeployment();
  const other = aPlan({ application: "other" });
  await deployAll(other, true, deployment);
  const missing = { step: "fence", action: "ec2:StopInstances", region: "eu-west-1", because: "AccessDenied: no" };
  const at = new Date().toISOString();
  const known = { ...unproven(at), at, run: "proof-1", denied: [missing] };
  for (const name of ["other", "shop"]) await deployment.store.saveProof(name, known);
  await deployAll(plan, true, deployment);
  const [own, others] = await Promise.all(["shop", "other"].map((name) => deployment.store.proof(name)));
  expect(own).toEqual(unproven(own!.since));
  // what was found missing stays so until the next proof, which is due
  expect(others).toEqual({ ...known, due: true });
  expect(isProofDue(others!, new Date(at))).toBe(true);
});

test("a proof that ends in the moment in which it is made due is kept", async () => {
  const { table, store } = aDeployment();
  const [old, at] = ["2026-03-01T12:00:00.000Z", "2026-03-02T12:00:00.000Z"];
  const known = { ...unproven(old), at: old, run: "proof-1", provenAt: old };
  await store.saveProof("shop", known);
  const { get } = table;
  table.get = async <T>(key: Parameters<typeof get>[0]) => {
    const found = await get<T>(key);
    await store.saveProof("shop", { ...known, at, provenAt: at });
    return found;
  };
  expect(await store.makeProofDue("shop")).toBe(false);
  table.get = get;
  expect(await store.proof("shop")).toEqual({ ...known, at, provenAt: at });
});

test("the first deployment finds no table, and goes on", async () => {
  const deployment = aDeployment();
  const missing = Object.assign(new Error("no table"), { name: "ResourceNotFoundException" });
  const { row } = deployment.store;
  deployment.store.row = async (name) => {
    if (deployment.done.length === 0) throw missing;
    return row(name);
  };
  await deployAll(plan, true, deployment);
  expect(deployment.done).toHaveLength(5);
});

test.each([
  ["a run is on", { run: lease }, "failover-shop-1 has been moving shop since 2026-03-02T12:00:00Z"],
  ["the application is served elsewhere", { active: "eu-central-1" }, "shop is served from eu-central-1, not from its"],
])("deploys nothing while %s", async (_, change, message) => {
  const deployment = aDeployment();
  await deployment.store.savePlan(plan);
  const row = await deployment.store.row(application);
  await deployment.table.put({ pk: application, sk: "row" }, { ...row, ...change });
  await expect(deployAll(plan, true, deployment)).rejects.toThrow(message);
  expect(deployment.done).toEqual([]);
});

test("a run that begins while the controllers are deployed keeps its plan", async () => {
  const deployment = aDeployment();
  await deployment.store.savePlan(plan);
  const row = await deployment.store.row(application);
  const deploy = deployment.deploy;
  deployment.deploy = async (stack, heard) => {
    await deployment.table.put({ pk: application, sk: "row" }, { ...row, run: lease });
    return deploy(stack, heard);
  };
  const before = await deployment.store.currentPlanVersion(application);
  await expect(deployAll({ ...plan, priority: 9 }, true, deployment)).rejects.toThrow("has been moving shop");
  expect(await deployment.store.currentPlanVersion(application)).toBe(before);
});

test.each(["CredentialsProviderError", "ExpiredTokenException", "TimeoutError"])(
  "without an account nothing is touched: %s",
  async (name) => {
    const deployment = aDeployment();
    sts.on(GetCallerIdentityCommand).rejects(Object.assign(new Error("told"), { name }));
    await expect(deployAll(plan, true, deployment)).rejects.toMatchObject({ name });
    expect(deployment.done).toEqual([]);
  },
);

test.each([
  ["y", null, 5],
  ["YES", null, 5],
  ["n", "nothing was deployed", 0],
  ["", "nothing was deployed", 0],
  [null, "nothing was deployed", 0],
])("it asks with what it will make, and the answer %j counts", async (answer, refused, stacks) => {
  const deployment = aDeployment();
  const told: string[] = [];
  deployment.log = (line) => told.push(line.replace(/ {2,}/g, "  "));
  deployment.ask = async (question) => {
    expect(question).toBe("Deploy? [y/N] ");
    told.push("asked");
    return answer;
  };
  const deploying = deployAll(plan, false, deployment);
  if (refused) await expect(deploying).rejects.toThrow(refused);
  else await deploying;
  expect(deployment.done).toHaveLength(stacks);
  const functions = Object.keys(stacksOf(plan)[0]!.functions).length;
  const sensors = Object.keys(stacksOf(plan).at(-1)!.functions).length;
  expect(told.slice(0, 9)).toEqual([
    "account 111122223333: shop, eu-west-1 -> eu-central-1",
    "This creates or updates in account 111122223333:",
    `  lifeboat-controller in eu-central-1  3 resources, ${functions} functions`,
    `  lifeboat-controller in eu-west-1  3 resources, ${functions} functions`,
    "  lifeboat-switch-shop in eu-central-1  3 resources,  0 functions",
    "  lifeboat-plan-shop in eu-central-1  3 resources,  0 functions",
    `  lifeboat-sensor-shop in eu-west-1  3 resources,  ${sensors} functions`,
    `  5 stacks  15 resources, ${2 * functions + sensors} functions`,
    "asked",
  ]);
});

test("without a terminal it takes --yes only, and says so", async () => {
  await expect(deployAll(plan, false, aDeployment())).rejects.toMatchObject({
    hint: "Read the list above, then add --yes to deploy.",
  });
});

test("a fault of the table is not taken for a first deployment", async () => {
  const deployment = aDeployment();
  deployment.store.row = async () => {
    throw Object.assign(new Error("no"), { name: "AccessDeniedException" });
  };
  await expect(deployAll(plan, true, deployment)).rejects.toMatchObject({ name: "AccessDeniedException" });
});
