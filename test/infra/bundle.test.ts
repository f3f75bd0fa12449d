import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Context } from "aws-lambda";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { actionOfCall } from "../../functions/core/iam-actions.ts";
import { type Bundle, buildAll, functionNames } from "../../infra/bundle.ts";
import { impliedOf } from "../../infra/iam/implied.ts";
import { actionsOf, permissions } from "../../infra/iam/permissions.ts";

const bytesMax = 435_000;

let folder: string;
let bundles: Map<string, Bundle>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-dist-"));
  bundles = await buildAll(folder);
}, 600_000);
afterAll(() => rm(folder, { recursive: true }));

const digest = async (path: string) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

test("every function file has a role, and every role a function file", async () => {
  expect(Object.keys(permissions).sort()).toEqual(await functionNames());
  expect([...bundles.keys()].sort()).toEqual(await functionNames());
});

test("every bundle is at most 435 KB", () => {
  expect([...bundles].filter(([, { bytes }]) => bytes > bytesMax)).toEqual([]);
});

test("the same sources give the same bytes", async () => {
  const again = await mkdtemp(join(tmpdir(), "lifeboat-dist-"));
  await buildAll(again);
  for (const name of bundles.keys())
    expect(await digest(join(again, `${name}.zip`)), name).toBe(await digest(join(folder, `${name}.zip`)));
  await rm(again, { recursive: true });
});

/** Services by the SDK package that a bundle holds. */
const services: Record<string, string> = {
  "client-auto-scaling": "Auto Scaling",
  "client-cloudwatch": "CloudWatch",
  "client-dynamodb": "DynamoDB",
  "client-ec2": "EC2",
  "client-elastic-load-balancing-v2": "Elastic Load Balancing v2",
  "client-kms": "KMS",
  "client-route-53": "Route 53",
  "client-route53-recovery-cluster": "Route53 Recovery Cluster",
  "client-s3": "S3",
  "client-scheduler": "Scheduler",
  "client-service-quotas": "Service Quotas",
  "client-sfn": "SFN",
  "client-sns": "SNS",
  "client-ssm": "SSM",
};
/** In the bundle of S3's client for directory buckets, which Lifeboat has none of. */
const neverCalled = ["s3:CreateSession"];

/** Calls whose commands tree shaking left in a bundle: an upper bound of what the function can do. */
const callsOf = (name: string) =>
  bundles.get(name)!.inputs.flatMap((file) => {
    const [, client, command] = /@aws-sdk\/(client-[\w-]+)\/.*\/commands\/(\w+)Command\.js$/.exec(file) ?? [];
    return client && command ? [actionOfCall({ service: services[client]!, operation: command })] : [];
  });

const names = Object.keys(permissions);
const notStored = (action: string) => !action.startsWith("dynamodb:");

test.each(names)("%s may do what its bundle can call, no more and no less", (name) => {
  const callable = callsOf(name).filter((action) => notStored(action) && !neverCalled.includes(action));
  const implied = impliedOf(name);
  // launch tags what it makes, and what an earlier run made
  const allowed = actionsOf(name).filter(
    (action) => notStored(action) && (!implied[action] || callable.includes(action)),
  );
  expect(allowed).toEqual([...new Set(callable)].sort());
});

test.each(names)(
  "%s holds nothing that a Lambda must not: no simulator, no YAML, no classic zod, no chain of credentials",
  (name) => {
    const foreign = /^(simulator|cli|infra|test)\/|node_modules\/(yaml|zod\/v4\/classic|@aws-sdk\/credential-provider)/;
    expect(bundles.get(name)!.inputs.filter((file) => foreign.test(file))).toEqual([]);
  },
);

/** DynamoDB as `release` meets it when another execution took the lease in between. */
const row = {
  pk: { S: "shop" },
  sk: { S: "row" },
  active: { S: "eu-west-1" },
  phase: { S: "running" },
  run: { M: { id: { S: "arn:run" } } },
};
const plan = { pk: { S: "shop" }, plan: { M: { regions: { M: { recovery: { S: "eu-central-1" } } } } } };
const fakeDynamo = () =>
  createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const refused = request.headers["x-amz-target"] === "DynamoDB_20120810.UpdateItem";
      const type = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
      const answer = refused ? { __type: type, message: "no" } : { Item: body.includes("plan#") ? plan : row };
      response.writeHead(refused ? 400 : 200, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify(answer));
    });
  });

test("a built bundle runs with credentials from the environment, and reads a refused condition as an answer", async () => {
  const server: Server = fakeDynamo();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const environment = {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "s",
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    LIFEBOAT_TABLE: "lifeboat",
    LIFEBOAT_BUCKET: "reports",
    POWERTOOLS_DEV: "false",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const { handler } = (await import(pathToFileURL(join(folder, "release/index.mjs")).href)) as {
    handler(event: unknown, context: Partial<Context>): Promise<unknown>;
  };
  const run = { application: "shop", machine: "failover", id: "arn:run", name: "r", planVersion: "1" };
  const released = await handler({ run }, { getRemainingTimeInMillis: () => 60_000 });
  vi.unstubAllEnvs();
  server.close();
  expect(released).toEqual({ released: true });
});
