import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageAll } from "../../infra/package-all.ts";
import { readPlan } from "../../terminal/plan-file.ts";
import type { Template } from "./cloudformation.ts";

const packageIt = async () => {
  const root = mkdtempSync(join(tmpdir(), "lifeboat-package-"));
  process.on("exit", () => rmSync(root, { recursive: true, force: true }));
  cpSync("serverless.yml", join(root, "serverless.yml"));
  const plan = readPlan("examples/web-shop.yml").plan!;
  const told: string[] = [];
  const environment = { PATH: process.env.PATH, HOME: root };
  const stacks = await packageAll(plan, (line) => told.push(line), { root, environment });
  const templates = new Map(
    stacks.map(({ role, region }): [string, Template] => {
      const path = join(root, ".package", `${role}-${region}`, "cloudformation-template-update-stack.json");
      return [`${role}-${region}`, JSON.parse(readFileSync(path, "utf8"))];
    }),
  );
  return { root, plan, stacks, templates, told };
};

let packaged: ReturnType<typeof packageIt> | null = null;
/** The example as `npm run package` makes it, with an environment that has no credentials; once for each worker. */
export const packagedExample = () => {
  packaged ??= packageIt();
  return packaged;
};
