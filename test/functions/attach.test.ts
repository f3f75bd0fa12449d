import {
  AssociateAddressCommand,
  CreateTagsCommand,
  DescribeInstancesCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
} from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client, RegisterTargetsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { attach } from "../../functions/attach.ts";
import { aManifest, aPlan, aResource, aServerItem } from "../support/builders.ts";
import { at, noon, passInput, serversIn, toldIn, waveScene } from "../support/wave-scene.ts";

const ec2 = mockClient(EC2Client);
const balancer = mockClient(ElasticLoadBalancingV2Client);
const first = aServerItem({ state: "running", instance: "i-new" });
const second = aServerItem({ server: "i-0b", name: "web-2", index: 1, state: "running", instance: "i-two" });
const aScene = (elasticIps: string[], targetGroups: string[], servers = [first], seconds = 0) => {
  const launch = { ...aResource().launch, elasticIps, targetGroups };
  return waveScene({ plan: aPlan({ protect: [aResource({ launch })] }), servers, seconds });
};
const fault = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error("no"), { name, $metadata: { httpStatusCode } });

beforeEach(() => {
  ec2.reset();
  balancer.reset();
  ec2.on(AssociateAddressCommand).resolves({});
  balancer.on(RegisterTargetsCommand).resolves({});
});

describe("attach", () => {
  it("attach gives each server its own Elastic IP, never taken from another, and registers all in one call a group", async () => {
    const context = await aScene(["eipalloc-0", "eipalloc-1"], ["arn:tg-1", "arn:tg-2"], [first, second]);

    expect(await attach(passInput(), context)).toMatchObject({ next: "Verify" });

    for (const [AllocationId, InstanceId] of [
      ["eipalloc-0", "i-new"],
      ["eipalloc-1", "i-two"],
    ] as const)
      expect(ec2).toHaveReceivedCommandWith(AssociateAddressCommand, {
        AllocationId,
        InstanceId,
        AllowReassociation: false,
      });
    expect(balancer).toHaveReceivedCommandTimes(RegisterTargetsCommand, 2);
    for (const TargetGroupArn of ["arn:tg-1", "arn:tg-2"])
      expect(balancer).toHaveReceivedCommandWith(RegisterTargetsCommand, {
        TargetGroupArn,
        Targets: [{ Id: "i-new" }, { Id: "i-two" }],
      });
    expect(await serversIn(context)).toMatchObject([
      { state: "attached", attachedAt: noon },
      { state: "attached", attachedAt: noon },
    ]);
    expect(await toldIn(context)).toEqual(["Attach i-0a Attached", "Attach i-0b Attached"]);
  });

  const disks = (InstanceId: string, ...ids: string[]) => ({
    InstanceId,
    BlockDeviceMappings: ids.map((VolumeId, nth) => ({
      DeviceName: ["/dev/xvda", "/dev/sdf"][nth]!,
      Ebs: { VolumeId },
    })),
  });
  const tagged = [first, second].map((server) => ({ ...server, volumeTags: true as const }));
  const withTags = async () => {
    const context = await aScene([], [], tagged);
    const [root] = aManifest().volumes;
    const data = { ...root!, device: "/dev/sdf", volume: "vol-0b", tags: { Backup: "daily" } };
    for (const { server } of tagged) await context.store.saveManifest(aManifest({ server, volumes: [root!, data] }));
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [{ Instances: [disks("i-new", "vol-1", "vol-2"), disks("i-two", "vol-3", "vol-4")] }],
    });
    return context;
  };

  it("attach gives the volumes of all servers that have the same tags alone these tags, in one call", async () => {
    ec2.on(CreateTagsCommand).resolves({});
    await attach(passInput(), await withTags());
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(CreateTagsCommand, {
      Resources: ["vol-2", "vol-4"],
      Tags: [{ Key: "Backup", Value: "daily" }],
    });
  });

  const untaggedIn = async ({ store }: Awaited<ReturnType<typeof withTags>>) =>
    (await store.ledger("shop", passInput().run.name)).map(({ outcome, detail }) => [outcome, detail.untagged]);

  it("attach loses no server because a tag fails, and reports the tag", async () => {
    ec2.on(CreateTagsCommand).rejects(fault("UnauthorizedOperation"));
    const context = await withTags();
    await attach(passInput(), context);
    expect(await serversIn(context)).toMatchObject([{ state: "attached" }, { state: "attached" }]);
    expect(await untaggedIn(context)).toEqual(Array(2).fill(["Attached", "UnauthorizedOperation: no"]));
  });

  it("attach finds the servers of which EC2 does not show every volume", async () => {
    ec2.on(CreateTagsCommand).resolves({});
    const context = await withTags();
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [{ Instances: [disks("i-new", "vol-1", "vol-2"), disks("i-two", "vol-3")] }],
    });
    await attach(passInput(), context);
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(CreateTagsCommand, { Resources: ["vol-2"] });
    expect(await untaggedIn(context)).toEqual([
      ["Attached", undefined],
      ["Attached", "EC2 did not show all of their volumes"],
    ]);
  });

  it("attach tags volumes before a server counts as attached: one whose invocation dies then is tagged by the next", async () => {
    const context = await withTags();
    const states: string[] = [];
    ec2.on(CreateTagsCommand).callsFake(async () => {
      states.push(...(await serversIn(context)).map(({ state }) => state));
    });
    await attach(passInput(), context);
    expect(states).toEqual(["running", "running"]);
  });

  it("attach asks for no more tags once it is late: the function has a minute", async () => {
    const context = await withTags();
    let seconds = 0;
    ec2.on(DescribeInstancesCommand).callsFake(() => {
      seconds = 40;
      return { Reservations: [{ Instances: [disks("i-new", "vol-1", "vol-2"), disks("i-two", "vol-3", "vol-4")] }] };
    });
    await attach(passInput(), { ...context, now: () => at(seconds) });
    expect(ec2).not.toHaveReceivedCommand(CreateTagsCommand);
    expect(await serversIn(context)).toMatchObject([{ state: "attached" }, { state: "attached" }]);
    expect(await untaggedIn(context)).toEqual(Array(2).fill(["Attached", "there was no time for it"]));
  });

  it("attach switches off the source check of a router, and of no other server", async () => {
    ec2.on(ModifyInstanceAttributeCommand).resolves({});
    const context = await aScene([], [], [{ ...first, forwards: true }, second]);
    await attach(passInput(), context);
    expect(await serversIn(context)).toMatchObject([{ state: "attached" }, { state: "attached" }]);
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(ModifyInstanceAttributeCommand, {
      InstanceId: "i-new",
      SourceDestCheck: { Value: false },
    });
  });

  it("attach tries a router again that EC2 does not know everywhere yet", async () => {
    ec2.on(ModifyInstanceAttributeCommand).rejects(fault("InvalidInstanceID.NotFound"));
    const context = await aScene([], [], [{ ...first, forwards: true }]);
    await attach(passInput(), context);
    const because = "web-1: source/destination check: InvalidInstanceID.NotFound: no";
    expect(await serversIn(context)).toMatchObject([{ state: "running", because }]);
  });

  it("attach has nothing to do for a server without address and target group", async () => {
    const context = await aScene([], []);
    await attach(passInput(), context);
    expect(await serversIn(context)).toMatchObject([{ state: "attached" }]);
    expect([...ec2.calls(), ...balancer.calls()]).toHaveLength(0);
  });

  it.each(["InvalidInstanceID.NotFound", "InvalidInstanceID", "Resource.AlreadyAssociated"])(
    "attach tries a server again after %s, for some minutes",
    async (code) => {
      ec2.on(AssociateAddressCommand).rejects(fault(code));
      const context = await aScene(["eipalloc-0"], []);
      expect(await attach(passInput(), context)).toMatchObject({ next: "Attach", waitSeconds: 3 });
      const because = `web-1: Elastic IP eipalloc-0: ${code}: no`;
      expect(await serversIn(context)).toMatchObject([{ state: "running", passingSince: noon, because }]);

      const late = await aScene(["eipalloc-0"], [], [{ ...first, passingSince: noon }], 181);
      await attach(passInput(), late);
      expect(await serversIn(late)).toMatchObject([{ state: "lost", error: { name: "ResourceFailedError" } }]);
      expect(await toldIn(late)).toEqual(["Attach i-0a Lost"]);
    },
  );

  it("attach registers each by itself when one target makes the call of all fail: the others are attached", async () => {
    balancer
      .on(RegisterTargetsCommand)
      .rejects(fault("InvalidTargetException"))
      .on(RegisterTargetsCommand, { Targets: [{ Id: "i-two" }] })
      .resolves({});
    const context = await aScene([], ["arn:tg-1"], [first, second]);
    await attach(passInput(), context);
    expect((await serversIn(context)).map(({ state }) => state)).toEqual(["running", "attached"]);
  });

  it("attach gives a server up at once when its target group is gone", async () => {
    balancer.on(RegisterTargetsCommand).rejects(fault("TargetGroupNotFoundException"));
    const context = await aScene([], ["arn:tg-1"]);
    await attach(passInput(), context);
    expect((await serversIn(context))[0]?.error?.message).toBe(
      "web-1: target group arn:tg-1: TargetGroupNotFoundException: no -> Free it, or correct launch in the plan.",
    );
  });

  it.each([
    [899, "running"],
    [901, "lost"],
  ])("after %d s of transient errors the server is %s", async (seconds, state) => {
    balancer.on(RegisterTargetsCommand).rejects(fault("ServiceUnavailable", 503));
    const context = await aScene([], ["arn:tg-1"], [{ ...first, passingSince: at(0).toISOString() }], seconds);
    await attach(passInput(), context);
    expect(await serversIn(context)).toMatchObject([{ state }]);
  });

  it("attach stops at a lease that has moved on", async () => {
    const stale = { ...passInput(), lease: { value: { generation: 2 } } };
    await expect(attach(stale, await aScene([], ["arn:tg-1"]))).rejects.toMatchObject({ name: "StaleLeaseError" });
    expect(balancer.calls()).toHaveLength(0);
  });
});
