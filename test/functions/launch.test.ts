import { DescribeInstancesCommand, DescribeSubnetsCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { launch } from "../../functions/launch.ts";
import { anInstance, aScene, ec2, input, reset, showing, since, tokenOf } from "../support/launch-scene.ts";

beforeEach(reset);

describe("launch", () => {
  it("looks by tag, then starts the first slot with every tag in the call", async () => {
    const context = await aScene();

    const result = await launch(input, context);

    expect(result).toEqual({
      done: false,
      again: false,
      instance: "i-new",
      polls: 0,
      waitSeconds: 8,
      slot: "m5.large/subnet-a",
      since,
    });
    expect(ec2).toHaveReceivedCommandWith(DescribeInstancesCommand, {
      Filters: [
        { Name: "tag:lifeboat:run", Values: ["run-1"] },
        { Name: "tag:lifeboat:server", Values: ["i-0a"] },
      ],
    });
    expect(ec2).toHaveReceivedCommandTimes(RunInstancesCommand, 1);
    const Tags = [
      { Key: "Name", Value: "web-1" },
      { Key: "App", Value: "shop" },
      { Key: "lifeboat:application", Value: "shop" },
      { Key: "lifeboat:resource", Value: "web" },
      { Key: "lifeboat:server", Value: "i-0a" },
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

  it("started again finds what it launched, and tells when it runs", async () => {
    ec2
      .on(DescribeInstancesCommand)
      .resolves(showing(anInstance({ State: { Name: "running" }, ClientToken: tokenOf("m6i.large/subnet-b") })));

    const before = { value: { polls: 7, since: "2026-03-02T11:59:00.000Z" } };
    const result = await launch({ ...input, launch: before }, await aScene());

    expect(result).toMatchObject({ done: true, instance: "i-new", slot: "m6i.large/subnet-b", ...before.value });
    expect(ec2).not.toHaveReceivedCommand(RunInstancesCommand);
  });

  it("of two that live takes the first one launched", async () => {
    const later = anInstance({ InstanceId: "i-later", LaunchTime: new Date("2026-03-02T12:00:09.000Z") });
    ec2.on(DescribeInstancesCommand).resolves(showing(later, anInstance({ InstanceId: "i-first" })));
    expect(await launch(input, await aScene())).toMatchObject({ instance: "i-first", slot: null });
  });

  it("fails without a subnet, without a manifest, and without the user data that it should give", async () => {
    ec2.on(DescribeSubnetsCommand).resolves({});
    await expect(launch(input, await aScene())).rejects.toThrow("web-1: no subnet takes it");
    await expect(launch(input, await aScene({}, { server: "i-other" }))).rejects.toThrow("has no manifest of i-0a");
    ec2.on(DescribeSubnetsCommand).resolves({
      Subnets: [{ SubnetId: "subnet-a", AvailabilityZone: "eu-central-1a", CidrBlock: "10.0.0.0/24" }],
    });
    await expect(launch(input, await aScene({}, { userData: "i-0a.1" }))).rejects.toThrow(
      "web-1: its user data is not stored in eu-central-1",
    );
    expect(ec2).not.toHaveReceivedCommand(RunInstancesCommand);
  });

  it("gives the stored user data, unless the plan says none", async () => {
    const context = await aScene({}, { userData: "i-0a.1" });
    await context.store.saveUserData("shop", new Map([["i-0a.1", "IyEvYmluL3No"]]));
    await launch(input, context);
    expect(ec2).toHaveReceivedCommandWith(RunInstancesCommand, { UserData: "IyEvYmluL3No" });

    ec2.resetHistory();
    await launch(input, await aScene({ userData: "none" }, { userData: "i-0a.1" }));
    expect(ec2.commandCalls(RunInstancesCommand)[0]?.args[0].input).not.toHaveProperty("UserData");
  });

  it("stops at a lease that has moved on", async () => {
    const context = await aScene();
    await expect(launch({ ...input, lease: { value: { generation: 2 } } }, context)).rejects.toMatchObject({
      name: "StaleLeaseError",
    });
    expect(ec2.calls()).toHaveLength(0);
  });
});
