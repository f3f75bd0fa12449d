import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Statement } from "../../infra/iam/policy.ts";
import { type Scope, scopeOf, widest } from "../../infra/iam/scope.ts";
import { stacksOf } from "../../infra/stacks.ts";
import { everyWitness } from "../infra/pairs.ts";
import { pairs } from "../simulation/pairs.ts";
import { resolved } from "../support/rights.ts";

type Finding = {
  issue: string;
  detail: string | ({ action: string; required_format: string } | string)[];
  location: { actions?: string[]; filepath: string };
};

/** Findings that stay, and why. None of them is a role that may touch a server, a point or a zone of no plan. */
const allowed: { issue: string; role: RegExp; what: RegExp; because: string }[] = [
  {
    issue: "PRIVILEGE_ESCALATION",
    role: /^LaunchRole$/,
    what: /^ec2:runinstances,iam:passrole$/,
    because: "a recovery is just that; the roles are those that the deployment names, the images are Lifeboat's own",
  },
  {
    issue: "PERMISSIONS_MANAGEMENT_ACTIONS",
    role: /^LaunchRole$/,
    what: /^iam:passrole,kms:creategrant$/,
    because: "the named roles to EC2 alone; EC2 keeps using the key of an encrypted volume, through EC2 alone",
  },
  {
    issue: "PERMISSIONS_MANAGEMENT_ACTIONS",
    role: /^DetectRole$/,
    what: /^iam:passrole$/,
    because: "the one role with which EventBridge Scheduler invokes detect, by its name",
  },
  {
    issue: "PERMISSIONS_MANAGEMENT_ACTIONS",
    role: /^(Copy|Unfence)Role$/,
    what: /^kms:creategrant$/,
    because: "EC2 keeps using the key of an encrypted volume: for AWS's resources alone, and through EC2 alone",
  },
  {
    issue: "PERMISSIONS_MANAGEMENT_ACTIONS",
    role: /MachineRole$/,
    what: /^logs:putresourcepolicy$/,
    because: "Step Functions delivers its log with it, and knows no resource for it [SFN: cw-logs]",
  },
  {
    issue: "RESOURCE_STAR",
    role: /^DetectRole$/,
    what: /^cloudwatch:DescribeAlarms$/,
    because: "CloudWatch tells of composite alarms only who may read all of them [SDK CloudWatch: DescribeAlarms]",
  },
];

const folder = mkdtempSync(join(tmpdir(), "lifeboat-parliament-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every policy of a folder, as parliament reads it, its community auditors included. */
const audit = (directory: string) =>
  new Promise<Finding[]>((resolve, reject) => {
    const program = process.env.LIFEBOAT_PARLIAMENT;
    if (!program) return reject(new Error("environment variable LIFEBOAT_PARLIAMENT: start this by npm run test:moto"));
    const options = ["--directory", directory, "--json", "--include-community-auditors"];
    execFile(program, options, { timeout: 120_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // it ends with 1 when it found anything
      if (error && error.code !== 1) return reject(new Error(`parliament: ${stderr || error.message}`));
      resolve(
        stdout
          .split("\n")
          .filter((line) => line.trim())
          .map((line) => JSON.parse(line)),
      );
    });
  });

type Policy = { Version: string; Statement: { Action: string[]; Resource: string[] }[] };
const plain = (policy: unknown, region: string): Policy =>
  JSON.parse(JSON.stringify(resolved(policy as Statement[], region)), (_, value) => value?.["Fn::Sub"] ?? value);

/** Writes the policies of all roles of a plan; gives them by file. */
const write = (directory: string, plan: Plan, scope: Scope) => {
  mkdirSync(directory);
  const policies = new Map<string, Policy>();
  for (const { role, region, resources } of stacksOf(plan, { approvalPage: true }, () => scope))
    for (const [id, { Type, Properties }] of Object.entries(resources.Resources)) {
      if (Type !== "AWS::IAM::Role") continue;
      const [{ PolicyDocument }] = Properties.Policies as [{ PolicyDocument: unknown }];
      const file = join(directory, `${role}-${region}-${id}.json`);
      policies.set(file, plain(PolicyDocument, region));
      writeFileSync(file, JSON.stringify(policies.get(file)));
    }
  return policies;
};

/** In an order of their own: parliament tells them in any. */
const actionsOf = ({ location, detail }: Finding) =>
  (location.actions ?? [detail].flat().map((one) => (typeof one === "string" ? one : one.action))).toSorted().join();
const roleOf = ({ location }: Finding) => basename(location.filepath, ".json").split("-").at(-1)!;

/**
 * An action needs several kinds of resource, and each kind here has a statement with a condition of its own: what one
 * statement lacks has to stand in another one of the same role. Executions of express machines there are none.
 */
const isElsewhere = (finding: Finding, policies: Map<string, Policy>) =>
  finding.issue === "RESOURCE_MISMATCH" &&
  [finding.detail].flat().every((one) => {
    if (typeof one === "string") return false;
    const { action, required_format: format } = one;
    if (action === "states:DescribeExecution") return format.includes(":express:");
    const kind = /:([\w-]+)\/[^:]*$/.exec(format)![1]!;
    const statements = policies.get(finding.location.filepath)!.Statement;
    return statements.some(
      ({ Action, Resource }) => Action.includes(action) && Resource.some((arn) => arn.includes(`:${kind}/`)),
    );
  });
const isAllowed = (finding: Finding) =>
  allowed.some(
    ({ issue, role, what }) => issue === finding.issue && role.test(roleOf(finding)) && what.test(actionsOf(finding)),
  );

it("parliament finds nothing in any role but what is listed with its reason", async () => {
  const plan = everyWitness(pairs[0]!);
  const own = scopeOf(plan, ["web"]);
  const found: Finding[] = [];
  for (const [name, scope] of Object.entries({ widest, own })) {
    const directory = join(folder, name);
    const policies = write(directory, plan, scope);
    expect(policies.size).toBeGreaterThan(60);
    const findings = await audit(directory);
    found.push(...findings.filter((finding) => !isElsewhere(finding, policies)));
  }
  const told = (finding: Finding) => `${finding.issue} ${roleOf(finding)}: ${actionsOf(finding)}`;
  expect([...new Set(found.filter((finding) => !isAllowed(finding)).map(told))]).toEqual([]);
  const unused = allowed.filter(
    (one) => !found.some((finding) => one.issue === finding.issue && one.role.test(roleOf(finding))),
  );
  expect(unused).toEqual([]);
});

it("parliament finds a pattern of actions, every role to hand on, and a condition key that is none", async () => {
  const directory = join(folder, "bad");
  mkdirSync(directory);
  const bad = [
    { Effect: "Allow", Action: ["s3:Put*Policy"], Resource: ["*"] },
    { Effect: "Allow", Action: ["iam:PassRole", "ec2:RunInstances", "ec2:StopInstances"], Resource: ["*"] },
    {
      Effect: "Allow",
      Action: ["ec2:StartInstances"],
      Resource: ["arn:aws:ec2:*:*:instance/*"],
      Condition: { StringEquals: { "ec2:NoSuchKey": "a" } },
    },
  ];
  writeFileSync(join(directory, "bad.json"), JSON.stringify({ Version: "2012-10-17", Statement: bad }));
  const issues = (await audit(directory)).map(({ issue }) => issue);
  expect(issues).toEqual(
    expect.arrayContaining([
      "PRIVILEGE_ESCALATION",
      "PERMISSIONS_MANAGEMENT_ACTIONS",
      "RESOURCE_STAR",
      "UNKNOWN_CONDITION_FOR_ACTION",
    ]),
  );
});
