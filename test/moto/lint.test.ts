import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { osls, packageFolder } from "../../infra/osls.ts";
import { packageAll, writeFragment } from "../../infra/package-all.ts";
import { type Stack, stacksOf } from "../../infra/stacks.ts";
import { readPlan } from "../../terminal/plan-file.ts";
import { everyWitness } from "../infra/pairs.ts";
import { pairs } from "../simulation/pairs.ts";

type Finding = {
  Filename: string;
  Level: string;
  Message: string;
  Rule: { Id: string };
  Location: { Path: (string | number)[] };
};

/** Findings that stay, and why. */
const allowed: { rule: string; path: RegExp; because: string }[] = [
  {
    rule: "W3005",
    path: /^Resources\.\w+LambdaFunction\.DependsOn\.1$/,
    because: "osls writes the role of a function into its DependsOn, though GetAtt says it already",
  },
];

const root = mkdtempSync(join(tmpdir(), "lifeboat-lint-"));
const files: string[] = [];
const regions = new Set<string>();

/** The Python cfn-lint: CloudFormation's schemas with enums, patterns and ranges, which ours leave out. */
const lint = (paths: string[]) =>
  new Promise<Finding[]>((resolve, reject) => {
    const program = process.env.LIFEBOAT_CFN_LINT;
    if (!program) return reject(new Error("environment variable LIFEBOAT_CFN_LINT: start this by npm run test:moto"));
    const options = ["--format", "json", "--regions", ...regions, "--", ...paths];
    execFile(program, options, { timeout: 300_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // its exit code tells the worst level: what it printed decides
      if (stdout.trim().startsWith("[")) resolve(JSON.parse(stdout));
      else reject(new Error(`cfn-lint: ${stderr || error?.message || stdout}`));
    });
  });

const isAllowed = ({ Rule, Location }: Finding) =>
  allowed.some(({ rule, path }) => rule === Rule.Id && path.test(Location.Path.join(".")));

const environment = { PATH: process.env.PATH, HOME: root };

const added = (folder: string, stack: Stack) => {
  regions.add(stack.region);
  for (const kind of ["create", "update"])
    files.push(join(folder, packageFolder(stack), `cloudformation-template-${kind}-stack.json`));
};

/** What no earlier template shows already: one controller with the page, all sensors of one pair, the primary one of the others. */
const isNew = (role: Stack["role"], region: string, index: number) => {
  const { primary, recovery } = pairs[index]!;
  if (role === "controller") return index === 0 && region === recovery;
  return role !== "sensor" || region === primary || index === pairs.length - 1;
};

/** As npm run package does, into folders of their own; the bundles are built once, and a controller with the page is made once. */
beforeAll(async () => {
  cpSync("serverless.yml", join(root, "serverless.yml"));
  const { plan } = readPlan("examples/web-shop.yml");
  for (const stack of await packageAll(plan!, () => undefined, { root, environment })) added(root, stack);
  for (const [index, pair] of pairs.entries()) {
    const folder = join(root, `pair-${index}`);
    mkdirSync(folder);
    cpSync("serverless.yml", join(folder, "serverless.yml"));
    symlinkSync(join(root, "dist"), join(folder, "dist"));
    const stacks = stacksOf(everyWitness(pair), { approvalPage: true });
    for (const stack of stacks.filter(({ role, region }) => isNew(role, region, index))) {
      await writeFragment(stack, folder);
      await osls("package", stack, { root: folder, environment });
      added(folder, stack);
    }
  }
}, 600_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

it("cfn-lint finds nothing in any compiled template but what is listed with its reason", async () => {
  const found = await lint(files);
  const told = ({ Rule, Level, Filename, Location, Message }: Finding) =>
    `${Level} ${Rule.Id} ${Filename.replace(root, "")} ${Location.Path.join(".")}: ${Message}`;
  expect(found.filter((finding) => !isAllowed(finding)).map(told)).toEqual([]);
  expect(allowed.filter(({ rule }) => !found.some(({ Rule }) => Rule.Id === rule))).toEqual([]);
  expect(files.length).toBeGreaterThanOrEqual(36);
}, 300_000);

it("cfn-lint finds a wrong type, a missing property and a dangling reference", async () => {
  const bad = join(root, "bad.json");
  const alarm = {
    Type: "AWS::CloudWatch::Alarm",
    Properties: { EvaluationPeriods: "x", AlarmActions: [{ Ref: "None" }] },
  };
  writeFileSync(bad, JSON.stringify({ Resources: { Alarm: alarm } }));
  const rules = (await lint([bad])).map(({ Rule }) => Rule.Id);
  expect(rules.sort()).toEqual(["E1020", "E3012", "E3014"]);
});
