import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { problemsOf, resourcesOf } from "../infra/cloudformation.ts";
import { packagedExample } from "../infra/packaged.ts";
import { accountTable } from "../support/account-table.ts";
import { withParts } from "../support/readme-parts.ts";

const page = "docs/deploy.md";

test("docs/deploy.md counts what appears in an account: UPDATE_README=1 npx vitest run --project stories test/infra/account-table.test.ts writes it", async () => {
  const { stacks, templates } = await packagedExample();
  const text = await readFile(page, "utf8");
  const right = withParts(text, { account: accountTable(stacks, templates) });
  if (process.env.UPDATE_README) await writeFile(page, right);
  else expect(text).toBe(right);
}, 600_000);

test("each stack has a template for any deployer: valid, with no bucket of osls, its code where two parameters say", async () => {
  const { root, stacks, templates } = await packagedExample();
  for (const { role, region, stackName } of stacks) {
    const folder = join(root, ".package", `${role}-${region}`);
    const template = JSON.parse(readFileSync(join(folder, "template.json"), "utf8"));
    // the resource schema knows no parameters
    expect(problemsOf(template).filter((problem) => !/CodeBucket|CodePrefix/.test(problem))).toEqual([]);
    expect(template.Description).toBe(`Lifeboat: ${stackName}`);
    expect(JSON.stringify(template)).not.toMatch(/ServerlessDeploymentBucket|serverless\/lifeboat/);
    const functions = resourcesOf(template, "AWS::Lambda::Function");
    expect(Object.keys(template.Parameters ?? {})).toEqual(functions.length > 0 ? ["CodeBucket", "CodePrefix"] : []);
    for (const [, { Properties }] of functions) {
      const key = Properties.Code.S3Key["Fn::Sub"] as string;
      expect(Properties.Code).toEqual({ S3Bucket: { Ref: "CodeBucket" }, S3Key: { "Fn::Sub": key } });
      expect(existsSync(join(root, "dist", key.replace("${CodePrefix}/", "")))).toBe(true);
    }
    const kept = Object.keys(templates.get(`${role}-${region}`)!.Resources).filter(
      (id) => !id.startsWith("ServerlessDeployment"),
    );
    expect(Object.keys(template.Resources)).toEqual(kept);
  }
}, 600_000);
