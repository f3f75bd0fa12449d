import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeElasticIps } from "../../functions/aws/ec2/addresses.ts";
import { describeInstances, describeInstancesById, userDataOf } from "../../functions/aws/ec2/instances.ts";
import { tagsOf } from "../../functions/aws/ec2/tags.ts";
import { volumesOf } from "../../functions/aws/ec2/volumes.ts";
import { targetHealth } from "../../functions/aws/elastic-load-balancing.ts";
import { describeKey } from "../../functions/aws/kms.ts";
import { imageName, tagKeys } from "../../functions/core/names.ts";
import { type Flow, startFlow } from "./flow.ts";
import { dataDevice, host, instanceType, keyAlias, primary, primaryAddress, recovery, servers } from "./shop.ts";
import { takeoverValues } from "./shop-net.ts";

/**
 * The project's state machines in moto's Step Functions, its handlers behind the router, its calls in moto's EC2 and the
 * rest, all over HTTP. Every claim is read back: moto reports SUCCEEDED also for what it never ran.
 */
let flow: Flow;
let passed: Awaited<ReturnType<Flow["run"]>>;
let rotated: Awaited<ReturnType<Flow["run"]>>;
let moved: Awaited<ReturnType<Flow["run"]>>;

beforeAll(async () => {
  flow = await startFlow();
  passed = await flow.run("replicate", "pass-1", { application: "shop" });
  rotated = await flow.run("rotate", "rotate-1", { application: "shop" });
  moved = await flow.run("failover", "run-1", { application: "shop", reason: "contract" });
}, 330_000);
afterAll(() => flow?.close());

describe("a replication pass", () => {
  it("succeeds, state by state", () => {
    expect(passed).toMatchObject({ status: "SUCCEEDED" });
    const once = passed.calls.filter((state, at) => passed.calls.indexOf(state) === at);
    const copying = ["Copy", "Pause", "Catalog"];
    expect(once).toEqual(["LoadPlan", "AcquireLease", "Snapshot", ...copying, "Report", "Release"]);
  });

  it("leaves one complete recovery point of each resource", async () => {
    const [app, web] = [await flow.pointOf("app"), await flow.pointOf("web")];
    const complete = { state: "complete", source: primary, target: recovery, because: null };
    expect(app).toMatchObject({ ...complete, servers: flow.servers.slice(0, 1) });
    expect(web).toMatchObject({ ...complete, servers: flow.servers.slice(1).sort() });
    expect(Date.parse(app.pointAt!)).toBeLessThanOrEqual(Date.parse(app.completedAt!));
  });

  it("leaves a copy of every volume in the recovery Region, with what it is a copy of in its tags", async () => {
    const [found, volumes] = [await flow.copies(), await volumesOf(flow.clients, primary, flow.servers)];
    const points: Record<string, string> = { app: (await flow.pointOf("app")).id, web: (await flow.pointOf("web")).id };
    expect(found).toHaveLength(6);
    for (const { VolumeId, Attachments, Size } of volumes) {
      const { InstanceId: server = "", Device } = Attachments![0]!;
      const resource = servers[flow.servers.indexOf(server)]!.tier;
      const copy = found.find(({ tags }) => tags[tagKeys.volume] === VolumeId)!;
      expect(copy).toMatchObject({ VolumeSize: Size, State: "completed" });
      expect(copy.tags).toEqual({
        [tagKeys.application]: "shop",
        [tagKeys.resource]: resource,
        [tagKeys.point]: points[resource],
        [tagKeys.server]: server,
        [tagKeys.volume]: VolumeId,
        [tagKeys.device]: Device,
        [tagKeys.sourceRegion]: primary,
        [tagKeys.sourceSnapshot]: expect.stringMatching(/^snap-/),
        [tagKeys.sourceStartTime]: expect.any(String),
      });
    }
  });

  it("puts the copies of a resource with a key under that key, and leaves the others as they were", async () => {
    const found = await flow.copies();
    const { arn } = await describeKey(flow.clients, recovery, keyAlias);
    for (const { tags, Encrypted, KmsKeyId } of found) {
      if (tags[tagKeys.resource] === "app") expect([Encrypted, KmsKeyId]).toEqual([true, arn]);
      else expect(Encrypted).toBe(tags[tagKeys.device] === dataDevice);
    }
  });

  it("registers an image of every server and notes it in the manifest", async () => {
    const images = await flow.images();
    const points = [await flow.pointOf("app"), await flow.pointOf("web")];
    const wanted = points.flatMap(({ id, servers }) => servers.map((server) => imageName("shop", id, server)));
    expect(images.map(({ Name }) => Name).sort()).toEqual(wanted.sort());
    for (const { id } of points)
      for (const { image, server } of await flow.store.manifests("shop", id))
        expect(images.find(({ ImageId }) => ImageId === image)?.Name).toBe(imageName("shop", id, server));
  });
});

describe("a rotation", () => {
  it("succeeds, state by state, and says that everything is kept: there is one point", async () => {
    expect(rotated).toMatchObject({ status: "SUCCEEDED" });
    expect(rotated.calls).toEqual(["LoadPlan", "AcquireLease", "Rotate", "Report", "Release"]);
    expect(await flow.copies()).toHaveLength(6);
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
    expect(steps).toEqual(["Launch", "JudgeWave", "Launch", "JudgeWave", "Fence"]);
  });

  it("launches every server once: at its address, with its type, its tags and the plan's", async () => {
    const instances = await flow.launched("run-1");
    const all = await describeInstances(flow.clients, recovery, []);
    expect(all).toHaveLength(3);
    expect(instances).toHaveLength(3);
    for (const [at, { name, tier, address }] of servers.entries()) {
      const instance = instances[at]!;
      expect(instance).toMatchObject({
        State: { Name: "running" },
        InstanceType: instanceType,
        PrivateIpAddress: address,
        SubnetId: flow.names.subnets[address.startsWith("10.0.1.") ? 1 : 0],
        SecurityGroups: [{ GroupId: flow.names.securityGroup }],
        MetadataOptions: { HttpTokens: "required" },
      });
      expect(tagsOf(instance.Tags)).toEqual({
        Name: name,
        App: "shop",
        Tier: tier,
        Environment: "production",
        Side: "recovery",
        [tagKeys.application]: "shop",
        [tagKeys.resource]: tier,
        [tagKeys.server]: flow.servers[at],
        [tagKeys.run]: "run-1",
        [tagKeys.point]: (await flow.pointOf(tier)).id,
      });
    }
  });

  it("gives each server the copies of its own volumes, of one point, and its user data", async () => {
    const [instances, found] = [await flow.launched("run-1"), await flow.copies()];
    for (const [at, { userData, tier }] of servers.entries()) {
      const id = instances[at]!.InstanceId!;
      const volumes = await volumesOf(flow.clients, recovery, [id]);
      const devices = volumes.map(({ SnapshotId, Attachments }) => {
        const { tags } = found.find((copy) => copy.SnapshotId === SnapshotId)!;
        const isItsOwn = tags[tagKeys.device] === Attachments![0]!.Device && tags[tagKeys.server] === flow.servers[at];
        return [isItsOwn, tags[tagKeys.point]];
      });
      const { id: point } = await flow.pointOf(tier);
      expect(devices).toEqual([
        [true, point],
        [true, point],
      ]);
      expect(await userDataOf(flow.clients, recovery, id)).toBe(userData);
    }
  });

  it("puts the web tier behind its Elastic IPs and its target group", async () => {
    const [, ...web] = await flow.launched("run-1");
    const ids = flow.names.elasticIps.map(({ id }) => id);
    const found = await describeElasticIps(flow.clients, recovery, ids);
    const holders = ids.map((id) => found.find((one) => one.id === id)?.instance);
    expect(holders).toEqual(web.map(({ InstanceId }) => InstanceId));
    for (const { InstanceId } of web)
      expect((await targetHealth(flow.clients, recovery, flow.names.targetGroup)).get(InstanceId!)).toMatchObject({
        state: "healthy",
      });
  });

  it("stops the servers of the source", async () => {
    const found = await describeInstancesById(flow.clients, primary, flow.servers);
    expect(found.map(({ State }) => State?.Name)).toEqual(["stopped", "stopped", "stopped"]);
  });

  it("moves the row and the switch, and gives its lease back", async () => {
    expect(await flow.store.row("shop")).toMatchObject({
      active: recovery,
      phase: "failedOver",
      switch: 1,
      generation: 1,
      run: null,
      protect: null,
      lastRun: { name: "run-1", outcome: "succeeded" },
    });
    expect(await takeoverValues(flow.clients, "shop")).toEqual([1]);
  });

  it("reports to S3 and to the topic what it did", async () => {
    const report = JSON.parse(await flow.object("reports/shop/run-1.json"));
    const instances = (await flow.launched("run-1")).map(({ InstanceId }) => InstanceId);
    expect(report).toMatchObject({
      application: "shop",
      machine: "failover",
      run: "run-1",
      outcome: "succeeded",
      error: null,
      source: primary,
      target: recovery,
      active: recovery,
      request: { by: "person", reason: "contract" },
      warnings: [
        ...["app-1", "web-1", "web-2"].map((name) => expect.stringMatching(`^${name}: m6i.large \\(needs ENA`)),
        expect.stringMatching(/^quota of Lambda functions at once .* could not be checked$/),
        expect.stringMatching(/^vCPU quota .* could not be checked$/),
      ],
    });
    expect(report.servers.map((one: { instance: string }) => one.instance).sort()).toEqual(instances.sort());
    expect(report.dns).toEqual([
      {
        name: host,
        type: "A",
        before: [primaryAddress],
        after: flow.names.elasticIps.map(({ address }) => address).sort(),
      },
    ]);
    expect(report.lossSeconds).toBeLessThan(600);
    expect(await flow.object("reports/shop/run-1.md")).toContain("run-1");
    const told = (await flow.store.ledger("shop", "run-1")).find(({ state }) => state === "Notify");
    expect(told?.detail).toEqual({ topics: [flow.names.topic] });
  });

  it("is refused afterwards, and so is a replication pass: nothing changes", async () => {
    const before = await flow.store.row("shop");
    for (const [machine, name] of [
      ["failover", "run-2"],
      ["replicate", "pass-2"],
    ] as const) {
      const ended = await flow.run(machine, name, { application: "shop" });
      expect(ended).toMatchObject({
        status: "FAILED",
        error: "RefusedError",
        calls: ["LoadPlan", "Report", "Release"],
      });
      expect(JSON.parse(ended.cause!).errorMessage).toMatch(/served from eu-central-1/);
    }
    expect(await flow.store.row("shop")).toEqual(before);
    expect(await describeInstances(flow.clients, recovery, [])).toHaveLength(3);
  });

  it("is closed by nothing: the sweep finds no dead run", async () => {
    const swept = await flow.run("close", "sweep-1", { application: "shop" });
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
    const ended = await flow.run("failover", name, input);
    expect(ended).toMatchObject({ status: "FAILED", error: "PlanInvalidError" });
    expect(JSON.parse(ended.cause!).errorMessage).toMatch(sentence);
    expect(ended.calls).toEqual(["LoadPlan", "Report", "Release"]);
    const rows = await Promise.all(["shop", "shpo", "other"].map((application) => flow.store.row(application)));
    expect(rows.map((row) => row?.run ?? null)).toEqual([null, null, null]);
  });
});
