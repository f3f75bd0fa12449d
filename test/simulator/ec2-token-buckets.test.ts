import {
  DeregisterImageCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstanceStatusCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  LockSnapshotCommand,
  RegisterImageCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import type { Fault } from "../../simulator/scenario/fault.ts";
import { oneServer } from "../support/ec2.ts";
import { type Simulated, simulated } from "../support/simulated.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"];
const always = { from: 0, until: Number.POSITIVE_INFINITY };

/** How many of `count` calls that are made at one instant are throttled. */
const throttled = async ({ clients }: Simulated, count: number, make: () => object, region = recovery) => {
  const once = clients(EC2Client, region, "optional");
  const asked = Array.from({ length: count }, () =>
    once.send(make() as never).then(
      () => "ok",
      (error: Error) => error.name,
    ),
  );
  return (await Promise.all(asked)).filter((name) => name === "RequestLimitExceeded").length;
};
const play = <T>(body: (live: Simulated) => Promise<T>, faults: Fault[] = []) =>
  simulated({ plan: oneServer, faults }, body);

const deregister = () => new DeregisterImageCommand({ ImageId: "ami-0123456789abcdef0" });
const lock = () => new LockSnapshotCommand({ SnapshotId: "snap-0", LockMode: "governance", LockDuration: 1 });
const listAll = () => new DescribeSnapshotsCommand({});
const listOne = () => new DescribeSnapshotsCommand({ Filters: [{ Name: "status", Values: ["pending"] }] });
const zones = () => new DescribeAvailabilityZonesCommand({});

describe("a token bucket of EC2", () => {
  it.each([
    ["a call that changes something", lock, 60, 9],
    ["a deletion", deregister, 110, 9],
    ["a listing without filter and page size", listAll, 60, 7],
    ["a filtered listing", listOne, 110, 5],
    ["any other listing", zones, 110, 5],
  ])("a token bucket of EC2 refuses %s once it is empty", async (_what, make, count, expected) => {
    const found = await play((live) => throttled(live, count, make));
    // the calls arrive within a quarter of a second, while it fills again
    expect(found).toBeGreaterThanOrEqual(expected);
    expect(found).toBeLessThanOrEqual(10);
  });

  it("fills again with time, up to its size", async () => {
    const found = await play(async (live) => {
      await throttled(live, 60, lock);
      await live.advance(4);
      const soon = await throttled(live, 30, lock);
      await live.advance(3_600);
      return [soon, await throttled(live, 50, lock)];
    });
    expect(found[0]).toBeGreaterThanOrEqual(7);
    expect(found[0]).toBeLessThanOrEqual(10);
    expect(found[1]).toBe(0);
  });

  it("a token bucket of EC2 is each action's own, and another one in another Region", async () => {
    const register = () => new RegisterImageCommand({ Name: "image", RootDeviceName: "/dev/xvda" });
    const found = await play(async (live) => {
      await throttled(live, 60, lock);
      return [
        await throttled(live, 10, lock),
        await throttled(live, 10, register),
        await throttled(live, 10, deregister),
        await throttled(live, 10, lock, primary),
      ];
    });
    expect(found[0]).toBeGreaterThan(5);
    expect(found.slice(1)).toEqual([0, 0, 0]);
  });

  it("a token bucket of EC2 counts instances, too, when they are started and stopped", async () => {
    const many = (count: number) => ({ InstanceIds: Array.from({ length: count }, (_, at) => `i-${at}`) });
    const found = await play(async (live) => [
      await throttled(live, 2, () => new StartInstancesCommand(many(600))),
      await throttled(live, 6, () => new StartInstancesCommand(many(1))),
      await throttled(live, 2, () => new StopInstancesCommand(many(600))),
      await throttled(live, 40, () => new StopInstancesCommand(many(1))),
    ]);
    // of five calls two are gone, and the second call of 600 had a token of its own taken
    expect(found).toEqual([1, 3, 1, 0]);
  });

  it("a token bucket of EC2 is the smaller one for a listing by ids: they are neither a filter nor a page", async () => {
    const status = (over: object) => () => new DescribeInstanceStatusCommand({ InstanceIds: ["i-0"], ...over });
    const filtered = { Filters: [{ Name: "instance-state-name", Values: ["running"] }] };
    const found = await play(async (live) => [
      await throttled(live, 80, status({})),
      await throttled(live, 80, status(filtered)),
    ]);
    expect(found[0]).toBeGreaterThan(20);
    expect(found[1]).toBe(0);
  });

  it("holds less when the account's other callers take their share", async () => {
    const found = await play((live) => throttled(live, 50, lock), [{ ...always, fault: "token-buckets", share: 0.2 }]);
    expect(found).toBeGreaterThanOrEqual(39);
  });
});
