import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  RegisterImageCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { aServerItem } from "../../../support/builders.ts";
import {
  anInstance,
  aScene,
  ec2,
  fault,
  launched,
  noCapacity,
  reset,
  showing,
  since,
  tokenOf,
  tokensAsked,
} from "../../../support/launch-scene.ts";
import { at, toldIn } from "../../../support/wave-scene.ts";

beforeEach(reset);

describe("the slots of a launch", () => {
  it("a launch goes on to the next slot when one has no capacity, and looks for the earlier ones first", async () => {
    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(noCapacity)
      .rejectsOnce(fault("Unsupported"))
      .resolves({
        Instances: [anInstance()],
      });
    const context = await aScene();

    expect(await launched(context)).toMatchObject({ instance: "i-new", slot: "m5.large/subnet-b" });

    const slots = ["m5.large/subnet-a", "m6i.large/subnet-a", "m5.large/subnet-b"];
    expect(tokensAsked()).toEqual(slots.map(tokenOf));
    expect(ec2).toHaveReceivedCommandWith(DescribeInstancesCommand, {
      Filters: [{ Name: "client-token", Values: slots.slice(0, 2).map(tokenOf) }],
    });
  });

  it("a launch uses what an earlier slot turns out to have launched", async () => {
    ec2.on(RunInstancesCommand).rejects(noCapacity);
    ec2
      .on(DescribeInstancesCommand, { Filters: [{ Name: "client-token", Values: [tokenOf("m5.large/subnet-a")] }] })
      .resolves(showing(anInstance()));
    expect(await launched(await aScene())).toMatchObject({ instance: "i-new" });
    expect(ec2).toHaveReceivedCommandTimes(RunInstancesCommand, 1);
  });

  it("a launch that is started again after it died continues with the recorded slot, even when it is marked full", async () => {
    const context = await aScene({}, {}, { servers: [aServerItem({ slot: "m5.large/subnet-b", launchSince: since })] });
    const until = "2026-03-02T12:05:00.000Z";
    await context.store.saveSlots("shop", "run-1", { "m5.large/subnet-b": { code: "x", times: 1, until } });

    expect(await launched(context)).toMatchObject({ state: "launched", slot: "m5.large/subnet-b" });

    expect(tokensAsked()).toEqual([tokenOf("m5.large/subnet-b")]);
  });

  it("a launch tries again later when no slot has capacity, and starts with the best one then", async () => {
    ec2.on(RunInstancesCommand).rejects(noCapacity);
    const context = await aScene();

    const { pass, ...server } = await launched(context);

    const slots = ["m5.large/subnet-a", "m6i.large/subnet-a", "m5.large/subnet-b", "m6i.large/subnet-b"];
    const because = `${slots.join(", ")}: InsufficientInstanceCapacity`;
    expect(server).toMatchObject({ state: "wanted", slot: null, launchSince: since, because });
    expect(pass).toMatchObject({ next: "Launch", waitSeconds: 20 });
    expect(await toldIn(context)).toEqual(["Launch i-0a Waiting"]);
    ec2.resetHistory();
    await launched({ ...context, now: () => at(25) });
    expect(tokensAsked()[0]).toBe(tokenOf("m5.large/subnet-a"));
  });

  it.each([
    [noCapacity, "Add instance types or subnets to the plan's launch, or reserve capacity in the recovery Region."],
    [fault("VcpuLimitExceeded"), "Ask for a higher quota in the recovery Region."],
  ])(
    "a launch gives the server up after a quarter of an hour without room, and says which slots were tried",
    async (no, hint) => {
      ec2.on(RunInstancesCommand).rejects(no);
      const early = aServerItem({ launchSince: since });
      const { error } = await launched(await aScene({}, {}, { servers: [early], seconds: 901 }));
      expect(error?.message).toMatch(/^web-1: not launched within 15 min: m5.large\/subnet-a, .*: (Insuff|Vcpu)/);
      expect(error?.message).toContain(` -> ${hint}`);
    },
  );

  it("a launch tries no other slot while EC2 verifies the account, and tries again later", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("PendingVerification"));
    expect((await launched(await aScene())).pass).toMatchObject({ next: "Launch", waitSeconds: 20 });
    expect(tokensAsked()).toHaveLength(1);
  });

  it("a launch gives the server up when no instance type and subnet combination worked, whatever EC2 calls it, and says why for each", async () => {
    ec2.on(RunInstancesCommand).rejectsOnce(fault("SomethingNew", "what is that")).rejects(fault("Unsupported"));
    const { state, error } = await launched(await aScene({ instanceTypes: ["m6i.large"] }));
    expect(state).toBe("lost");
    expect(error?.message).toContain(
      "web-1: no instance type and subnet combination worked: m6i.large/subnet-a: SomethingNew: what is that; m6i.large/subnet-b: Unsupported -> ",
    );
  });

  it("a launch keeps the slot over a passing fault, and gives the server up after a quarter of an hour of them", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("Unavailable", "later", 503));
    const { pass, ...server } = await launched(await aScene());
    expect(server).toMatchObject({ state: "wanted", slot: "m5.large/subnet-a", passingSince: since });
    expect(pass).toMatchObject({ next: "Launch", waitSeconds: 5 });

    const worn = aServerItem({ slot: "m5.large/subnet-a", launchSince: since, passingSince: since });
    const late = await launched(await aScene({}, {}, { servers: [worn], seconds: 901 }));
    expect(late).toMatchObject({ state: "lost", error: { message: "later" } });
  });

  it("a launch never uses the token of an instance that did not live again", async () => {
    const dead = anInstance({ State: { Name: "terminated" }, ClientToken: tokenOf("m5.large/subnet-a") });
    ec2.on(DescribeInstancesCommand).resolvesOnce(showing(dead)).resolves({});
    expect(await launched(await aScene())).toMatchObject({ slot: "m6i.large/subnet-a" });
  });

  it("a launch fails when every launched instance terminated, with EC2's reason", async () => {
    const dead = anInstance({
      State: { Name: "terminated" },
      ClientToken: tokenOf("m5.large/subnet-a"),
      StateReason: { Code: "Client.InternalError", Message: "Client error on launch" },
    });
    ec2.on(DescribeInstancesCommand).resolves(showing(dead));
    const context = await aScene({ instanceTypes: ["same"], subnets: { "eu-central-1a": ["subnet-a"] } });
    expect((await launched(context)).error?.message).toContain(
      "web-1: every launched instance terminated: i-new (Client.InternalError: Client error on launch)",
    );
  });
});

describe("the image of a launch", () => {
  const listed = (ImageId: string, State: "available" | "pending") => ({
    Images: [{ ImageId, State, Name: "lifeboat-shop-web.20260302T113000Z-i-0a" }],
  });

  it("a launch registers an image when the point has none yet, and waits for it", async () => {
    ec2.on(DescribeImagesCommand).resolves({});
    ec2.on(RegisterImageCommand).resolves({ ImageId: "ami-new" });
    const context = await aScene({}, { image: null });
    expect(await launched(context)).toMatchObject({ state: "wanted", pass: { next: "Launch", waitSeconds: 5 } });
    expect(ec2).not.toHaveReceivedCommand(RunInstancesCommand);

    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(fault("InvalidAMIID.Unavailable"))
      .resolves({ Instances: [anInstance()] });
    ec2.on(DescribeImagesCommand).resolvesOnce(listed("ami-new", "pending")).resolves(listed("ami-new", "available"));
    expect(await launched(context)).toMatchObject({ state: "wanted", pass: { next: "Launch", waitSeconds: 5 } });
    expect(await launched(context)).toMatchObject({ instance: "i-new" });
    expect(ec2).toHaveReceivedCommandWith(RunInstancesCommand, { ImageId: "ami-new" });
  });

  it("a missing image is replaced by the image of that name, in the same slot", async () => {
    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(fault("InvalidAMIID.NotFound"))
      .resolves({ Instances: [anInstance()] });
    ec2.on(DescribeImagesCommand).resolves(listed("ami-other", "available"));
    expect(await launched(await aScene())).toMatchObject({ slot: "m5.large/subnet-a" });
    expect(new Set(tokensAsked())).toEqual(new Set([tokenOf("m5.large/subnet-a")]));
    expect(ec2).toHaveReceivedNthCommandWith(RunInstancesCommand, 2, { ImageId: "ami-other" });
  });

  it("a missing image with a licence is waited for, and never registered again without the licence", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("InvalidAMIID.NotFound"));
    const context = await aScene({}, { byImage: true, platform: "Windows" });
    expect(await launched(context)).toMatchObject({ state: "wanted", pass: { next: "Launch", waitSeconds: 5 } });
    expect(ec2).not.toHaveReceivedCommand(DescribeImagesCommand);
    expect(ec2).not.toHaveReceivedCommand(RegisterImageCommand);
  });

  it("an image or a snapshot that stays invisible for two minutes fails the server", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("InvalidSnapshot.NotFound", "snap-dst-a does not exist"));
    ec2.on(DescribeImagesCommand).resolves(listed("ami-0a", "available"));
    expect(await launched(await aScene())).toMatchObject({ state: "wanted", pass: { next: "Launch", waitSeconds: 5 } });

    const late = await aScene({}, {}, { servers: [aServerItem({ launchSince: since })], seconds: 121 });
    expect((await launched(late)).error?.message).toContain("InvalidSnapshot.NotFound: snap-dst-a does not exist");
  });

  it("a client token that was used with another image finds the earlier launch", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("IdempotentParameterMismatch"));
    expect(await launched(await aScene())).toMatchObject({ state: "wanted", passingSince: since });

    ec2
      .on(DescribeInstancesCommand, { Filters: [{ Name: "client-token", Values: [tokenOf("m5.large/subnet-a")] }] })
      .resolves(showing(anInstance()));
    expect(await launched(await aScene())).toMatchObject({ instance: "i-new", slot: "m5.large/subnet-a" });
  });
});
