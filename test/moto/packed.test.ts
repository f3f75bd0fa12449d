import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createStore } from "../../functions/aws/store/store.ts";
import { createTable } from "../../functions/aws/store/table.ts";
import { bundleCli } from "../../infra/bundle-cli.ts";
import { aQuestion, aRun } from "../support/builders.ts";
import { motoClients, motoPort, reset, runStateMachines } from "./moto.ts";
import { populate } from "./populate.ts";
import { recovery, shopPlan, tableName } from "./shop.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-packed-"));
let bundles: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundles = await bundleCli(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As somebody on call has it: the bundle, a folder without a plan, and credentials. */
const lifeboat = (bundle: string, ...args: string[]) =>
  new Promise<{ code: number; out: string; error: string }>((resolve) => {
    const env = { HOME: folder, USER: "ann", AWS_ACCESS_KEY_ID: "moto", AWS_SECRET_ACCESS_KEY: "moto" };
    const where = ["shop", "--region", recovery, "--endpoint-url", `http://127.0.0.1:${motoPort()}`];
    execFile(process.execPath, [bundle, ...args, ...where], { cwd: folder, env }, (failed, out, error) =>
      resolve({ code: Number(failed?.code ?? 0), out, error }),
    );
  });

/** Populated, deployed, and with a machine that takes every answer. */
const aDeployedShop = async () => {
  await reset();
  const clients = motoClients();
  const { names } = await populate(clients);
  await runStateMachines();
  const answered = { answered: { value: { because: "it was approved" } } };
  const definition = JSON.stringify({ StartAt: "Say", States: { Say: { Type: "Pass", Result: answered, End: true } } });
  const roleArn = "arn:aws:iam::123456789012:role/lifeboat";
  await clients(SFNClient, recovery).send(
    new CreateStateMachineCommand({ name: "lifeboat-failover", definition, roleArn }),
  );
  const table = createTable(clients, recovery, tableName);
  const store = createStore(table);
  await store.savePlan(shopPlan(names));
  return { store, table };
};

it.each(["packaged", "single"] as const)(
  "the %s command line works at what is deployed",
  async (which) => {
    const { store, table } = await aDeployedShop();
    const bundle = bundles[which];
    const status = await lifeboat(bundle, "status");
    expect(status).toMatchObject({ code: 0, error: "" });
    expect(status.out).toMatch(/^shop: served from eu-west-1/);
    expect((await lifeboat(bundle, "approve")).error).toContain("error: no run of shop waits for approval\n");

    const held = aRun({ application: "shop" });
    const lease = { id: held.id, name: held.name, machine: "failover", acquiredAt: held.startedAt };
    const run = { ...lease, phaseBefore: "protected", points: {} };
    await table.update({ pk: "shop", sk: "row" }, { set: { run, phase: "running" } });
    await store.saveQuestion("shop", aQuestion({ run: held.name, execution: held.id }), "token", "nonce");
    const approved = await lifeboat(bundle, "approve", "--by", "ann");
    expect(approved).toMatchObject({ code: 0, error: "" });
    expect(approved.out).toContain(
      `${held.name} continues: lifeboat status shop --region ${recovery} shows its progress\n`,
    );
  },
  120_000,
);
