import { DescribeImagesCommand, DescribeSnapshotsCommand, EC2Client, type Instance } from "@aws-sdk/client-ec2";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeElasticIps } from "../../functions/aws/addresses.ts";
import { createClients } from "../../functions/aws/clients.ts";
import { targetHealth } from "../../functions/aws/elastic-load-balancing.ts";
import { describeInstances, describeInstancesById, userDataOf } from "../../functions/aws/instances.ts";
import { describeKey } from "../../functions/aws/kms.ts";
import { createStore } from "../../functions/aws/store.ts";
import { createTable } from "../../functions/aws/table.ts";
import { tagsOf } from "../../functions/aws/tags.ts";
import { volumesOf } from "../../functions/aws/volumes.ts";
import { imageName, tagKeys } from "../../functions/core/names.ts";
import { pascalCase } from "../../infra/names.ts";
import { anOutside } from "../support/context.ts";
import { furnish } from "./furnish.ts";
import { createMachines, functionsIn, run } from "./machines.ts";
import { clientDefaults, motoPort, reset, routerPort, runStateMachines } from "./moto.ts";
import { startRouter } from "./router.ts";
import {
  bucketName,
  dataDevice,
  host,
  instanceType,
  keyAlias,
  type Names,
  primary,
  primaryAddress,
  recovery,
  servers,
  shopPlan,
  tableName,
} from "./shop.ts";
import { shopNet, takeoverValues } from "./shop-net.ts";

/**
 * The project's state machines in moto's Step Functions, its handlers behind the router, its calls in moto's EC2 and the
 * rest, all over HTTP. Every claim is read back: moto reports SUCCEEDED also for what it never ran.
 */
const clients = createClients([], clientDefaults(routerPort()));
const store = createStore(createTable(clients, recovery, tableName));
let names: Names;
let sources: string[];
let router: Awaited<ReturnType<typeof startRouter>>;
let passed: Ended;
let moved: Ended;

type Ended = Awaited<ReturnType<typeof run>> & { calls: string[] };

/** Runs a machine; `calls` are the functions that were invoked for it, by the names of their states, in order. */
const observe = async (machine: string, name: string, input: Record<string, unknown>): Promise<Ended> => {
  const before = router.seen.length;
  const ended = await run(clients, machine, name, input);
  const calls = router.seen.slice(before).map(({ name }) => pascalCase(name.replace("lifeboat-", "")));
  return { ...ended, calls };
};

beforeAll(async () => {
  await reset();
  await runStateMachines();
  ({ names, servers: sources } = await furnish(createClients([], clientDefaults(motoPort()))));
  const outside = anOutside({
    settings: { region: recovery, table: tableName, bucket: bucketName, failoverMachine: "" },
    clientDefaults: clientDefaults(routerPort()),
    net: shopNet(clients, names),
    now: () => new Date(),
  });
  router = await startRouter(routerPort(), motoPort(), functionsIn(outside));
  await createMachines(clients);
  await store.savePlan(shopPlan(names));
  passed = await observe("replicate", "pass-1", { application: "shop" });
  moved = await observe("failover", "run-1", { application: "shop", reason: "contract" });
}, 200_000);
afterAll(() => router?.close());

const copies = async () => {
  const owned = { Name: `tag:${tagKeys.application}`, Values: ["shop"] };
  const { Snapshots } = await clients(EC2Client, recovery).send(new DescribeSnapshotsCommand({ Filters: [owned] }));
  return (Snapshots ?? []).map((snapshot) => ({ ...snapshot, tags: tagsOf(snapshot.Tags) }));
};

/** Launched instances, in the order of the servers that they stand for. */
const launched = async (): Promise<Instance[]> => {
  const found = await describeInstances(clients, recovery, [{ Name: `tag:${tagKeys.run}`, Values: ["run-1"] }]);
  const place = ({ Tags }: Instance) => sources.indexOf(tagsOf(Tags)[tagKeys.server] ?? "");
  return found.sort((a, b) => place(a) - place(b));
};
const pointOf = async (resource: string) => (await store.points("shop", resource))[0]!;

describe("a replication pass", () => {
  it("succeeds, state by state", () => {
    expect(passed).toMatchObject({ status: "SUCCEEDED" });
    expect(passed.calls).toEqual([
      ...["LoadPlan", "AcquireLease", "Snapshot", "Copy", "CheckProgress", "Catalog", "Report", "Release"],
    ]);
  });

  it("leaves one complete recovery point of each resource", async () => {
    const [app, web] = [await pointOf("app"), await pointOf("web")];
    const complete = { state: "complete", source: primary, target: recovery, because: null };
    expect(app).toMatchObject({ ...complete, servers: sources.slice(0, 1) });
    expect(web).toMatchObject({ ...complete, servers: sources.slice(1).sort() });
    expect(Date.parse(app.pointAt!)).toBeLessThanOrEqual(Date.parse(app.completedAt!));
  });

  it("leaves a copy of every volume in the recovery Region, with what it is a copy of in its tags", async () => {
    const [found, volumes] = [await copies(), await volumesOf(clients, primary, sources)];
    const points: Record<string, string> = { app: (await pointOf("app")).id, web: (await pointOf("web")).id };
    expect(found).toHaveLength(6);
    for (const { VolumeId, Attachments, Size } of volumes) {
      const { InstanceId: server = "", Device } = Attachments![0]!;
      const resource = servers[sources.indexOf(server)]!.tier;
      const copy = found.find(({ tags }) => tags[tagKeys.volume] === VolumeId)!;
      expect(copy).toMatchObject({ VolumeSize: Size, State: "completed" });
      expect(copy.tags).toEqual({
        ...{ [tagKeys.application]: "shop", [tagKeys.resource]: resource, [tagKeys.point]: points[resource] },
        ...{ [tagKeys.server]: server, [tagKeys.volume]: VolumeId, [tagKeys.device]: Device },
        ...{ [tagKeys.sourceRegion]: primary, [tagKeys.sourceSnapshot]: expect.stringMatching(/^snap-/) },
        [tagKeys.sourceStartTime]: expect.any(String),
      });
    }
  });

  it("puts the copies of a resource with a key under that key, and leaves the others as they were", async () => {
    const found = await copies();
    const { arn } = await describeKey(clients, recovery, keyAlias);
    for (const { tags, Encrypted, KmsKeyId } of found) {
      if (tags[tagKeys.resource] === "app") expect([Encrypted, KmsKeyId]).toEqual([true, arn]);
      else expect(Encrypted).toBe(tags[tagKeys.device] === dataDevice);
    }
  });

  it("registers an image of every server and notes it in the manifest", async () => {
    const { Images } = await clients(EC2Client, recovery).send(new DescribeImagesCommand({ Owners: ["self"] }));
    const points = [await pointOf("app"), await pointOf("web")];
    const wanted = points.flatMap(({ id, servers }) => servers.map((server) => imageName("shop", id, server)));
    expect(Images!.map(({ Name }) => Name).sort()).toEqual(wanted.sort());
    for (const { id } of points)
      for (const { image, server } of await store.manifests("shop", id))
        expect(Images!.find(({ ImageId }) => ImageId === image)?.Name).toBe(imageName("shop", id, server));
  });
});

describe("a failover", () => {
  it("succeeds, state by state: the web tier after the app tier, the fence after both", () => {
    expect(moved).toMatchObject({ status: "SUCCEEDED" });
    const once = moved.calls.filter((state, at) => moved.calls.indexOf(state) === at);
    const server = ["Launch", "CheckProgress", "Attach", "Verify"];
    const end = ["JudgeWave", "Fence", "Reroute", "VerifyTraffic", "Report", "Release"];
    expect(once).toEqual(["LoadPlan", "AcquireLease", "Preflight", "LossGate", ...server, ...end]);
    const steps = moved.calls.filter((state) => ["Launch", "JudgeWave", "Fence"].includes(state));
    expect(steps).toEqual(["Launch", "JudgeWave", "Launch", "Launch", "JudgeWave", "Fence"]);
  });

  it("launches every server once: at its address, with its type, its tags and the plan's", async () => {
    const instances = await launched();
    const all = await describeInstances(clients, recovery, []);
    expect(all).toHaveLength(3);
    expect(instances).toHaveLength(3);
    for (const [at, { name, tier, address }] of servers.entries()) {
      const instance = instances[at]!;
      expect(instance).toMatchObject({
        ...{ State: { Name: "running" }, InstanceType: instanceType, PrivateIpAddress: address },
        ...{ SubnetId: names.subnets[address.startsWith("10.0.1.") ? 1 : 0] },
        ...{ SecurityGroups: [{ GroupId: names.securityGroup }], MetadataOptions: { HttpTokens: "required" } },
      });
      expect(tagsOf(instance.Tags)).toEqual({
        ...{ Name: name, App: "shop", Tier: tier, Environment: "production", Side: "recovery" },
        ...{ [tagKeys.application]: "shop", [tagKeys.resource]: tier },
        ...{ [tagKeys.server]: sources[at], [tagKeys.run]: "run-1" },
      });
    }
  });

  it("gives each server the copies of its own volumes, of one point, and its user data", async () => {
    const [instances, found] = [await launched(), await copies()];
    for (const [at, { userData, tier }] of servers.entries()) {
      const id = instances[at]!.InstanceId!;
      const volumes = await volumesOf(clients, recovery, [id]);
      const devices = volumes.map(({ SnapshotId, Attachments }) => {
        const { tags } = found.find((copy) => copy.SnapshotId === SnapshotId)!;
        const isItsOwn = tags[tagKeys.device] === Attachments![0]!.Device && tags[tagKeys.server] === sources[at];
        return [isItsOwn, tags[tagKeys.point]];
      });
      const { id: point } = await pointOf(tier);
      expect(devices).toEqual([
        [true, point],
        [true, point],
      ]);
      expect(await userDataOf(clients, recovery, id)).toBe(userData);
    }
  });

  it("puts the web tier behind its Elastic IPs and its target group", async () => {
    const [, ...web] = await launched();
    const ids = names.elasticIps.map(({ id }) => id);
    const found = await describeElasticIps(clients, recovery, ids);
    const holders = ids.map((id) => found.find((one) => one.id === id)?.instance);
    expect(holders).toEqual(web.map(({ InstanceId }) => InstanceId));
    for (const { InstanceId } of web)
      expect(await targetHealth(clients, recovery, names.targetGroup, InstanceId!)).toMatchObject({ state: "healthy" });
  });

  it("stops the servers of the source", async () => {
    const found = await describeInstancesById(clients, primary, sources);
    expect(found.map(({ State }) => State?.Name)).toEqual(["stopped", "stopped", "stopped"]);
  });

  it("moves the row and the switch, and gives its lease back", async () => {
    expect(await store.row("shop")).toMatchObject({
      ...{ active: recovery, phase: "failedOver", switch: 1, generation: 1, run: null, protect: null },
      lastRun: { name: "run-1", outcome: "succeeded" },
    });
    expect(await takeoverValues(clients, "shop")).toEqual([1]);
  });

  it("reports to S3 and to the topic what it did", async () => {
    const read = async (Key: string) => {
      const { Body } = await clients(S3Client, recovery).send(new GetObjectCommand({ Bucket: bucketName, Key }));
      return Body!.transformToString();
    };
    const report = JSON.parse(await read("reports/shop/run-1.json"));
    const instances = (await launched()).map(({ InstanceId }) => InstanceId);
    expect(report).toMatchObject({
      ...{ application: "shop", machine: "failover", run: "run-1", outcome: "succeeded", error: null },
      ...{ source: primary, target: recovery, active: recovery, request: { by: "person", reason: "contract" } },
      warnings: [expect.stringMatching(/^vCPU quota .* could not be checked$/)],
    });
    expect(report.servers.map((one: { instance: string }) => one.instance)).toEqual(instances);
    expect(report.dns).toEqual([
      {
        ...{ name: host, type: "A", before: [primaryAddress] },
        after: names.elasticIps.map(({ address }) => address).sort(),
      },
    ]);
    expect(report.lossSeconds).toBeLessThan(120);
    expect(await read("reports/shop/run-1.md")).toContain("run-1");
    const told = (await store.ledger("shop", "run-1")).find(({ state }) => state === "Notify");
    expect(told?.detail).toEqual({ topics: [names.topic] });
  });

  it("is refused afterwards, and so is a replication pass: nothing changes", async () => {
    const before = await store.row("shop");
    for (const [machine, name] of [
      ["failover", "run-2"],
      ["replicate", "pass-2"],
    ] as const) {
      const ended = await observe(machine, name, { application: "shop" });
      expect(ended).toMatchObject({
        status: "FAILED",
        error: "RefusedError",
        calls: ["LoadPlan", "Report", "Release"],
      });
      expect(JSON.parse(ended.cause!).errorMessage).toMatch(/served from eu-central-1/);
    }
    expect(await store.row("shop")).toEqual(before);
    expect(await describeInstances(clients, recovery, [])).toHaveLength(3);
  });

  it("is closed by nothing: the sweep finds no dead run", async () => {
    const swept = await observe("close", "sweep-1", { application: "shop" });
    expect(swept).toMatchObject({ status: "SUCCEEDED", calls: ["LoadPlan", "InspectRun"] });
  });
});

describe("a wrong input", () => {
  it.each([
    ["an unknown application", { application: "shpo" }, /"shpo" is unknown in eu-central-1; known are: shop/],
    ["an unknown key", { application: "other", now: true }, /now/],
    ["no application", {}, /application/],
  ])("%s ends at LoadPlan, in red, with a sentence and without a lease", async (what, input, sentence) => {
    const name = what.replaceAll(" ", "-");
    const ended = await observe("failover", name, input);
    expect(ended).toMatchObject({ status: "FAILED", error: "PlanInvalidError" });
    expect(JSON.parse(ended.cause!).errorMessage).toMatch(sentence);
    expect(ended.calls).toEqual(["LoadPlan", "Report", "Release"]);
    const rows = await Promise.all(["shop", "shpo", "other"].map((application) => store.row(application)));
    expect(rows.map((row) => row?.run ?? null)).toEqual([null, null, null]);
  });
});
