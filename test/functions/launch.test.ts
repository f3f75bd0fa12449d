import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { launch } from "../../functions/launch.ts";
import { aServerItem } from "../support/builders.ts";
import {
  anInstance,
  aScene,
  ec2,
  fault,
  input,
  launched,
  reset,
  showing,
  since,
  tagsOfRun,
  tokenOf,
  tokensAsked,
} from "../support/launch-scene.ts";
import { serversIn, toldIn } from "../support/wave-scene.ts";

const sfn = mockClient(SFNClient);
beforeEach(() => {
  reset();
  sfn.reset();
  sfn.on(DescribeExecutionCommand).resolves({ status: "FAILED", stopDate: new Date("2026-03-02T11:00:00.000Z") });
});

describe("launch", () => {
  it("launch looks by tag, then starts the first slot with every tag in the call", async () => {
    const context = await aScene();

    const { pass, ...server } = await launched(context);

    expect(server).toMatchObject({
      state: "launched",
      instance: "i-new",
      slot: "m5.large/subnet-a",
      launchSince: since,
      passingSince: null,
    });
    // an instance runs some seconds after EC2 took the request, never at once
    expect(pass).toMatchObject({ next: "CheckProgress", waitSeconds: 8, launchAt: null, passes: 1 });
    expect(ec2).toHaveReceivedCommandWith(DescribeInstancesCommand, {
      Filters: [
        { Name: "tag:lifeboat:application", Values: ["shop"] },
        { Name: "tag-key", Values: ["lifeboat:server"] },
      ],
    });
    expect(ec2).toHaveReceivedCommandTimes(RunInstancesCommand, 1);
    const Tags = [
      { Key: "Name", Value: "web-1" },
      { Key: "App", Value: "shop" },
      { Key: "lifeboat:application", Value: "shop" },
      { Key: "lifeboat:resource", Value: "web" },
      { Key: "lifeboat:server", Value: "i-0a" },
      { Key: "lifeboat:point", Value: "web.20260302T113000Z" },
      { Key: "lifeboat:run", Value: "run-1" },
    ];
    expect(ec2).toHaveReceivedCommandWith(RunInstancesCommand, {
      ClientToken: tokenOf("m5.large/subnet-a"),
      ImageId: "ami-0a",
      SubnetId: "subnet-a",
      PrivateIpAddress: "10.0.0.10",
      TagSpecifications: ["instance", "volume", "network-interface"].map((ResourceType) => ({
        ResourceType: ResourceType as "instance",
        Tags,
      })),
    });
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([
      { state: "Launch", subject: "i-0a", outcome: "Launched", detail: { instance: "i-new", subnet: "subnet-a" } },
    ]);
  });

  it("launch, run again, finds the server that it launched, and reports when it runs", async () => {
    ec2.on(DescribeInstancesCommand).resolves(showing(anInstance({ State: { Name: "running" } })));
    expect(await launched(await aScene())).toMatchObject({ state: "running", instance: "i-new" });
    expect(ec2).not.toHaveReceivedCommand(RunInstancesCommand);
  });

  it("launch takes the older one of two live instances", async () => {
    const later = anInstance({ InstanceId: "i-later", LaunchTime: new Date("2026-03-02T12:00:09.000Z") });
    ec2.on(DescribeInstancesCommand).resolves(showing(later, anInstance({ InstanceId: "i-first" })));
    expect(await launched(await aScene())).toMatchObject({ instance: "i-first" });
  });

  it("launch leaves a server that another invocation has written meanwhile as that one left it", async () => {
    const context = await aScene();
    ec2.on(RunInstancesCommand).callsFake(async () => {
      const [server] = await serversIn(context);
      await context.store.saveServer("shop", "run-1", { ...server!, state: "launched", instance: "i-theirs" });
      return { Instances: [anInstance()] };
    });
    expect(await launched(context)).toMatchObject({ state: "launched", instance: "i-theirs" });
    expect(await toldIn(context)).toEqual([]);
  });

  it("launch gives a server up without a subnet, without a manifest, and without the user data that it should give", async () => {
    const lost = async (context: Awaited<ReturnType<typeof aScene>>) => (await launched(context)).error?.message;
    ec2.on(DescribeSubnetsCommand).resolves({});
    expect(await lost(await aScene())).toContain("web-1: no subnet takes it");
    expect(await lost(await aScene({}, { server: "i-other" }))).toContain("has no manifest of i-0a");
    ec2.on(DescribeSubnetsCommand).resolves({
      Subnets: [{ SubnetId: "subnet-a", AvailabilityZone: "eu-central-1a", CidrBlock: "10.0.0.0/24" }],
    });
    expect(await lost(await aScene({}, { userData: "i-0a.1" }))).toContain(
      "web-1: its user data is not stored in eu-central-1",
    );
    expect(ec2).not.toHaveReceivedCommand(RunInstancesCommand);
  });

  it("launch gives the stored user data, unless the plan says none", async () => {
    const context = await aScene({}, { userData: "i-0a.1" });
    await context.store.saveUserData("shop", new Map([["i-0a.1", "IyEvYmluL3No"]]));
    await launch(input, context);
    expect(ec2).toHaveReceivedCommandWith(RunInstancesCommand, { UserData: "IyEvYmluL3No" });

    ec2.resetHistory();
    await launch(input, await aScene({ userData: "none" }, { userData: "i-0a.1" }));
    expect(ec2.commandCalls(RunInstancesCommand)[0]?.args[0].input).not.toHaveProperty("UserData");
  });

  it("launch stops at a lease that has moved on", async () => {
    const context = await aScene();
    await expect(launch({ ...input, lease: { value: { generation: 2 } } }, context)).rejects.toMatchObject({
      name: "StaleLeaseError",
    });
    expect(ec2.calls()).toHaveLength(0);
  });
});

describe("a pass over many servers", () => {
  // the pace of RunInstances is no matter of these: no waiting in real time
  beforeEach(() => {
    vi.spyOn(globalThis, "setTimeout").mockImplementation((done: () => void) => {
      queueMicrotask(done);
      return 0 as never;
    });
  });
  afterEach(() => vi.restoreAllMocks());

  const many = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      aServerItem({ server: `i-${index}`, name: `web-${index}`, index, state: "wanted" }),
    );
  const slots = ["m5.large/subnet-a", "m6i.large/subnet-a", "m5.large/subnet-b", "m6i.large/subnet-b"];

  it("a pass over many servers asks a slot that has just had no room once for all of them, and comes again when it may be asked", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("InsufficientInstanceCapacity", "none", 500));
    const context = await aScene({ address: "auto" }, {}, { servers: many(30) });

    const { pass } = await launched(context);

    expect(tokensAsked()).toHaveLength(slots.length);
    expect(pass).toMatchObject({ next: "Launch", waitSeconds: 20 });
    expect(Object.keys(await context.store.slots("shop", "run-1")).sort()).toEqual(slots.toSorted());
    expect(new Set((await serversIn(context)).map(({ state }) => state))).toEqual(new Set(["wanted"]));
  });

  it("a pass over many servers lets the failure of one server touch no other", async () => {
    ec2.on(RunInstancesCommand).callsFake(async ({ PrivateIpAddress, UserData }) => {
      if (UserData === "bad") throw fault("InvalidParameterValue", "no");
      return { Instances: [anInstance({ InstanceId: `i-${PrivateIpAddress}-new` })] };
    });
    const context = await aScene({ address: "auto" }, {}, { servers: many(3) });
    const bad = (await context.store.manifest("shop", aServerItem().point, "i-1"))!;
    await context.store.saveManifest({ ...bad, userData: "i-1.1" });
    await context.store.saveUserData("shop", new Map([["i-1.1", "bad"]]));
    await launched(context);
    expect((await serversIn(context)).map(({ state }) => state)).toEqual(["launched", "lost", "launched"]);
  });

  it("a pass over many servers leaves EC2 alone for a moment after some passing errors, and gives all up after a quarter of an hour of them", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("Unavailable", "later", 503));
    const context = await aScene({ address: "auto" }, {}, { servers: many(30) });
    const { pass } = await launched(context);
    expect(tokensAsked().length).toBeLessThan(15);
    expect(pass).toMatchObject({ next: "Launch", waitSeconds: 5, passingSince: since });

    const late = await aScene({ address: "auto" }, {}, { servers: many(30), seconds: 901 });
    await launched(late, { passingSince: since });
    expect(new Set((await serversIn(late)).map(({ state }) => state))).toEqual(new Set(["lost"]));
  });
});

describe("what an earlier run left", () => {
  const ended = async (context: Awaited<ReturnType<typeof aScene>>, moved = false) => {
    await context.store.saveWaves("shop", "run-0", {
      id: "arn:aws:states:eu-central-1:1:execution:x:run-0",
      waves: [],
    });
    const step = { run: "run-0", state: "Reroute", subject: "", startedAt: since, endedAt: since, outcome: "Moved" };
    if (moved) await context.store.record("shop", { ...step, detail: {} });
    return context;
  };
  const left = (point?: string, over = {}) =>
    anInstance({
      InstanceId: "i-left",
      State: { Name: "running" },
      Tags: tagsOfRun("run-0", "i-0a", point),
      BlockDeviceMappings: [{ Ebs: { VolumeId: "vol-left" } }],
      NetworkInterfaces: [{ NetworkInterfaceId: "eni-left" }],
      ...over,
    });

  it("a server of an earlier run is taken over when it is of the pinned point: its parts are tagged with this run", async () => {
    ec2.on(DescribeInstancesCommand).resolves(showing(left()));
    const context = await ended(await aScene());
    expect(await launched(context)).toMatchObject({ state: "running", instance: "i-left" });
    expect(ec2).toHaveReceivedCommandWith(CreateTagsCommand, {
      Resources: ["i-left", "vol-left", "eni-left"],
      Tags: [{ Key: "lifeboat:run", Value: "run-1" }],
    });
    expect(ec2).not.toHaveReceivedCommand(RunInstancesCommand);
    expect(ec2).not.toHaveReceivedCommand(TerminateInstancesCommand);
  });

  it("a server of an earlier run is removed when it is of another point, and its address is waited for", async () => {
    ec2.on(DescribeInstancesCommand).resolves(showing(left("web.20260302T110000Z")));
    ec2.on(RunInstancesCommand).rejects(fault("InvalidIPAddress.InUse"));
    const { pass, ...server } = await launched(await ended(await aScene()));
    expect(ec2).toHaveReceivedCommandWith(TerminateInstancesCommand, { InstanceIds: ["i-left"] });
    expect(server).toMatchObject({ state: "wanted", because: "10.0.0.10 is still with i-left, which goes away" });
    expect(pass).toMatchObject({ next: "Launch", waitSeconds: 5 });
  });

  it("of two instances of an earlier run the unused one is terminated, whichever is listed first", async () => {
    const twin = (id: string) => anInstance({ InstanceId: id, State: { Name: "running" } });
    const used = aServerItem({ state: "running", instance: "i-used" });
    for (const listed of [
      [twin("i-twin"), twin("i-used")],
      [twin("i-used"), twin("i-twin")],
    ]) {
      ec2.resetHistory();
      ec2.on(DescribeInstancesCommand).resolves(showing(...listed));
      const other = aServerItem({ server: "i-0b", name: "web-2" });
      await launched(await aScene({}, {}, { servers: [used, other] }));
      expect(ec2).toHaveReceivedCommandTimes(TerminateInstancesCommand, 1);
      expect(ec2).toHaveReceivedCommandWith(TerminateInstancesCommand, { InstanceIds: ["i-twin"] });
    }
  });

  it("a server of an earlier run is left alone when its run moved users to it, when its run may still be at work, and when nobody knows its run", async () => {
    ec2.on(DescribeInstancesCommand).resolves(showing(left("web.20260302T110000Z")));
    await launched(await ended(await aScene(), true));
    await launched(await aScene());
    sfn.on(DescribeExecutionCommand).resolves({ status: "RUNNING" });
    await launched(await ended(await aScene()));
    expect(ec2).not.toHaveReceivedCommand(TerminateInstancesCommand);
  });
});
