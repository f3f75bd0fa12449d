import {
  DescribeInstanceAttributeCommand,
  DescribeInstanceCreditSpecificationsCommand,
  DescribeInstancesCommand,
} from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { snapshot } from "../../../../functions/snapshot.ts";
import {
  aScene,
  ec2,
  fault,
  input,
  instance,
  manifestOf,
  own,
  pointOf,
  reset,
  run,
  showing,
} from "../../../support/snapshot-scene.ts";

beforeEach(reset);

const nextId = "web.20260302T123000Z";
const next = { ...input, run: { ...run, startedAt: "2026-03-02T12:30:00.000Z" } };
const readOf = (attribute: string) =>
  ec2
    .commandCalls(DescribeInstanceAttributeCommand)
    .flatMap(({ args: [{ input }] }) => (input.Attribute === attribute ? input.InstanceId : []));
const read = () => readOf("userData");

describe("user data", () => {
  it("user data is stored apart, and read once for each start of an instance", async () => {
    const context = await aScene();
    await snapshot(input, context);
    const { userData } = await manifestOf(context);
    expect(userData).toMatch(/^i-1\.[0-9a-f]{16}$/);
    expect(await context.store.userData("shop", userData!)).toBe("IyE=");

    await snapshot(next, context);
    expect(read()).toEqual(["i-1", "i-2"]);
    expect((await manifestOf(context, "i-1", nextId)).userData).toBe(userData);
  });

  it("user data is not asked for again when there is none", async () => {
    ec2.on(DescribeInstanceAttributeCommand).resolves({});
    const context = await aScene();
    await snapshot(input, context);
    await snapshot(next, context);
    expect(read()).toHaveLength(2);
    expect((await manifestOf(context, "i-1", nextId)).userData).toBeNull();
  });

  it("user data is read again after a new start, and while an instance is stopped; a kept point keeps its own", async () => {
    const context = await aScene();
    await snapshot(input, context);
    const restarted = { ...instance("i-1"), LaunchTime: new Date("2026-03-02T12:10:00.000Z") };
    const stopped = { ...instance("i-2"), State: { Name: "stopped" as const } };
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [restarted, stopped] }] });
    ec2.on(DescribeInstanceAttributeCommand).resolves({ UserData: { Value: "bmV3" } });
    await snapshot(next, context);
    expect(read()).toEqual(["i-1", "i-2", "i-1", "i-2"]);
    const [before, after] = [await manifestOf(context, "i-1"), await manifestOf(context, "i-1", nextId)];
    expect(await context.store.userData("shop", before.userData!)).toBe("IyE=");
    expect(await context.store.userData("shop", after.userData!)).toBe("bmV3");
  });

  it("one invocation reads the user data of 50 servers; the next one continues after them", async () => {
    showing(...Array.from({ length: 51 }, (_, at) => `i-${10 + at}`));
    const context = await aScene();
    const first = await snapshot(input, context);
    expect(first).toMatchObject({ done: false, next: "again", started: 0, points: [], waitSeconds: 3 });
    expect(await pointOf(context)).toMatchObject({ state: "open", opening: "i-59" });

    const second = await snapshot({ ...input, snapshot: { value: first } }, context);
    expect(second).toMatchObject({ done: false, started: 50 });
    expect((await pointOf(context)).servers).toHaveLength(51);
    const third = await snapshot({ ...input, snapshot: { value: second } }, context);
    expect(third).toMatchObject({ done: true, next: "copy", started: 51, points: [own] });
    expect(read()).toHaveLength(51);
  });

  it("an instance that is gone since the listing is no failure: its server is no part of the point", async () => {
    ec2.on(DescribeInstanceAttributeCommand, { InstanceId: "i-1" }).rejects(fault("InvalidInstanceID.NotFound"));
    const context = await aScene();
    await snapshot(input, context);
    expect((await pointOf(context)).servers).toEqual(["i-2"]);
  });

  it("a denied read is no failure when the instance is terminated and has lost its tags since the listing", async () => {
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({ Reservations: [{ Instances: [instance("i-1"), instance("i-2")] }] })
      .resolves({ Reservations: [{ Instances: [instance("i-2")] }] });
    ec2.on(DescribeInstanceAttributeCommand, { InstanceId: "i-1" }).rejects(fault("UnauthorizedOperation"));
    const context = await aScene();
    await snapshot(input, context);
    expect((await pointOf(context)).servers).toEqual(["i-2"]);
  });

  it("the step fails when the user data of a selected instance is denied: no server is left out silently", async () => {
    ec2.on(DescribeInstanceAttributeCommand, { InstanceId: "i-1" }).rejects(fault("UnauthorizedOperation"));
    await expect(snapshot(input, await aScene())).rejects.toMatchObject({ name: "UnauthorizedOperation" });
  });
});

it("the next pass completes the description of a point that a dead pass described in part", async () => {
  showing(...Array.from({ length: 51 }, (_, at) => `i-${10 + at}`));
  const context = await aScene();
  await snapshot(input, context);
  const later = { ...input, run: { ...run, startedAt: "2026-03-02T12:02:00.000Z" } };
  await snapshot(later, context);
  expect(await pointOf(context)).toMatchObject({ id: own, state: "open" });
  expect((await pointOf(context)).opening).toBeUndefined();
});

it("a point that was never described wholly leaves nothing behind once a newer one is due", async () => {
  showing(...Array.from({ length: 51 }, (_, at) => `i-${10 + at}`));
  const context = await aScene();
  await snapshot(input, context);
  await snapshot(next, context);
  expect(await pointOf(context)).toMatchObject({ state: "discarded", because: "its servers were never all described" });
});

describe("protections and the shutdown behaviour", () => {
  const of = (attribute: string, reply: object) =>
    ec2.on(DescribeInstanceAttributeCommand, { Attribute: attribute as "userData" }).resolves(reply);
  const protections = async (context: Awaited<ReturnType<typeof aScene>>, server: string, point?: string) =>
    (await manifestOf(context, server, point)).settings?.protections;
  const at = "2026-03-02T12:00:00.000Z";

  it("protections and the shutdown behaviour are read once a day, for they may change at any time", async () => {
    of("disableApiStop", { DisableApiStop: { Value: true } });
    of("disableApiTermination", { DisableApiTermination: { Value: true } });
    of("instanceInitiatedShutdownBehavior", { InstanceInitiatedShutdownBehavior: { Value: "terminate" } });
    const context = await aScene();
    await snapshot(input, context);
    const whole = { at, stop: true, termination: true, endsItself: true };
    expect(await protections(context, "i-1")).toEqual(whole);
    of("disableApiStop", { DisableApiStop: { Value: false } });
    await snapshot(next, context);
    expect(await protections(context, "i-1", nextId)).toEqual(whole);
    expect(readOf("disableApiStop")).toEqual(["i-1", "i-2"]);

    const tomorrow = new Date("2026-03-03T12:30:00.000Z");
    const later = { ...input, run: { ...run, startedAt: tomorrow.toISOString() } };
    await snapshot(later, { ...context, now: () => tomorrow });
    const { stop: _, ...rest } = { ...whole, at: tomorrow.toISOString() };
    expect(await protections(context, "i-1", "web.20260303T123000Z")).toEqual(rest);
  });

  it("each pass reads the protections of eight servers, so that user data keeps its calls", async () => {
    showing(...Array.from({ length: 20 }, (_, nth) => `i-${10 + nth}`));
    const context = await aScene();
    await snapshot(input, context);
    await snapshot(next, context);
    expect(readOf("disableApiTermination")).toEqual(Array.from({ length: 16 }, (_, nth) => `i-${10 + nth}`));
    expect(await protections(context, "i-10", nextId)).toEqual({ at });
    expect(await protections(context, "i-29", nextId)).toBeUndefined();
  });

  it("protections that cannot be read keep no server from a point", async () => {
    ec2.on(DescribeInstanceAttributeCommand, { Attribute: "disableApiStop" }).rejects(fault("UnauthorizedOperation"));
    const context = await aScene();
    await snapshot(input, context);
    expect((await pointOf(context)).servers).toEqual(["i-1", "i-2"]);
    expect(await protections(context, "i-1")).toBeUndefined();
  });
});

describe("CPU credits", () => {
  const burstable = { ...instance("i-1"), InstanceType: "t3.large" as const };
  const credits = () => ec2.commandCalls(DescribeInstanceCreditSpecificationsCommand);

  it("CPU credits are read of burstable servers alone, all of them in one call", async () => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [burstable, instance("i-2")] }] });
    ec2.on(DescribeInstanceCreditSpecificationsCommand).resolves({
      InstanceCreditSpecifications: [{ InstanceId: "i-1", CpuCredits: "standard" }],
    });
    const context = await aScene();
    await snapshot(input, context);
    expect(credits().map(({ args: [{ input }] }) => input.InstanceIds)).toEqual([["i-1"]]);
    expect((await manifestOf(context, "i-1")).settings).toMatchObject({ credits: "standard" });
    expect((await manifestOf(context, "i-2")).settings).not.toHaveProperty("credits");
  });

  it("CPU credits that cannot be read keep no server from a point", async () => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [burstable, instance("i-2")] }] });
    ec2.on(DescribeInstanceCreditSpecificationsCommand).rejects(fault("InvalidInstanceID.NotFound"));
    const context = await aScene();
    await snapshot(input, context);
    expect((await manifestOf(context, "i-1")).settings).not.toHaveProperty("credits");
  });

  it("CPU credits are not read when no server is burstable", async () => {
    await snapshot(input, await aScene());
    expect(credits()).toEqual([]);
  });
});
