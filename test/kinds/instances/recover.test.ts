import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  RegisterImageCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { launch } from "../../../functions/launch.ts";
import {
  anInstance,
  aScene,
  ec2,
  fault,
  input,
  noCapacity,
  reset,
  showing,
  since,
  tokenOf,
  tokensAsked,
} from "../../support/launch-scene.ts";

beforeEach(reset);

describe("the slots of a launch", () => {
  it("goes on to the next slot when one has no capacity, and looks for the earlier ones first", async () => {
    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(noCapacity)
      .rejectsOnce(fault("Unsupported"))
      .resolves({
        Instances: [anInstance()],
      });
    const context = await aScene();

    expect(await launch(input, context)).toMatchObject({ instance: "i-new", slot: "m5.large/subnet-b" });

    const slots = ["m5.large/subnet-a", "m6i.large/subnet-a", "m5.large/subnet-b"];
    expect(tokensAsked()).toEqual(slots.map(tokenOf));
    expect(ec2).toHaveReceivedCommandWith(DescribeInstancesCommand, {
      Filters: [{ Name: "client-token", Values: slots.slice(0, 2).map(tokenOf) }],
    });
    expect(await context.store.launchSlot("shop", "run-1", "i-0a")).toBe("m5.large/subnet-b");
  });

  it("uses what an earlier slot turns out to have launched", async () => {
    ec2.on(RunInstancesCommand).rejects(noCapacity);
    ec2
      .on(DescribeInstancesCommand, { Filters: [{ Name: "client-token", Values: [tokenOf("m5.large/subnet-a")] }] })
      .resolves(showing(anInstance()));
    expect(await launch(input, await aScene())).toMatchObject({ instance: "i-new" });
    expect(ec2).toHaveReceivedCommandTimes(RunInstancesCommand, 1);
  });

  it("started again after it died goes on with the slot that was written down", async () => {
    const context = await aScene();
    await context.store.saveLaunchSlot("shop", "run-1", "i-0a", "m5.large/subnet-b");

    expect(await launch(input, context)).toMatchObject({ slot: "m5.large/subnet-b" });

    expect(tokensAsked()).toEqual([tokenOf("m5.large/subnet-b")]);
  });

  it("comes again later when no slot has capacity, and then begins with the best one", async () => {
    ec2.on(RunInstancesCommand).rejects(noCapacity);
    const context = await aScene();

    const result = await launch(input, context);

    expect(result).toEqual({
      done: false,
      again: true,
      instance: null,
      polls: 0,
      waitSeconds: 20,
      slot: null,
      since,
    });
    expect(await context.store.launchSlot("shop", "run-1", "i-0a")).toBe("m5.large/subnet-a");
    expect(await context.store.ledger("shop", "run-1")).toMatchObject([{ state: "Launch", outcome: "Waiting" }]);
  });

  it("gives the server up after a quarter of an hour without capacity, and says which slots were tried", async () => {
    ec2.on(RunInstancesCommand).rejects(noCapacity);
    const early = { value: { polls: 40, since: "2026-03-02T11:44:00.000Z" } };

    await expect(launch({ ...input, launch: early }, await aScene())).rejects.toThrow(
      /web-1: not launched within 15 min: m5.large\/subnet-a: InsufficientInstanceCapacity/,
    );
  });

  it("tries at most twelve slots at once, and the rest next time", async () => {
    ec2.on(RunInstancesCommand).rejects(noCapacity);
    const instanceTypes = Array.from({ length: 8 }, (_, i) => `m${i}.large`);
    const context = await aScene({ instanceTypes });

    expect(await launch(input, context)).toMatchObject({ again: true, waitSeconds: 1 });
    expect(ec2).toHaveReceivedCommandTimes(RunInstancesCommand, 12);
    expect(await context.store.launchSlot("shop", "run-1", "i-0a")).toBe("m4.large/subnet-b");

    expect(await launch(input, context)).toMatchObject({ again: true, waitSeconds: 20 });
    expect(tokensAsked().slice(12)).toEqual([4, 5, 6, 7].map((i) => tokenOf(`m${i}.large/subnet-b`)));
  });

  it("fails when no slot suits, and says why for each", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("Unsupported"));
    await expect(launch(input, await aScene({ instanceTypes: ["m6i.large"] }))).rejects.toMatchObject({
      name: "ResourceFailedError",
      message: "web-1: no slot suits: m6i.large/subnet-a: Unsupported, m6i.large/subnet-b: Unsupported",
    });
  });

  it.each([
    ["a quota", "VcpuLimitExceeded", "Ask for a higher quota in the recovery Region."],
    ["a missing permission", "UnauthorizedOperation", "Mend the plan's launch, or what the message names."],
  ])("fails at once on %s", async (_case, code, hint) => {
    ec2.on(RunInstancesCommand).rejects(fault(code, "no"));
    await expect(launch(input, await aScene())).rejects.toMatchObject({
      name: "ResourceFailedError",
      message: `web-1: m5.large/subnet-a: ${code}: no`,
      hint,
    });
    expect(ec2).toHaveReceivedCommandTimes(RunInstancesCommand, 1);
  });

  it("lets a passing fault out for the machine's Retry, with the slot unchanged", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("Unavailable", "later", 503));
    const context = await aScene();
    await expect(launch(input, context)).rejects.toMatchObject({ name: "Unavailable" });
    expect(await context.store.launchSlot("shop", "run-1", "i-0a")).toBeNull();
  });

  it("never uses the token of an instance that did not live again", async () => {
    const dead = anInstance({ State: { Name: "terminated" }, ClientToken: tokenOf("m5.large/subnet-a") });
    ec2.on(DescribeInstancesCommand).resolvesOnce(showing(dead)).resolves({});
    expect(await launch(input, await aScene())).toMatchObject({ slot: "m6i.large/subnet-a" });
  });

  it("fails when no launch lived, with EC2's reason", async () => {
    const dead = anInstance({
      State: { Name: "terminated" },
      ClientToken: tokenOf("m5.large/subnet-a"),
      StateReason: { Code: "Client.InternalError", Message: "Client error on launch" },
    });
    ec2.on(DescribeInstancesCommand).resolves(showing(dead));
    const context = await aScene({ instanceTypes: ["same"], subnets: { "eu-central-1a": ["subnet-a"] } });
    await expect(launch(input, context)).rejects.toMatchObject({
      name: "ResourceFailedError",
      message: "web-1: no launch lived: i-new (Client.InternalError: Client error on launch)",
    });
  });
});

describe("the image of a launch", () => {
  const listed = (ImageId: string, State: "available" | "pending") => ({
    Images: [{ ImageId, State, Name: "lifeboat-shop-web.20260302T113000Z-i-0a" }],
  });

  it("is made when the point has none yet, and waited for", async () => {
    ec2.on(DescribeImagesCommand).resolves({});
    ec2.on(RegisterImageCommand).resolves({ ImageId: "ami-new" });
    const context = await aScene({}, { image: null });
    expect(await launch(input, context)).toMatchObject({ done: false, again: true, waitSeconds: 5 });
    expect(ec2).not.toHaveReceivedCommand(RunInstancesCommand);

    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(fault("InvalidAMIID.Unavailable"))
      .resolves({ Instances: [anInstance()] });
    ec2.on(DescribeImagesCommand).resolvesOnce(listed("ami-new", "pending")).resolves(listed("ami-new", "available"));
    expect(await launch(input, context)).toMatchObject({ again: true, waitSeconds: 5 });
    expect(await launch(input, context)).toMatchObject({ instance: "i-new" });
    expect(ec2).toHaveReceivedCommandWith(RunInstancesCommand, { ImageId: "ami-new" });
  });

  it("that is gone is replaced by the one of that name, in the same slot", async () => {
    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(fault("InvalidAMIID.NotFound"))
      .resolves({ Instances: [anInstance()] });
    ec2.on(DescribeImagesCommand).resolves(listed("ami-other", "available"));
    expect(await launch(input, await aScene())).toMatchObject({ slot: "m5.large/subnet-a" });
    expect(new Set(tokensAsked())).toEqual(new Set([tokenOf("m5.large/subnet-a")]));
    expect(ec2).toHaveReceivedNthCommandWith(RunInstancesCommand, 2, { ImageId: "ami-other" });
  });

  it("that holds a licence and is gone is waited for, and never made again without it", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("InvalidAMIID.NotFound"));
    const context = await aScene({}, { byImage: true, platform: "Windows" });
    expect(await launch(input, context)).toMatchObject({ again: true, waitSeconds: 5 });
    expect(ec2).not.toHaveReceivedCommand(DescribeImagesCommand);
    expect(ec2).not.toHaveReceivedCommand(RegisterImageCommand);
  });

  it("or a snapshot that stays invisible for two minutes fails the server", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("InvalidSnapshot.NotFound", "snap-dst-a does not exist"));
    ec2.on(DescribeImagesCommand).resolves(listed("ami-0a", "available"));
    expect(await launch(input, await aScene())).toMatchObject({ again: true, waitSeconds: 5 });

    const late = await aScene({}, {}, "2026-03-02T12:02:01.000Z");
    await expect(launch({ ...input, launch: { value: { polls: 9, since } } }, late)).rejects.toThrow(
      "InvalidSnapshot.NotFound: snap-dst-a does not exist",
    );
  });

  it("a token that was used with another image is the earlier launch", async () => {
    ec2.on(RunInstancesCommand).rejects(fault("IdempotentParameterMismatch"));
    await expect(launch(input, await aScene())).rejects.toMatchObject({ name: "TransientError" });

    ec2
      .on(DescribeInstancesCommand, { Filters: [{ Name: "client-token", Values: [tokenOf("m5.large/subnet-a")] }] })
      .resolves(showing(anInstance()));
    expect(await launch(input, await aScene())).toMatchObject({ instance: "i-new", slot: "m5.large/subnet-a" });
  });
});
